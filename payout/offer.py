"""
An offer: what a processor asks for a given amount of another asset.

It binds nobody: only the order that is made from it does, and that is compared with the offer before it is funded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from payout.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A fixed-rate, exact-receive quote of one processor."""

    processor: str
    receive: Money
    """What the customer gets: what was asked for, never rounded by the processor."""
    deposit: Money
    """What it costs us."""
    ref: str | None = None
    """The processor's id of it, to be named when the order is made."""
    provider: str | None = None
    """Who stands behind it, where the processor is an aggregator."""
    expires_at: datetime | None = None
