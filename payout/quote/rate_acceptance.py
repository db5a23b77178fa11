"""
Accepting a rate that has jumped: a person's word, carried to the running worker as an event.

The event only vouches for a rate near the one that this person saw, and counts only where it is a
link of the audit chain. The worker still polls the sources by itself: nothing in the database can set a price.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from payout.audit.chain import AuditKey
from payout.audit.genuine import is_genuine
from payout.errors import RateError
from payout.event import Event, said
from payout.ports import Store
from payout.quote.rate_book import RateBook

KIND: Final = "rates.accepted"
LIFE: Final = timedelta(minutes=10)
"""A word that is older than this was about another price."""

ALARMS_READ: Final = 100
"""At one look; the next one goes on."""

LINKS_READ: Final = 10_000
"""A process begins so many links before the end of the chain."""


def acceptance(asset_code: str, rate: Decimal, who: str, why: str, at: datetime) -> Event:
    """The event by which a person accepts a rate; an alarm, since it sets a guard aside."""
    words = f"{asset_code} at {rate:f} USD: {why}"
    return Event(at=at, kind=KIND, words=words, who=who, alarm=True, facts=said(asset=asset_code, rate=f"{rate:f}"))


@dataclass(slots=True, kw_only=True)
class Acceptances:
    """Hands each new acceptance to this process's rate book, once."""

    store: Store
    book: RateBook
    key: AuditKey
    since: datetime
    """What was accepted before this process polled anything concerns none of its rates."""
    number: int | None = None
    """The last alarm that was read."""

    def take(self, now: datetime) -> tuple[str, ...]:
        """
        Apply those that are new; returns what came of each, in words.

        Raises:
            StoreUnavailable: the database did not answer; they are looked at again.
        """
        since = max(self.since, now - LIFE)
        end = self.store.audit_head().number
        if self.number is None or self.number > end:
            self.number = max(0, end - LINKS_READ)
        # A planted row with a high number must not pass for what comes after it.
        lines = [line for line in self.store.alarms_after(self.number, ALARMS_READ) if line.number <= end]
        fresh = [
            line.event
            for line in lines
            if line.event.kind == KIND and line.event.at > since and is_genuine(self.store, self.key, line)
        ]
        self.number = max([self.number, *(line.number for line in lines)])
        self.since = max([since, *(event.at for event in fresh)])
        return tuple(self._apply(event, now) for event in fresh)

    def _apply(self, event: Event, now: datetime) -> str:
        asset_code, rate = event.fact("asset"), event.fact("rate")
        if asset_code is None or rate is None:
            return f"the acceptance by {event.who} cannot be read"
        try:
            quote = self.book.accept(asset_code, now, near=Decimal(rate))
        except RateError as error:
            return f"{event.who}'s acceptance was refused: {error}"
        return f"{event.who} accepted {quote.asset_code} at {quote.rate:f} USD"
