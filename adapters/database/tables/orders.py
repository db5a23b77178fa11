"""Orders at processors, and the addresses of ours that they return to."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Text

from adapters.database.columns import Moment, Units
from adapters.database.tables.base import is_one_literally, metadata, partial

orders = sa.Table(
    "orders",
    metadata,
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
LIVE_ORDER = is_one_literally(orders.c.status, ("ASKED", "UNFUNDED", "FUNDED"))
ENDED_TO_WATCH = sa.and_(is_one_literally(orders.c.status, ("SETTLED", "RETURNED")), orders.c.watched.is_(sa.false()))
ORDER_AGE = (orders.c.asked_at, orders.c.refund_id, orders.c.number)
"""Longest asked first, and the same on every database."""

Index("orders_listed", *ORDER_AGE)
Index("orders_of_refund", orders.c.refund_id, orders.c.number)
partial("orders_funded_by", orders.c.transfer_id, where=orders.c.transfer_id.is_not(None))
partial("orders_live", orders.c.status, *ORDER_AGE, where=LIVE_ORDER)
partial("orders_to_watch", *ORDER_AGE, where=ENDED_TO_WATCH)
partial("orders_one_live", orders.c.refund_id, where=LIVE_ORDER, unique=True)
Index("orders_return_address", orders.c.return_address, unique=True)
partial("orders_deposit_address", orders.c.deposit_address, where=orders.c.deposit_address.is_not(None), unique=True)
partial(
    "orders_processor_id",
    orders.c.processor_id,
    orders.c.processor,
    where=orders.c.processor_id.is_not(None),
    unique=True,
)
partial(
    "orders_arrival",
    orders.c.arrival_id,
    orders.c.receive_network,
    where=orders.c.arrival_id.is_not(None),
    unique=True,
)

return_addresses = sa.Table(
    "return_addresses",
    metadata,
    Column("address", Text, primary_key=True),
    Column("wallet", Text, nullable=False),
    Column("address_index", BigInteger, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("taken", Boolean, nullable=False),
)
FREE = return_addresses.c.taken.is_(sa.false())
partial(
    "return_addresses_free",
    return_addresses.c.wallet,
    return_addresses.c.made_at,
    return_addresses.c.address_index,
    where=FREE,
)
