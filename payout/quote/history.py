"""
The memory of good rates: stops a price that leaps while its sources still agree.

All sources can be wrong at once (a bad index behind them, a split, a redenomination). A rate more
than 15 % from any good one of the past hour is refused until the sources have agreed on the new
level for 10 minutes without a gap, or a person accepts it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, localcontext
from typing import Final

from payout.money import EXACT
from payout.quote.rules import QuoteRules

STEP: Final = timedelta(minutes=1)
"""One good rate a minute is remembered, so an hour is some sixty, however often we poll."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodRate:
    """A rate that was in force at that time."""

    rate: Decimal
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RateHistory:
    """
    What is known of one asset's past rates. Immutable: each observation makes a new one.

    While `jump_since` is set, the rate has jumped and pays nobody. `jump_rate` is the level at
    which it was first seen there and `seen_at` when it was last seen.
    """

    good: tuple[GoodRate, ...] = ()  # Oldest first.
    jump_rate: Decimal | None = None
    jump_since: datetime | None = None
    seen_at: datetime | None = None
    accepted_at: datetime | None = None

    def advance(self, rate: Decimal | None, now: datetime, rules: QuoteRules) -> RateHistory:
        """
        The history after looking at the sources; `rate` is None where they did not agree.

        Looking twice at the same moment changes nothing more than looking once.
        """
        if rate is None:
            # Agreement was broken, so its ten minutes begin anew.
            return replace(self, jump_rate=None, jump_since=None, seen_at=None)
        if not self._is_leap(rate, now, rules):
            return self._settle(self._remembered(rate, now, rules))
        since = self._agreed_since(rate, now, rules)
        if since is None:
            return replace(self, jump_rate=rate, jump_since=now, seen_at=now)
        if now - since >= rules.jump_patience:
            return self._settle((GoodRate(rate=rate, at=now),))
        return replace(self, seen_at=now)

    def accept(self, rate: Decimal, now: datetime) -> RateHistory:
        """A person vouches for this rate; what was good before no longer binds."""
        accepted = self._settle((GoodRate(rate=rate, at=now),))
        return replace(accepted, accepted_at=now)

    def refusal(self, now: datetime, rules: QuoteRules) -> str | None:
        """Why the rate that was just looked at may not be used, or None."""
        if self.jump_since is None or self.jump_rate is None:
            return None
        was = ", ".join(sorted({f"{good.rate:f}" for good in self._binding(now, rules)})[:3])
        left = max(rules.jump_patience - (now - self.jump_since), timedelta(0))
        return (
            f"jumped to {self.jump_rate:f} from {was} of the past hour; used when the sources"
            f" have agreed for {left.seconds} s more, or once a person accepts it"
        )

    def _settle(self, good: tuple[GoodRate, ...]) -> RateHistory:
        return RateHistory(good=good, accepted_at=self.accepted_at)

    def _binding(self, now: datetime, rules: QuoteRules) -> tuple[GoodRate, ...]:
        # abs: a clock that was set back must not make a rate good for a year.
        return tuple(each for each in self.good if abs(now - each.at) < rules.jump_memory)

    def _is_leap(self, rate: Decimal, now: datetime, rules: QuoteRules) -> bool:
        return any(is_off(rate, old.rate, rules.jump_max) for old in self._binding(now, rules))

    def _agreed_since(self, rate: Decimal, now: datetime, rules: QuoteRules) -> datetime | None:
        """Since when the sources stand on this new level without a gap, or None."""
        if self.jump_since is None or self.jump_rate is None or self.seen_at is None:
            return None
        gap = now - self.seen_at
        if gap > rules.age_max or now < self.jump_since:
            return None
        return None if is_off(rate, self.jump_rate, rules.jump_max) else self.jump_since

    def _remembered(self, rate: Decimal, now: datetime, rules: QuoteRules) -> tuple[GoodRate, ...]:
        kept = self._binding(now, rules)
        if len(kept) > 1 and now - kept[-2].at < STEP:
            kept = kept[:-1]
        return (*kept, GoodRate(rate=rate, at=now))


def is_off(number: Decimal, reference: Decimal, share: Decimal) -> bool:
    """Is `number` further from `reference` than that share of it? Exact."""
    with localcontext(EXACT):
        return abs(number - reference) > share * reference
