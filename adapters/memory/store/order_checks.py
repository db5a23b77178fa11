"""
What a change's orders must fulfil: versions first, then what no two of them may share, then what they name.

Nothing here writes. The rules are told apart as the port tells them: StaleWrite reads again, OrderTaken drops the new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payout.errors import OrderTaken, StaleWrite
from payout.order import LIVE

if TYPE_CHECKING:
    from collections.abc import Hashable

    from adapters.memory.store.tables import Tables
    from payout.change import Change
    from payout.order import Order


def check(tables: Tables, change: Change) -> None:
    """
    Raise what the port says, or return.

    Raises:
        StaleWrite: an order is not the version that the change was made from, or names what is not on record.
        OrderTaken: another order has what one of these wants for itself.
    """
    if not change.orders:
        return
    staged = _versions(tables, change)
    after = {**tables.orders, **staged}
    for order in staged.values():
        _alone(order, after)
    _references(tables, change)


def _versions(tables: Tables, change: Change) -> dict[str, Order]:
    staged: dict[str, Order] = {}
    for order in change.orders:
        before = staged.get(order.id) or tables.orders.get(order.id)
        seen = None if before is None else before.version
        if seen != (None if order.version == 0 else order.version - 1):
            raise StaleWrite(f"order {order.id} has moved: read it again")
        staged[order.id] = order
    return staged


def _references(tables: Tables, change: Change) -> None:
    new = {refund.id for refund in change.refunds}
    sent = {None, *(transfer.id for transfer in change.transfers)}
    for order in change.orders:
        if order.refund_id not in tables.refunds and order.refund_id not in new:
            raise StaleWrite(f"order {order.id} names a refund that is not on record")
        if order.transfer_id not in tables.transfers and order.transfer_id not in sent:
            raise StaleWrite(f"order {order.id} names a transfer that is not on record")


def _alone(order: Order, after: dict[str, Order]) -> None:
    wanted = _claims(order)
    for other in after.values():
        if other.id == order.id:
            continue
        for (what, claim), taken in zip(wanted.items(), _claims(other).values(), strict=True):
            if claim is not None and claim == taken:
                raise OrderTaken(f"order {order.id} has the same {what} as order {other.id}: drop it")


def _claims(order: Order) -> dict[str, Hashable]:
    """What no other order may have; None claims nothing."""
    named = order.processor_id is not None
    arrived = order.arrival_id is not None
    return {
        "refund, and both are live,": order.refund_id if order.status in LIVE else None,
        "return address": order.return_address,
        "deposit address": order.deposit_address,
        "processor's id": (order.processor, order.processor_id) if named else None,
        "arrival": (order.receive.asset.network, order.arrival_id) if arrived else None,
    }
