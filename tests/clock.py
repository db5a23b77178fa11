"""A clock for tests of one part at a time; worlds and networks have calendars of their own."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.factories import NOW


class HandClock:
    """Only the test moves it."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        """The same, as a stopwatch says it."""
        return self.at.timestamp()

    def move(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at
