"""
When a message that was not taken is tried again: soon at first, then ever later, for three days.

The jitter is drawn from the delivery's own name, so that the tries of many deliveries that failed together spread
out, and a test knows when each of them is due.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from payout.webhooks.message import Delivery

BACKOFF = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=12),
)
"""After the first try that failed, the second, and so on; the last one repeats."""

JITTER_PERCENT = 20
"""A pause is so much shorter or longer, at most."""

PERSISTENCE = timedelta(days=3)
"""From the first try to the last one."""

PATIENCE_MAX = timedelta(hours=1)
"""So long at most a `Retry-After` is followed where it asks for more than our own pause."""


def next_try(delivery: Delivery, now: datetime, asked: int | None = None) -> datetime | None:
    """
    When a delivery that has just failed is due again; None: three days are over, and that was the last try.

    `delivery` counts the try that failed; `asked` are the seconds of a Retry-After.
    """
    end = (delivery.first_tried_at or now) + PERSISTENCE
    if now >= end:
        return None
    pause = BACKOFF[min(max(delivery.tries, 1), len(BACKOFF)) - 1]
    pause += pause * _jitter(delivery) // 100
    if asked is not None:
        pause = max(pause, min(timedelta(seconds=asked), PATIENCE_MAX))
    # The last try comes when three days are over, whatever was drawn.
    return min(now + pause, end)


def _jitter(delivery: Delivery) -> int:
    """Percent, from -JITTER_PERCENT to +JITTER_PERCENT."""
    drawn = hashlib.sha256(f"{delivery.id} {delivery.tries}".encode()).digest()
    return int.from_bytes(drawn[:4], "big") % (2 * JITTER_PERCENT + 1) - JITTER_PERCENT
