"""What a person gave us to use a processor with. Its secrets never show in a repr."""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.http import Timeouts
from adapters.processors.base.pace import Pace

TIMEOUTS = Timeouts(connect=5.0, read=10.0, total=15.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where a processor is, and who we are to it."""

    name: str
    """As configured: stands for it in every message."""
    url: str
    api_key: str = field(repr=False)
    support_url: str | None = None
    """Where a person asks about an order, unless the processor's answers name a place."""
    timeouts: Timeouts = TIMEOUTS
    """Of each call."""
    pace: Pace | None = None
    """Calls a second; None: as the client knows its processor."""
