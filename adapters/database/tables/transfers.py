"""Transfers with what they spend, and the attempts that they pay at the prices of their quotes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Text

from adapters.database.columns import Moment, Units
from adapters.database.tables.base import is_literally, is_not_literally, metadata, partial

transfers = sa.Table(
    "transfers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("wallet", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("outputs", Text, nullable=False),
    Column("fee_units", Units, nullable=False),
    Column("key_images", Text, nullable=False),
    Column("replaces", Text),
    Column("committed_at", Moment, nullable=False),
    Column("begun_at", Moment),
    Column("give_up_by", Text),
    Column("give_up_why", Text),
    Column("place", Text, nullable=False),
    Column("height", BigInteger),
    Column("block_hash", Text),
    Column("depth", BigInteger, nullable=False),
    Column("unseen_since", Moment),
    Column("pool_since", Moment),
    Column("refused_at", Text, nullable=False),
    Column("final_at", Moment),
    Column("watched", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
)
OPEN = is_literally(transfers.c.status, "OPEN")
TO_WATCH = sa.and_(is_not_literally(transfers.c.status, "OPEN"), transfers.c.watched.is_(sa.false()))
BEGUN = transfers.c.begun_at.is_not(None)
_BY_AGE = (transfers.c.wallet, transfers.c.committed_at, transfers.c.id)
Index("transfers_listed", transfers.c.committed_at, transfers.c.id)
partial("transfers_open", *_BY_AGE, where=OPEN)
partial("transfers_to_watch", *_BY_AGE, where=TO_WATCH)
partial("transfers_begun", transfers.c.wallet, transfers.c.begun_at, transfers.c.id, where=BEGUN)

# The payload is large and never changes: apart, a sighting does not write it to disk again.
payloads = sa.Table(
    "payloads",
    metadata,
    Column("transfer_id", Text, ForeignKey("transfers.id"), primary_key=True),
    Column("sealed", Text, nullable=False),
)

key_images = sa.Table(
    "key_images",
    metadata,
    Column("key_image", Text, primary_key=True),
    Column("transfer_id", Text, ForeignKey("transfers.id"), primary_key=True),
    Column("role", Text, nullable=False),
    Column("live", Boolean, nullable=False),
)
partial(
    "key_images_one_live",
    key_images.c.key_image,
    key_images.c.role,
    where=key_images.c.live.is_(sa.true()),
    unique=True,
)
Index("key_images_of_transfer", key_images.c.transfer_id)

quotes = sa.Table(
    "quotes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("body", Text, nullable=False),
)

# A repaired attempt may name a quote that only the lost database had: no foreign key there. Nor to its order, as
# SQLite could never take such a column away again: a commit looks for the order itself.
attempts = sa.Table(
    "attempts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("refund_id", Text, ForeignKey("refunds.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("transfer_id", Text, ForeignKey("transfers.id"), nullable=False),
    Column("destination", Text, nullable=False),
    Column("asset_code", Text, nullable=False),
    Column("asset_network", Text, nullable=False),
    Column("asset_decimals", Integer, nullable=False),
    Column("amount_units", Units, nullable=False),
    Column("rate", Text, nullable=False),
    Column("quote_id", Text, nullable=False),
    Column("manifest_digest", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("proof", Text),
    Column("opened_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("order_id", Text),
    Column("deposit_address", Text),
    Column("automatic", Boolean, nullable=False, server_default=sa.false()),
)
LIVE = is_not_literally(attempts.c.status, "FAILED")
UNPROVEN = sa.and_(is_literally(attempts.c.status, "OPEN"), attempts.c.proof.is_(None))
Index("attempts_of_refund", attempts.c.refund_id, attempts.c.number, unique=True)
Index("attempts_of_transfer", attempts.c.transfer_id)
partial("attempts_one_live", attempts.c.refund_id, where=LIVE, unique=True)
partial("attempts_unproven", attempts.c.opened_at, attempts.c.id, where=UNPROVEN)
