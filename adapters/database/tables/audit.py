"""The history of all, and the chain that its lines are links of."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Integer, Text

from adapters.database.columns import Moment, Sequence64
from adapters.database.tables.base import metadata, partial

events = sa.Table(
    "events",
    metadata,
    Column("seq", Sequence64, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("kind", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("refund_id", Text),
    Column("transfer_id", Text),
    Column("wallet", Text),
    Column("alarm", Boolean, nullable=False),
    Column("order_id", Text),
    Column("number", BigInteger),
    Column("mac", Text),
    Column("facts", Text, nullable=False, server_default=""),
)
ALARMS = events.c.alarm.is_(sa.true())
NUMBERED = events.c.number.is_not(None)
UNCHAINED = events.c.number.is_(None)
"""From before there was a chain."""

# What is older than the chain has no number: of those the row number tells the order.
_IN_ORDER = (events.c.number, events.c.seq)
partial("events_of_refund", events.c.refund_id, *_IN_ORDER, where=events.c.refund_id.is_not(None))
partial("events_of_transfer", events.c.transfer_id, *_IN_ORDER, where=events.c.transfer_id.is_not(None))
partial("events_of_order", events.c.order_id, *_IN_ORDER, where=events.c.order_id.is_not(None))
partial("events_alarms", *_IN_ORDER, where=ALARMS)
partial("events_number", events.c.number, where=NUMBERED, unique=True)
partial("events_unchained", events.c.seq, where=UNCHAINED)

audit_head = sa.Table(
    "audit_head",
    metadata,
    Column("only_row", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    Column("mac", Text, nullable=False),
    Column("before", BigInteger, nullable=False),
)
ONLY_ROW = 1

places = sa.Table(
    "places",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
)
