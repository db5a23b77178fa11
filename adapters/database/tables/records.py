"""The smaller tables: wallets and their leases, pauses, counters, and the events of all."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Index, Text

from adapters.database.columns import Moment, Sequence64
from adapters.database.tables.base import metadata, partial

wallets = sa.Table(
    "wallets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("network", Text, nullable=False),
    Column("adopted_height", BigInteger, nullable=False),
    Column("tip", BigInteger, nullable=False),
    Column("tip_at", Moment),
)

known_spends = sa.Table(
    "known_spends",
    metadata,
    Column("txid", Text, primary_key=True),
    Column("wallet", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
Index("known_spends_of_wallet", known_spends.c.wallet, known_spends.c.at)

leases = sa.Table(
    "leases",
    metadata,
    Column("wallet", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", Moment, nullable=False),
)


pauses = sa.Table(
    "pauses",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("who", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("used", BigInteger, nullable=False),
)

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
)
ALARMS = events.c.alarm.is_(sa.true())
partial("events_of_refund", events.c.refund_id, events.c.seq, where=events.c.refund_id.is_not(None))
partial(
    "events_of_transfer",
    events.c.transfer_id,
    events.c.seq,
    where=events.c.transfer_id.is_not(None),
)
partial("events_of_order", events.c.order_id, events.c.seq, where=events.c.order_id.is_not(None))
partial("events_alarms", events.c.seq, where=ALARMS)
