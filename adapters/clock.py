"""The clock of this machine. The business is handed it and never asks for the time itself."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The present moment, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)
