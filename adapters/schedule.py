"""
The clock of the daemon: calls each tick on time, and holds no logic and no state.

A tick that is late, skipped or called twice is harmless; what must happen is in the database. So
stopping never waits for a tick that hangs in a network call.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Final

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

log = logging.getLogger(__name__)

STOP_SECONDS: Final = 6.0
"""How long a tick under way may take to end when the daemon stops; systemd and people wait 10."""

_LOOK_SECONDS: Final = 0.05
_WAKE_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Something to do every so often. `first_seconds` after the start it is done the first time."""

    name: str
    call: Callable[[], None]
    every_seconds: float
    first_seconds: float = 0.0


class Schedule:
    """Calls ticks, each on its own thread and never twice at once, until it is told to stop."""

    def __init__(self, ticks: Sequence[Tick], *, stop_seconds: float = STOP_SECONDS) -> None:
        self._ticks = tuple(ticks)
        self._stop_seconds = stop_seconds
        self._running: set[str] = set()
        self._stopping = threading.Event()
        self._signaled = False

    def run(self) -> bool:
        """
        Tick until `stop`; True if every tick had ended by then.

        False: one hangs in a call. It is abandoned, and the caller must end the process.
        """
        scheduler = self._scheduler()
        scheduler.start()
        try:
            # Never without end: the system may hand a signal to any thread, and Python acts on it when this one runs.
            while not self._signaled and not self._stopping.wait(_WAKE_SECONDS):
                continue
        finally:
            self._stopping.set()
            scheduler.shutdown(wait=False)
        return self._wait()

    def stop(self) -> None:
        """Begin no further tick. May be called from another thread."""
        self._stopping.set()

    def stop_on_signals(self) -> None:
        """SIGTERM and SIGINT stop the schedule. Only for the main thread of a process."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        # Only a flag: the thread that this interrupts may be holding the event's own lock.
        self._signaled = True

    def _scheduler(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max(1, len(self._ticks)))},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        now = datetime.now(UTC)
        for tick in self._ticks:
            scheduler.add_job(
                self._call,
                "interval",
                args=(tick,),
                id=tick.name,
                seconds=tick.every_seconds,
                next_run_time=now + timedelta(seconds=tick.first_seconds),
            )
        return scheduler

    def _call(self, tick: Tick) -> None:
        if self._stopping.is_set():
            return
        self._running.add(tick.name)
        try:
            tick.call()
        except Exception:  # The top of a tick: a mistake in one must not end the others.
            log.exception("tick.broken", extra={"tick": tick.name})
        finally:
            self._running.discard(tick.name)

    def _wait(self) -> bool:
        ends = time.monotonic() + self._stop_seconds
        while self._running and time.monotonic() < ends:
            time.sleep(_LOOK_SECONDS)
        left = sorted(self._running)
        if left:
            log.warning("ticks.abandoned", extra={"ticks": ", ".join(left)})
        return not left
