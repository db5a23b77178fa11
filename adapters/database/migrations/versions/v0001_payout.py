"""
The first tables: refunds, transfers, attempts, and what guards them.

Events, approvals, quotes and payloads are only ever added to: triggers refuse every UPDATE and DELETE, also those
of a person at the database's own prompt.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, Text, text

from adapters.database.columns import Moment, Sequence64, Units

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("events", "approvals", "quotes", "payloads")
_TABLES = (
    "events",
    "counters",
    "pauses",
    "leases",
    "known_spends",
    "wallets",
    "attempts",
    "quotes",
    "key_images",
    "payloads",
    "transfers",
    "approvals",
    "payments",
    "refunds",
)


def upgrade() -> None:
    """Make all tables, indexes and triggers."""
    _refunds()
    _transfers()
    _attempts()
    _wallets()
    _events()
    for table in APPEND_ONLY:
        _forbid_changes(table)


def downgrade() -> None:
    """Take all of it away."""
    for table in _TABLES:
        op.drop_table(table)
    if _is_postgresql():
        op.execute("DROP FUNCTION payout_append_only()")


def _is_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _index(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    condition = text(where) if where else None
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _unique(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    condition = text(where) if where else None
    op.create_index(name, table, columns, unique=True, sqlite_where=condition, postgresql_where=condition)


def _is_false(column: str) -> str:
    return f"{column} IS false" if _is_postgresql() else f"{column} IS 0"


def _is_true(column: str) -> str:
    return f"{column} IS true" if _is_postgresql() else f"{column} IS 1"


def _refunds() -> None:
    op.create_table(
        "refunds",
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
    approved = "status = 'APPROVED'"
    payable = ["asset_code", "asset_network", "approved_at", "id"]
    _unique("refunds_external_id", "refunds", ["external_id"])
    _index("refunds_listed", "refunds", ["requested_at", "id"])
    _index("refunds_by_status", "refunds", ["status", "requested_at", "id"])
    _index("refunds_payable", "refunds", payable, approved)
    _index("refunds_expiring", "refunds", ["approved_until", "id"], approved)
    _index("refunds_of_payment", "refunds", ["payment_tx"], "payment_tx IS NOT NULL")
    op.create_table(
        "payments",
        Column("payment_tx", Text, primary_key=True),
        Column("paid_cents", BigInteger),
    )
    op.create_table(
        "approvals",
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
    _index("approvals_of_refund", "approvals", ["refund_id", "seq"])


def _transfers() -> None:
    op.create_table(
        "transfers",
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
    by_age = ["wallet", "committed_at", "id"]
    to_watch = f"status != 'OPEN' AND {_is_false('watched')}"
    _index("transfers_listed", "transfers", ["committed_at", "id"])
    _index("transfers_open", "transfers", by_age, "status = 'OPEN'")
    _index("transfers_to_watch", "transfers", by_age, to_watch)
    begun = ["wallet", "begun_at", "id"]
    _index("transfers_begun", "transfers", begun, "begun_at IS NOT NULL")
    op.create_table(
        "payloads",
        Column("transfer_id", Text, ForeignKey("transfers.id"), primary_key=True),
        Column("sealed", Text, nullable=False),
    )
    op.create_table(
        "key_images",
        Column("key_image", Text, primary_key=True),
        Column("transfer_id", Text, ForeignKey("transfers.id"), primary_key=True),
        Column("role", Text, nullable=False),
        Column("live", Boolean, nullable=False),
    )
    live = _is_true("live")
    _unique("key_images_one_live", "key_images", ["key_image", "role"], live)
    _index("key_images_of_transfer", "key_images", ["transfer_id"])


def _attempts() -> None:
    op.create_table(
        "quotes",
        Column("id", Text, primary_key=True),
        Column("body", Text, nullable=False),
    )
    op.create_table(
        "attempts",
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
    live = "status != 'FAILED'"
    _unique("attempts_of_refund", "attempts", ["refund_id", "number"])
    _index("attempts_of_transfer", "attempts", ["transfer_id"])
    _unique("attempts_one_live", "attempts", ["refund_id"], live)
    _index("attempts_unproven", "attempts", ["opened_at", "id"], "status = 'OPEN' AND proof IS NULL")


def _wallets() -> None:
    op.create_table(
        "wallets",
        Column("name", Text, primary_key=True),
        Column("address", Text, nullable=False),
        Column("network", Text, nullable=False),
        Column("adopted_height", BigInteger, nullable=False),
        Column("tip", BigInteger, nullable=False),
        Column("tip_at", Moment),
    )
    op.create_table(
        "known_spends",
        Column("txid", Text, primary_key=True),
        Column("wallet", Text, nullable=False),
        Column("who", Text, nullable=False),
        Column("why", Text, nullable=False),
        Column("at", Moment, nullable=False),
    )
    _index("known_spends_of_wallet", "known_spends", ["wallet", "at"])
    op.create_table(
        "leases",
        Column("wallet", Text, primary_key=True),
        Column("owner", Text, nullable=False),
        Column("epoch", BigInteger, nullable=False),
        Column("expires_at", Moment, nullable=False),
    )


def _events() -> None:
    op.create_table(
        "pauses",
        Column("scope", Text, primary_key=True),
        Column("who", Text, primary_key=True),
        Column("why", Text, nullable=False),
        Column("at", Moment, nullable=False),
    )
    op.create_table(
        "counters",
        Column("scope", Text, primary_key=True),
        Column("day", Text, primary_key=True),
        Column("used", BigInteger, nullable=False),
    )
    op.create_table(
        "events",
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
    _index("events_of_refund", "events", ["refund_id", "seq"], "refund_id IS NOT NULL")
    _index("events_of_transfer", "events", ["transfer_id", "seq"], "transfer_id IS NOT NULL")
    _index("events_alarms", "events", ["seq"], _is_true("alarm"))


def _forbid_changes(table: str) -> None:
    if _is_postgresql():
        op.execute(
            "CREATE OR REPLACE FUNCTION payout_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION payout_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
