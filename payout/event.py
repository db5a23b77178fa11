"""An event: one immutable line of a refund's, a transfer's or a wallet's history, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

SYSTEM = "payout"
"""Who acts when no person does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What happened. `kind` is `noun.past_tense`; `words` may name people, never a secret."""

    at: datetime
    kind: str
    words: str
    who: str = SYSTEM
    refund_id: str | None = None
    transfer_id: str | None = None
    order_id: str | None = None
    wallet: str | None = None
    alarm: bool = False
    """A person should see this now."""
