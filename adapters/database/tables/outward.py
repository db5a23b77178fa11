"""What stands between us and the merchant's programs: API keys, replies, endpoints, and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Text

from adapters.database.columns import Moment
from adapters.database.tables.base import is_literally, metadata, partial

api_keys = sa.Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("networks", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("revoked_by", Text),
    Column("version", Integer, nullable=False),
)

replies = sa.Table(
    "replies",
    metadata,
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

endpoints = sa.Table(
    "endpoints",
    metadata,
    Column("id", Text, primary_key=True),
    Column("url", Text, nullable=False),
    Column("types", Text, nullable=False),
    Column("sealed_secrets", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("stopped_at", Moment),
    Column("stopped_why", Text),
    Column("version", Integer, nullable=False),
)

messages = sa.Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("type", Text, nullable=False),
    Column("refund_id", Text),
    Column("body", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("mac", Text, nullable=False),
)

# An endpoint is not referenced: that would lock its row while the end of the audit chain is locked.
deliveries = sa.Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("message_id", Text, ForeignKey("messages.id"), nullable=False),
    Column("endpoint_id", Text, nullable=False),
    Column("refund_id", Text),
    Column("number", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Moment, nullable=False),
    Column("first_tried_at", Moment),
    Column("said", Text),
    Column("ended_at", Moment),
)
PENDING = is_literally(deliveries.c.status, "PENDING")
FAILED = is_literally(deliveries.c.status, "FAILED")
Index("deliveries_listed", deliveries.c.number, deliveries.c.id)
Index("deliveries_of_endpoint", deliveries.c.endpoint_id, deliveries.c.number, deliveries.c.id)
partial(
    "deliveries_of_refund",
    deliveries.c.refund_id,
    deliveries.c.number,
    deliveries.c.id,
    where=deliveries.c.refund_id.is_not(None),
)
Index("deliveries_of_message", deliveries.c.message_id)
partial("deliveries_failed", deliveries.c.number, deliveries.c.id, where=FAILED)
partial("deliveries_ended", deliveries.c.ended_at, where=deliveries.c.ended_at.is_not(None))
partial("deliveries_due", deliveries.c.endpoint_id, deliveries.c.next_at, deliveries.c.number, where=PENDING)
partial("deliveries_in_turn", deliveries.c.endpoint_id, deliveries.c.refund_id, deliveries.c.number, where=PENDING)
