"""
The tables. What they must never allow is an index here; what they must never forget is a trigger in the migration.

`migrations/` makes them; a test compares the two. A condition of a partial index is written as a literal and used
again in the queries, because neither planner takes such an index for a bound parameter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Text

from adapters.database.columns import Moment, Sequence64, Units

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

metadata = sa.MetaData()


def is_literally(column: Column[Any], word: str) -> ColumnElement[bool]:
    """`column = 'word'`, with the word in the SQL itself."""
    return column == sa.literal_column(f"'{word}'")


def is_not_literally(column: Column[Any], word: str) -> ColumnElement[bool]:
    """`column != 'word'`, with the word in the SQL itself."""
    return column != sa.literal_column(f"'{word}'")


def _partial(name: str, *columns: Column[Any], where: Any, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, info={_WHERE: where})


_WHERE = "where"


def complete_metadata() -> sa.MetaData:
    """
    All tables with the conditions of their partial indexes, as migrations make them.

    Apart from the tables, because to name PostgreSQL's options SQLAlchemy imports all of its drivers: a third of the
    time that the store takes to start.
    """
    for index in (each for table in metadata.tables.values() for each in table.indexes):
        where = index.info.get(_WHERE)
        if where is not None:
            index.dialect_kwargs["sqlite_where"] = index.dialect_kwargs["postgresql_where"] = where
    return metadata


# ---------------------------------------------------------------- refunds

refunds = sa.Table(
    "refunds",
    metadata,
    Column("id", Text, primary_key=True),
    Column("external_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("owed_cents", BigInteger, nullable=False),
    Column("asset_code", Text, nullable=False),
    Column("asset_network", Text, nullable=False),
    Column("asset_decimals", Integer, nullable=False),
    Column("destination", Text, nullable=False),
    Column("memo", Text),
    Column("payment_tx", Text),
    Column("paid_cents", BigInteger),
    Column("amount_max_units", Units),
    Column("reason", Text),
    Column("facts", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("waiting_for", Text),
    Column("hold_reason", Text),
    Column("passed_over", Integer, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("approved_at", Moment),
    Column("approved_until", Moment),
    Column("paid_at", Moment),
    Column("attempts", Integer, nullable=False),
    Column("version", Integer, nullable=False),
)
APPROVED = is_literally(refunds.c.status, "APPROVED")
Index("refunds_external_id", refunds.c.external_id, unique=True)
Index("refunds_listed", refunds.c.requested_at, refunds.c.id)
Index("refunds_by_status", refunds.c.status, refunds.c.requested_at, refunds.c.id)
_partial(
    "refunds_payable",
    refunds.c.asset_code,
    refunds.c.asset_network,
    refunds.c.approved_at,
    refunds.c.id,
    where=APPROVED,
)
_partial("refunds_expiring", refunds.c.approved_until, refunds.c.id, where=APPROVED)
_partial("refunds_of_payment", refunds.c.payment_tx, where=refunds.c.payment_tx.is_not(None))

payments = sa.Table(
    "payments",
    metadata,
    Column("payment_tx", Text, primary_key=True),
    Column("paid_cents", BigInteger),
)

approvals = sa.Table(
    "approvals",
    metadata,
    Column("seq", Sequence64, primary_key=True),
    Column("refund_id", Text, ForeignKey("refunds.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("signer", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("signed_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("signature", Text, nullable=False),
)
Index("approvals_of_refund", approvals.c.refund_id, approvals.c.seq)

# ---------------------------------------------------------------- transfers

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
_partial("transfers_open", *_BY_AGE, where=OPEN)
_partial("transfers_to_watch", *_BY_AGE, where=TO_WATCH)
_partial("transfers_begun", transfers.c.wallet, transfers.c.begun_at, transfers.c.id, where=BEGUN)

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
_partial(
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

# A repaired attempt may name a quote that only the lost database had: no foreign key there.
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
)
LIVE = is_not_literally(attempts.c.status, "FAILED")
UNPROVEN = sa.and_(is_literally(attempts.c.status, "OPEN"), attempts.c.proof.is_(None))
Index("attempts_of_refund", attempts.c.refund_id, attempts.c.number, unique=True)
Index("attempts_of_transfer", attempts.c.transfer_id)
_partial("attempts_one_live", attempts.c.refund_id, where=LIVE, unique=True)
_partial("attempts_unproven", attempts.c.opened_at, attempts.c.id, where=UNPROVEN)

# ---------------------------------------------------------------- wallets

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

# ---------------------------------------------------------------- all

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
)
ALARMS = events.c.alarm.is_(sa.true())
_partial("events_of_refund", events.c.refund_id, events.c.seq, where=events.c.refund_id.is_not(None))
_partial(
    "events_of_transfer",
    events.c.transfer_id,
    events.c.seq,
    where=events.c.transfer_id.is_not(None),
)
_partial("events_alarms", events.c.seq, where=ALARMS)
