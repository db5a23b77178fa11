"""
Orders at processors, and the addresses of ours that they return to.

An order is changed as often as its processor says something new; its history is in the events.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, Text, text

from adapters.database.columns import Moment, Units

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LIVE = "status IN ('ASKED', 'UNFUNDED', 'FUNDED')"
_BY_AGE = ["asked_at", "refund_id", "number"]


def upgrade() -> None:
    """Make the two tables, and let attempts and events name an order."""
    _orders()
    _return_addresses()
    op.add_column("attempts", Column("order_id", Text))
    op.add_column("attempts", Column("deposit_address", Text))
    op.add_column("events", Column("order_id", Text))
    _index("events_of_order", "events", ["order_id", "seq"], "order_id IS NOT NULL")


def downgrade() -> None:
    """Take them away. What was paid through orders is then no longer on record: only the spend journal has it."""
    op.drop_index("events_of_order", table_name="events")
    op.drop_column("events", "order_id")
    op.drop_column("attempts", "deposit_address")
    op.drop_column("attempts", "order_id")
    op.drop_table("return_addresses")
    op.drop_table("orders")


def _is_postgresql() -> bool:
    return bool(op.get_bind().dialect.name == "postgresql")


def _index(name: str, table: str, columns: list[str], where: str | None = None, *, unique: bool = False) -> None:
    condition = text(where) if where else None
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _is_false(column: str) -> str:
    return f"{column} IS false" if _is_postgresql() else f"{column} IS 0"


def _orders() -> None:
    op.create_table(
        "orders",
        Column("id", Text, primary_key=True),
        Column("refund_id", Text, ForeignKey("refunds.id"), nullable=False),
        Column("number", Integer, nullable=False),
        Column("processor", Text, nullable=False),
        Column("wallet", Text, nullable=False),
        Column("revision", Integer, nullable=False),
        Column("status", Text, nullable=False),
        Column("destination", Text, nullable=False),
        Column("memo", Text),
        Column("receive_code", Text, nullable=False),
        Column("receive_network", Text, nullable=False),
        Column("receive_decimals", Integer, nullable=False),
        Column("receive_units", Units, nullable=False),
        Column("rate", Text, nullable=False),
        Column("quote_id", Text, nullable=False),
        Column("deposit_code", Text, nullable=False),
        Column("deposit_network", Text, nullable=False),
        Column("deposit_decimals", Integer, nullable=False),
        Column("offered_units", Units, nullable=False),
        Column("deposit_units", Units),
        Column("offer_ref", Text),
        Column("offer_expires_at", Moment),
        Column("return_address", Text, nullable=False),
        Column("return_index", BigInteger, nullable=False),
        Column("processor_id", Text),
        Column("sealed_secret", Text),
        Column("deposit_address", Text),
        Column("expires_at", Moment),
        Column("transfer_id", Text, ForeignKey("transfers.id")),
        Column("stage", Text),
        Column("status_text", Text),
        Column("reason", Text),
        Column("support_url", Text),
        Column("said_at", Moment),
        Column("missing", Integer, nullable=False),
        Column("settle_txid", Text),
        Column("arrival_id", Text),
        Column("settle_height", BigInteger),
        Column("settle_block", Text),
        Column("attested_by", Text),
        Column("return_txid", Text),
        Column("returned_units", Units),
        Column("trouble", Text),
        Column("asked_at", Moment, nullable=False),
        Column("funded_at", Moment),
        Column("ended_at", Moment),
        Column("poked_at", Moment),
        Column("watched", Boolean, nullable=False),
        Column("version", Integer, nullable=False),
    )
    _order_queues()
    _order_claims()


def _order_queues() -> None:
    _index("orders_listed", "orders", _BY_AGE)
    _index("orders_of_refund", "orders", ["refund_id", "number"])
    _index("orders_funded_by", "orders", ["transfer_id"], "transfer_id IS NOT NULL")
    _index("orders_live", "orders", ["status", *_BY_AGE], _LIVE)
    _index("orders_to_watch", "orders", _BY_AGE, f"status IN ('SETTLED', 'RETURNED') AND {_is_false('watched')}")


def _order_claims() -> None:
    """What two orders may never share."""
    by_address = "deposit_address IS NOT NULL"
    by_name = "processor_id IS NOT NULL"
    _index("orders_one_live", "orders", ["refund_id"], _LIVE, unique=True)
    _index("orders_return_address", "orders", ["return_address"], unique=True)
    _index("orders_deposit_address", "orders", ["deposit_address"], by_address, unique=True)
    _index("orders_processor_id", "orders", ["processor_id", "processor"], by_name, unique=True)
    _index("orders_arrival", "orders", ["arrival_id", "receive_network"], "arrival_id IS NOT NULL", unique=True)


def _return_addresses() -> None:
    op.create_table(
        "return_addresses",
        Column("address", Text, primary_key=True),
        Column("wallet", Text, nullable=False),
        Column("address_index", BigInteger, nullable=False),
        Column("made_at", Moment, nullable=False),
        Column("taken", Boolean, nullable=False),
    )
    free = ["wallet", "made_at", "address_index"]
    _index("return_addresses_free", "return_addresses", free, _is_false("taken"))
