"""An event: one immutable line of a refund's, a transfer's or a wallet's history, in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.canonical import canonical_json

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
    facts: str = ""
    """What programs read of it that no other field says (`said`): its words are for people alone."""

    def fact(self, name: str) -> str | None:
        """One of its facts; None where it has none of this name, or where somebody planted what is no JSON."""
        try:
            found = json.loads(self.facts)[name] if self.facts else None
        except (ValueError, LookupError, TypeError, RecursionError):
            return None
        return found if isinstance(found, str) else None


def said(**facts: str | None) -> str:
    """Facts, as an event keeps them; those that are None are left out."""
    return canonical_json({name: fact for name, fact in facts.items() if fact is not None})
