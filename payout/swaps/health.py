"""
Health: which processors are left alone for a while, and why. In this process's memory alone.

One that fails is asked again after growing pauses; one that refuses our key, only when its lists can be read again.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta


@dataclass(slots=True)
class _State:
    failures: int
    at: datetime
    until: datetime
    why: str
    denied: bool


class Health:
    """Any thread may use it."""

    def __init__(self, back_off: Sequence[timedelta]) -> None:
        self._back_off = tuple(back_off)
        self._lock = threading.Lock()
        self._bad: dict[str, _State] = {}

    def away(self, name: str, now: datetime) -> str | None:
        """Why a processor is not to be asked now; None: it may be."""
        with self._lock:
            state = self._bad.get(name)
            if state is None or not (state.denied or _rests(state, now)):
                return None
            if state.denied:
                return f"it refuses us: {state.why.removeprefix(f'{name}: ')}"
            return f"left alone until {state.until:%H:%M:%S} UTC: {state.why}"

    def resting(self, name: str, now: datetime) -> bool:
        """Its pause is not over, whatever it is for."""
        with self._lock:
            state = self._bad.get(name)
            return state is not None and _rests(state, now)

    def is_denied(self, name: str) -> bool:
        """It refused us, and has not taken us back."""
        with self._lock:
            state = self._bad.get(name)
            return state is not None and state.denied

    def failed(self, name: str, why: str, now: datetime) -> None:
        """It did not answer, or with what its protocol does not have. Failures at one time count once."""
        with self._lock:
            state = self._bad.get(name)
            if state is None:
                self._bad[name] = _State(failures=1, at=now, until=now + self._back_off[0], why=why, denied=False)
            elif not _rests(state, now):
                state.failures += 1
                state.at = now
                state.until = now + self._back_off[min(state.failures, len(self._back_off)) - 1]
                state.why = why

    def denied(self, name: str, why: str, now: datetime) -> bool:
        """It refused our key or place. True: that is news."""
        with self._lock:
            state = self._bad.get(name)
            news = state is None or not state.denied
            failures = len(self._back_off)
            self._bad[name] = _State(failures=failures, at=now, until=now + self._back_off[-1], why=why, denied=True)
            return news

    def worked(self, name: str, *, by_refresh: bool = False) -> bool:
        """It answered. True: it takes us back (which only `by_refresh` proves) after it had refused us."""
        with self._lock:
            state = self._bad.get(name)
            if state is None or (state.denied and not by_refresh):
                return False
            del self._bad[name]
            return state.denied


def _rests(state: _State, now: datetime) -> bool:
    """A clock that was set back ends the pause: it would else last until the clock has caught up."""
    return state.at <= now < state.until
