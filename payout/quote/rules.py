"""
The limits that a quote is held to.

Each number is a promise to finance: a looser one here silently pays at a worse price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

SOURCES_MIN_LOWEST: Final = 2
"""A single source can't be contradicted, so it can't be believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRules:
    """When a sample counts, when samples agree, and when a price has jumped."""

    sources_min: int = 2
    age_max: timedelta = timedelta(seconds=120)
    ahead_max: timedelta = timedelta(seconds=30)  # A source's clock may run this much before ours.
    spread_max: Decimal = Decimal("0.05")
    deviation_max: Decimal = Decimal("0.03")
    peg_deviation_max: Decimal = Decimal("0.02")
    jump_max: Decimal = Decimal("0.15")
    jump_memory: timedelta = timedelta(hours=1)  # A good rate older than this binds nobody.
    jump_patience: timedelta = timedelta(minutes=10)  # Agreeing this long ends a jump.

    def __post_init__(self) -> None:
        if self.sources_min < SOURCES_MIN_LOWEST:
            raise ValueError(f"sources_min must be at least {SOURCES_MIN_LOWEST}")
