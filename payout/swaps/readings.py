"""
Readings: what processors last said of orders, kept in this process's memory alone.

A deposit is paid by what stands here, and never by the database's copy: whoever can write to the database can
then not redirect one.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payout.order import Order, Said


OVERTAKEN_MAX = timedelta(minutes=5)
"""No call takes longer than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A processor's word, and the moment just before it was asked."""

    said: Said
    at: datetime


class Readings:
    """The last reading of each order, by processor and its id there. One for a process; any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[tuple[str, str], Reading] = {}

    def take(self, processor: str, said: Said, at: datetime) -> None:
        """Keep what was said; an answer that was overtaken by a later one is dropped."""
        key = (processor, said.processor_id)
        with self._lock:
            known = self._latest.get(key)
            # So far ahead, it is not a later answer but one by a clock that was set back since.
            if known is None or known.at <= at or known.at > at + OVERTAKEN_MAX:
                self._latest[key] = Reading(said=said, at=at)

    def latest(self, processor: str, processor_id: str) -> Reading | None:
        """The last reading, however old."""
        with self._lock:
            return self._latest.get((processor, processor_id))

    def fresh(self, order: Order, now: datetime, age_max: timedelta) -> Said | None:
        """What was said of this order, if that was not longer ago (nor, by a clock set back, later than now)."""
        if order.processor_id is None:
            return None
        reading = self.latest(order.processor, order.processor_id)
        if reading is None or not now - age_max <= reading.at <= now:
            return None
        return reading.said

    def keep(self, of: Iterable[tuple[str, str | None]]) -> None:
        """Forget all others."""
        kept = set(of)
        with self._lock:
            self._latest = {key: reading for key, reading in self._latest.items() if key in kept}

    def forget(self, processor: str, processor_id: str) -> None:
        """The order is not followed here any more."""
        with self._lock:
            self._latest.pop((processor, processor_id), None)
