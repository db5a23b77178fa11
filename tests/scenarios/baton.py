"""
The baton: several processes, each on a thread, of which exactly one runs.

A process hands the baton back wherever it waits; whoever holds the list of actors decides who gets it next. So every
interleaving is a choice of the seed, and none is left to the machine.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.scenarios.boundary import Crash

if TYPE_CHECKING:
    from collections.abc import Callable


class Actor:
    """One job of one process. `resume` runs it to its next `wait`, or to its end."""

    def __init__(self, name: str, job: Callable[[], object]) -> None:
        self.name = name
        self.done = False
        self.asleep_until: float = 0
        self._error: BaseException | None = None
        self._stopped = False
        self._hand = _IDLE.pop() if _IDLE else _Hand()
        self._hand.job = lambda: self._run(job)

    def resume(self) -> None:
        """Hand over the baton, and take it back. Raises what the job raised, but for a crash."""
        self._hand.go.release()
        self._hand.back.acquire()
        if self.done:
            _IDLE.append(self._hand)
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def wait(self) -> None:
        """Called by the job: let others run."""
        self._hand.back.release()
        self._hand.go.acquire()
        if self._stopped:
            raise Crash(f"{self.name} was stopped")

    def stop(self) -> None:
        """End the job where it waits."""
        if not self.done:
            self._stopped = True
            self.resume()

    def _run(self, job: Callable[[], object]) -> None:
        try:
            if not self._stopped:
                job()
        except Crash:
            pass  # The process is gone, and nobody is there to say so.
        except BaseException as error:  # noqa: BLE001 - It is raised again where the baton goes.
            self._error = error
        self.done = True


class _Hand(threading.Thread):
    """A thread that does one job after another: starting one takes longer than most jobs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.job: Callable[[], None] | None = None
        self.go = threading.Lock()
        self.back = threading.Lock()
        self.go.acquire()
        self.back.acquire()
        self.start()

    def run(self) -> None:
        while True:
            self.go.acquire()
            if self.job is not None:
                self.job()
            self.back.release()


_IDLE: list[_Hand] = []
