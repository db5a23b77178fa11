"""
A token bucket: calls keep to a processor's rate limit by themselves.

Nobody waits without end: a slot that is too far off is refused at once, and the caller comes back at its next tick.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from payout.errors import RailUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """So many calls a second, `burst` of them at once, each waiting for its slot at most `wait_seconds`."""

    per_second: float
    burst: int
    wait_seconds: float = 4.0


class Bucket:
    """The slots of one processor, shared by all threads that call it."""

    def __init__(
        self,
        name: str,
        pace: Pace,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name = name
        self._wait_seconds = pace.wait_seconds
        self._interval = 1.0 / pace.per_second
        self._ahead = self._interval * (pace.burst - 1)
        self._monotonic = monotonic
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = monotonic()
        self._closed_until = self._next

    def take(self) -> None:
        """
        Wait for a slot and take it.

        Raises:
            RailUnavailable: none is free soon enough; nothing was taken.
        """
        with self._lock:
            now = self._monotonic()
            planned = max(self._next, now)
            wait = max(planned - self._ahead - now, self._closed_until - now, 0.0)
            if wait > self._wait_seconds:
                raise RailUnavailable(
                    f"{self._name}: no call is free within its rate limit for {wait:.0f} s; it is asked again later"
                )
            self._next = planned + self._interval
        if wait > 0:
            self._sleep(wait)

    def close(self, seconds: float) -> None:
        """The processor asked to be left in peace for so long."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._monotonic() + seconds)
