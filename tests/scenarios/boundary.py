"""
Boundaries: every call of a port, seen from both sides.

A port is wrapped by looking its methods up when they are called, so a new method of any port is a new boundary
without a line here. What a hook raises, the caller of the port meets.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Protocol


class Crash(BaseException):
    """The process is gone. Nothing catches it: it is no Exception."""


class Hook(Protocol):
    """Called on both sides of each call of a port; `point` is `<port>.<method>`."""

    def at(self, point: str, *, before: bool) -> None:
        """May raise, wait, or do nothing."""
        ...


class Bounded:
    """A port whose calls pass a hook."""

    def __init__(self, port: object, name: str, hook: Hook) -> None:
        self._port = port
        self._name = name
        self._hook = hook

    def __getattr__(self, method: str) -> Any:
        deed = getattr(self._port, method)
        if not callable(deed):
            return deed  # A fact, such as a processor's name: nothing is asked.
        point, hook = f"{self._name}.{method}", self._hook

        def call(*args: Any, **kwargs: Any) -> Any:
            hook.at(point, before=True)
            answer = deed(*args, **kwargs)
            hook.at(point, before=False)
            return answer

        self.__dict__[method] = call
        return call


class Open:
    """A hook that lets everything pass."""

    def at(self, point: str, *, before: bool) -> None:
        """Do nothing."""


class Fuse:
    """
    Counts boundaries, and crashes the process at the one numbered `at`.

    A process that has crashed does nothing more: whatever unwinds afterwards meets the crash again at each call.
    """

    def __init__(self, at: int | None = None) -> None:
        self.crash_at = at
        self.passed = 0
        self.burnt = False

    def at(self, point: str, *, before: bool) -> None:
        if self.burnt:
            raise Crash(point)
        if self.passed == self.crash_at:
            self.burnt = True
            raise Crash(point)
        self.passed += 1


class Record(Fuse):
    """
    Lets everything pass, and writes down each boundary with what a crash there would leave behind.

    A crash loses all but what lasts. So two crashes at one boundary that leave the same behind are one case.
    """

    def __init__(self, left_behind: Callable[[], Hashable]) -> None:
        super().__init__()
        self._left_behind = left_behind
        self.points: set[str] = set()
        self.cases: dict[Hashable, int] = {}
        """The number of the first boundary of each case."""

    def at(self, point: str, *, before: bool) -> None:
        self.points.add(point)
        self.cases.setdefault((point, before, self._left_behind()), self.passed)
        super().at(point, before=before)
