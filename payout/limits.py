"""The limits of payout.toml: how much may leave, by refund and by day. Pure; `payout/caps.py` counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.errors import LimitReached
from payout.money import Money

if TYPE_CHECKING:
    from datetime import datetime

DAY_SCOPE = "day"
"""The counter that every payout of a UTC day raises, in US cents."""

UNCAPPED = 2**63 - 1
"""Counted, and never refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUse:
    """Raise the counter (scope, day) by `units`, and refuse the whole commit if it would pass `cap`."""

    scope: str
    day: str
    units: int
    cap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Ceilings in USD."""

    refund_min: Money
    refund_max: Money
    day_max: Money

    def check_refund(self, owed: Money) -> None:
        """
        Refuse what is below the least or above the most that one refund may be.

        Raises:
            LimitReached: says which limit.
        """
        if owed < self.refund_min:
            raise LimitReached(
                f"{owed} USD is below limits.refund_min_usd = {self.refund_min}: credit it instead, or lower the limit"
            )
        if owed > self.refund_max:
            raise LimitReached(
                f"{owed} USD is above limits.refund_max_usd = {self.refund_max}: "
                "split it with the merchant's consent, or raise the limit"
            )


def utc_day(now: datetime) -> str:
    """The UTC day that a commit counts for, as `2026-11-22`."""
    return now.date().isoformat()
