"""
The polling plan: when an order is looked at again. It lives in memory; after a restart everything is due at once.

Often while something is about to happen, seldom when it takes days. A webhook or a person may ask for a look now.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.order import OrderStatus

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payout.order import Order

STEPS = (
    (timedelta(minutes=10), timedelta(seconds=15)),
    (timedelta(hours=2), timedelta(seconds=60)),
    (timedelta(hours=24), timedelta(minutes=10)),
)
"""Until so long after its funding, so often."""

SELDOM = timedelta(hours=1)
"""After the last step, without end."""

ENDED = timedelta(minutes=10)
"""How often an order that has ended is looked at, while it is."""

_SPREAD = 200
"""Thousandths of an interval over which looks are spread, so that a hundred orders are not looked at in one second."""


@dataclass(slots=True)
class _Looks:
    at: datetime
    next: datetime
    count: int
    poked_at: datetime | None
    """As it was at that look: other machines' clocks say when they poked."""


class Polling:
    """Remembers each order's last look. Used by one thread."""

    def __init__(self) -> None:
        self._looks: dict[str, _Looks] = {}

    def due(self, order: Order, now: datetime) -> bool:
        """It is time, or a look was asked for since the last one."""
        looks = self._looks.get(order.id)
        if looks is None:
            return True
        # A clock that was set back would else keep all looks from being made until it has caught up.
        return not looks.at <= now < looks.next or order.poked_at != looks.poked_at

    def looked(self, order: Order, now: datetime) -> None:
        """A look at this row begins now."""
        before = self._looks.get(order.id)
        count = before.count + 1 if before else 1
        wait = _spread(interval(order, now), f"{order.id} {count}")
        self._looks[order.id] = _Looks(at=now, next=now + wait, count=count, poked_at=order.poked_at)

    def keep(self, ids: Iterable[str]) -> None:
        """Forget all others."""
        kept = set(ids)
        self._looks = {key: looks for key, looks in self._looks.items() if key in kept}


def interval(order: Order, now: datetime) -> timedelta:
    """How long until the next look, by its age."""
    if order.status is not OrderStatus.FUNDED:
        return ENDED
    age = now - (order.funded_at or order.asked_at)
    return next((every for until, every in STEPS if age < until), SELDOM)


def _spread(wait: timedelta, seed: str) -> timedelta:
    """Between 90 and 110 % of it; by the seed, so that a run can be repeated."""
    return wait * (1000 - _SPREAD // 2 + zlib.crc32(seed.encode()) % _SPREAD) // 1000
