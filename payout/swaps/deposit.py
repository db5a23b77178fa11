"""
The deposit's clock: how late an order may still be funded. Pure.

A deposit that arrives after its order expired is lost to a person's work: nothing here may ever be generous.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payout.order import Order

BROADCAST_MARGIN = timedelta(minutes=3)
"""A deposit is broadcast for the first time only while so much is left until its order expires."""

SIGNING_TIME = timedelta(minutes=1)
"""What must be left beyond that when a funding is begun to be signed."""


def is_too_late(order: Order, now: datetime, margin: timedelta = BROADCAST_MARGIN) -> bool:
    """Its deposit may no longer be broadcast for the first time. Also where nobody knows when it expires."""
    return order.expires_at is None or now + margin >= order.expires_at


def expired(orders: Iterable[Order], now: datetime) -> tuple[Order, ...]:
    """Those of them that it is too late to fund."""
    return tuple(order for order in orders if is_too_late(order, now))
