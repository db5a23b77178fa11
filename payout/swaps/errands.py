"""
Errands: work that waits for others, such as processors and nodes, begun and not waited for.

Each lane has a few threads of its own, so one slow processor fills its lane and no other. A key is in its lane once
at most: an errand that is not done yet is never begun again.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

WIDTH = 4
"""Threads of one lane."""


class Errands(Protocol):
    """Who runs them."""

    def begin(self, lane: str, key: str, work: Callable[[], None]) -> bool:
        """Do the work, now or soon. False: an errand of this key is not done yet, and this one was not taken."""
        ...


class AtOnce:
    """Each is done before `begin` returns: for tests and `payout run --once`."""

    def begin(self, lane: str, key: str, work: Callable[[], None]) -> bool:
        del lane, key
        work()
        return True


@dataclass(slots=True)
class _Lane:
    waiting: deque[tuple[str, Callable[[], None]]] = field(default_factory=deque)
    threads: int = 0


class ThreadErrands:
    """
    Each lane in threads of its own, which end when it is empty.

    They are daemons: nothing that they do needs its end, so a process may stop at any time.
    """

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width
        self._guard = threading.Condition()
        self._lanes: dict[str, _Lane] = {}
        self._keys: set[str] = set()

    def begin(self, lane: str, key: str, work: Callable[[], None]) -> bool:
        with self._guard:
            if key in self._keys:
                return False
            self._keys.add(key)
            own = self._lanes.setdefault(lane, _Lane())
            own.waiting.append((key, work))
            if own.threads < self._width:
                own.threads += 1
                threading.Thread(target=partial(self._serve, own), name=f"errands {lane}", daemon=True).start()
        return True

    def wait(self, seconds: float) -> bool:
        """Until all are done, so long at most; whether all are done."""
        with self._guard:
            return self._guard.wait_for(lambda: not self._keys, seconds)

    def _serve(self, lane: _Lane) -> None:
        while True:
            with self._guard:
                if not lane.waiting:
                    lane.threads -= 1
                    return
                key, work = lane.waiting.popleft()
            try:
                work()
            except Exception:  # A fault of one errand must not take its lane away.
                log.exception("errand.failed", extra={"key": key})
            finally:
                with self._guard:
                    self._keys.discard(key)
                    self._guard.notify_all()
