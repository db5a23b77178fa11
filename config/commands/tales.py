"""Orders with the refunds, attempts and transfers that belong to them, read from the store in few questions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from config.call import Call
from config.order_views import Tale

if TYPE_CHECKING:
    from payout.order import Order


def tales(call: Call, orders: Sequence[Order], *, whole: bool) -> list[Tale]:
    """`whole`: with attempts and transfers, which a listing does not need."""
    store = call.house.store
    ids = list(dict.fromkeys(order.refund_id for order in orders))
    refunds = {refund.id: refund for refund in store.refunds(ids)}
    attempts = {each.order_id: each for each in store.attempts(ids)} if whole else {}
    overdue = timedelta(hours=call.settings.swaps.overdue_hours)
    now = call.house.clock.now()
    return [
        Tale(
            order=order,
            refund=refunds.get(order.refund_id),
            attempt=attempts.get(order.id),
            transfer=store.transfer(order.transfer_id) if whole and order.transfer_id else None,
            coin=order.deposit.asset if order.deposit else call.house.asset_of(order.wallet),
            overdue=overdue,
            now=now,
        )
        for order in orders
    ]
