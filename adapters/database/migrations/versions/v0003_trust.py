"""
The audit chain, API keys and their replies, replaced revisions, and the outbox.

What is in `events` already stays outside of the chain: `audit_head.before` says how many lines those are. The chain
itself begins with the first commit, because its key is not in the database.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, Text, false, text

from adapters.database.columns import Moment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

APPEND_ONLY = ("revisions", "replies")
_TABLES = ("places", "deliveries", "messages", "endpoints", "revisions", "replies", "api_keys", "audit_head")
_SUBJECTS = ("refund", "transfer", "order")


def upgrade() -> None:
    """Make the tables, number the events to come, and let pauses end by themselves."""
    op.add_column("refunds", Column("amended_at", Moment))
    op.add_column("refunds", Column("amended_by", Text))
    op.add_column("refunds", Column("seal", Text, nullable=False, server_default=""))
    op.add_column("approvals", Column("policy", Text, nullable=False, server_default="first form"))
    op.add_column("attempts", Column("automatic", Boolean, nullable=False, server_default=false()))
    op.add_column("wallets", Column("low", Boolean, nullable=False, server_default=false()))
    op.add_column("pauses", Column("until", Moment))
    _chain()
    _keys()
    _outbox()
    for table in APPEND_ONLY:
        _forbid(table, "UPDATE", "DELETE")
    # One that everybody has taken is forgotten in time; none is ever edited.
    _forbid("messages", "UPDATE")


def downgrade() -> None:
    """Take them away. The history stays, without its chain."""
    for table in _TABLES:
        op.drop_table(table)
    for name in ("events_unchained", "events_number", "events_alarms", *_of_subjects()):
        op.drop_index(name, table_name="events")
    op.drop_column("events", "facts")
    op.drop_column("events", "mac")
    op.drop_column("events", "number")
    for subject, name in zip(_SUBJECTS, _of_subjects(), strict=True):
        _index(name, "events", [f"{subject}_id", "seq"], f"{subject}_id IS NOT NULL")
    _index("events_alarms", "events", ["seq"], _is_true("alarm"))
    op.drop_column("pauses", "until")
    op.drop_column("wallets", "low")
    op.drop_column("attempts", "automatic")
    op.drop_column("approvals", "policy")
    for name in ("seal", "amended_by", "amended_at"):
        op.drop_column("refunds", name)


def _of_subjects() -> tuple[str, ...]:
    return tuple(f"events_of_{subject}" for subject in _SUBJECTS)


def _is_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _index(name: str, table: str, columns: list[str], where: str | None = None, *, unique: bool = False) -> None:
    condition = text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _is_true(column: str) -> str:
    return f"{column} IS true" if _is_postgresql() else f"{column} IS 1"


def _chain() -> None:
    op.add_column("events", Column("number", BigInteger))
    op.add_column("events", Column("mac", Text))
    op.add_column("events", Column("facts", Text, nullable=False, server_default=""))
    for subject, name in zip(_SUBJECTS, _of_subjects(), strict=True):
        op.drop_index(name, table_name="events")
        _index(name, "events", [f"{subject}_id", "number", "seq"], f"{subject}_id IS NOT NULL")
    op.drop_index("events_alarms", table_name="events")
    _index("events_alarms", "events", ["number", "seq"], _is_true("alarm"))
    _index("events_number", "events", ["number"], "number IS NOT NULL", unique=True)
    _index("events_unchained", "events", ["seq"], "number IS NULL")
    op.create_table(
        "audit_head",
        Column("only_row", Integer, primary_key=True, autoincrement=False),
        Column("number", BigInteger, nullable=False),
        Column("mac", Text, nullable=False),
        Column("before", BigInteger, nullable=False),
    )
    op.execute("INSERT INTO audit_head (only_row, number, mac, \"before\") SELECT 1, 0, '', count(*) FROM events")
    op.create_table(
        "places",
        Column("reader", Text, primary_key=True),
        Column("number", BigInteger, nullable=False),
    )


def _keys() -> None:
    op.create_table(
        "api_keys",
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
    op.create_table(
        "replies",
        Column("key", Text, primary_key=True),
        Column("fingerprint", Text, nullable=False),
        Column("status", Integer, nullable=False),
        Column("body", Text, nullable=False),
        Column("at", Moment, nullable=False),
    )
    op.create_table(
        "revisions",
        Column("refund_id", Text, ForeignKey("refunds.id"), primary_key=True),
        Column("number", Integer, primary_key=True),
        Column("destination", Text, nullable=False),
        Column("memo", Text),
        Column("replaced_by", Text, nullable=False),
        Column("replaced_at", Moment, nullable=False),
    )


def _outbox() -> None:
    op.create_table(
        "endpoints",
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
    op.create_table(
        "messages",
        Column("id", Text, primary_key=True),
        Column("number", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("refund_id", Text),
        Column("body", Text, nullable=False),
        Column("at", Moment, nullable=False),
        Column("mac", Text, nullable=False),
    )
    op.create_table(
        "deliveries",
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
    pending = "status = 'PENDING'"
    _index("deliveries_listed", "deliveries", ["number", "id"])
    _index("deliveries_of_endpoint", "deliveries", ["endpoint_id", "number", "id"])
    _index("deliveries_of_refund", "deliveries", ["refund_id", "number", "id"], "refund_id IS NOT NULL")
    _index("deliveries_of_message", "deliveries", ["message_id"])
    _index("deliveries_failed", "deliveries", ["number", "id"], "status = 'FAILED'")
    _index("deliveries_ended", "deliveries", ["ended_at"], "ended_at IS NOT NULL")
    _index("deliveries_due", "deliveries", ["endpoint_id", "next_at", "number"], pending)
    _index("deliveries_in_turn", "deliveries", ["endpoint_id", "refund_id", "number"], pending)


def _forbid(table: str, *verbs: str) -> None:
    if _is_postgresql():  # The function came with the first tables.
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE {' OR '.join((*verbs, 'TRUNCATE'))} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION payout_append_only()"
        )
        return
    for verb in verbs:
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
