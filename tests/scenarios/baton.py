"""
The baton: several processes, each a thread, of which exactly one runs.

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
        self._job = job
        self._error: BaseException | None = None
        self._stopped = False
        self._go = threading.Lock()
        self._back = threading.Lock()
        self._go.acquire()
        self._back.acquire()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def resume(self) -> None:
        """Hand over the baton, and take it back. Raises what the job raised, but for a crash."""
        self._go.release()
        self._back.acquire()
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def wait(self) -> None:
        """Called by the job: let others run."""
        self._back.release()
        self._go.acquire()
        if self._stopped:
            raise Crash(f"{self.name} was stopped")

    def stop(self) -> None:
        """End the job where it waits."""
        if not self.done:
            self._stopped = True
            self.resume()
        self._thread.join()

    def _run(self) -> None:
        self._go.acquire()
        try:
            if not self._stopped:
                self._job()
        except Crash:
            pass  # The process is gone, and nobody is there to say so.
        except BaseException as error:  # noqa: BLE001 - It is raised again where the baton goes.
            self._error = error
        self.done = True
        self._back.release()
