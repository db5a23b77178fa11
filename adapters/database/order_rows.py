"""
Orders and return addresses to rows and back, by hand, column by column.

An order that is read must equal the one that was written: it is compared with what its processor says, and paid.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.database.refund_rows import asset
from payout.change import ReturnAddress
from payout.errors import BadInput
from payout.money import Money
from payout.order import Order, OrderStatus, Stage

if TYPE_CHECKING:
    from sqlalchemy import Row

    from adapters.database.refund_rows import Values

_AS_THEY_ARE = (
    "id",
    "refund_id",
    "number",
    "processor",
    "wallet",
    "revision",
    "destination",
    "memo",
    "quote_id",
    "offer_ref",
    "offer_expires_at",
    "return_address",
    "return_index",
    "processor_id",
    "sealed_secret",
    "deposit_address",
    "expires_at",
    "transfer_id",
    "status_text",
    "reason",
    "support_url",
    "said_at",
    "missing",
    "settle_txid",
    "arrival_id",
    "settle_height",
    "settle_block",
    "attested_by",
    "return_txid",
    "returned_units",
    "trouble",
    "asked_at",
    "funded_at",
    "ended_at",
    "poked_at",
    "watched",
    "version",
)
"""Fields that are their columns."""


def order_row(order: Order) -> Values:
    """
    All columns of an order.

    Raises:
        BadInput: its deposit is counted in another asset than its offer was.
    """
    pays, gets = order.offered.asset, order.receive.asset
    if order.deposit is not None and order.deposit.asset != pays:
        problem = f"is in {order.deposit.asset.code}, and the offer was in {pays.code}"
        raise BadInput("deposit", problem, f"drop order {order.id}")
    return {
        **{name: getattr(order, name) for name in _AS_THEY_ARE},
        "status": str(order.status),
        "stage": None if order.stage is None else str(order.stage),
        "rate": str(order.rate),
        "receive_code": gets.code,
        "receive_network": gets.network,
        "receive_decimals": gets.decimals,
        "receive_units": order.receive.units,
        "deposit_code": pays.code,
        "deposit_network": pays.network,
        "deposit_decimals": pays.decimals,
        "offered_units": order.offered.units,
        "deposit_units": None if order.deposit is None else order.deposit.units,
    }


def order_of(row: Row[Any]) -> Order:
    """The order of a row of `orders`."""
    values = row._asdict()
    pays = asset(row.deposit_code, row.deposit_network, row.deposit_decimals)
    gets = asset(row.receive_code, row.receive_network, row.receive_decimals)
    return Order(
        **{name: values[name] for name in _AS_THEY_ARE if name != "id"},
        status=OrderStatus(row.status),
        stage=None if row.stage is None else Stage(row.stage),
        rate=Decimal(row.rate),
        receive=Money(row.receive_units, gets),
        offered=Money(row.offered_units, pays),
        deposit=None if row.deposit_units is None else Money(row.deposit_units, pays),
    )


def return_address_row(made: ReturnAddress, *, taken: bool) -> Values:
    """All columns of a return address."""
    return {
        "address": made.address,
        "wallet": made.wallet,
        "address_index": made.index,
        "made_at": made.made_at,
        "taken": taken,
    }


def return_address_of(row: Row[Any]) -> ReturnAddress:
    """The address of a row of `return_addresses`."""
    return ReturnAddress(address=row.address, wallet=row.wallet, index=row.address_index, made_at=row.made_at)
