"""
Making orders: from approved refunds, through quotes of several processors, to orders that wait for their deposit.

An order is on record before its processor is asked to make it, and it is asked once. Nothing here moves money.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from payout.change import Change
from payout.errors import (
    AmountOutOfRange,
    OrderRefused,
    OrderTaken,
    OrderUnknown,
    Paused,
    ProcessorDenied,
    ProcessorGarbled,
    RailUnavailable,
    StaleWrite,
)
from payout.limits import utc_day
from payout.money import Money, usd_value
from payout.offer import Offer, offer_fault, ranked, rounded_down, spend_limit, spread
from payout.order import Order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.change import ReturnAddress
    from payout.market import Market
    from payout.order_keeping import Keeper
    from payout.wish import Wish

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one processor makes no order for one refund."""

    processor: str
    words: str
    lasting: bool = False
    """Time will hardly mend it: the amount is not for this processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Maker:
    """Makes orders in one tick."""

    market: Market
    keeper: Keeper
    addresses: deque[ReturnAddress]
    """Free ones, each for one order."""
    closed: frozenset[str]
    """Pause scopes in force."""

    def make(self, wishes: Sequence[Wish]) -> tuple[Wish, ...]:
        """One order for each, where that can be. Returns those that came to nothing."""
        asked: list[tuple[Wish, str]] = []
        answers: dict[str, list[Offer | Refusal]] = {wish.refund.id: [] for wish in wishes}
        for wish in wishes:
            for name in self.market.rules.route(wish.refund.asset.key):
                why = self._closed(wish, name)
                if why is None:
                    asked.append((wish, name))
                else:
                    answers[wish.refund.id].append(why)
        said = self.market.calls.run([(name, partial(self._quote, wish, name)) for wish, name in asked])
        for (wish, _), answer in zip(asked, said, strict=True):
            answers[wish.refund.id].append(answer)
        failed: list[Wish] = []
        jobs = []
        for wish in wishes:
            offers = self._ranked(wish, answers[wish.refund.id])
            if offers:
                jobs.append((offers[0].processor, partial(self._place, wish, offers)))
            else:
                self._tell(wish, [each for each in answers[wish.refund.id] if isinstance(each, Refusal)])
                failed.append(wish)
        failed += [wish for wish in self.market.calls.run(jobs) if wish is not None]
        return tuple(failed)

    # ------------------------------------------------------------ quotes

    def _closed(self, wish: Wish, name: str) -> Refusal | None:
        """Why this processor is not even asked."""
        market, refund = self.market, wish.refund
        processor, rules = market.processors.get(name), market.rules.processors.get(name)
        if processor is None or rules is None:
            return Refusal(processor=name, words="it is not configured")
        if name in self.closed:
            return Refusal(processor=name, words="it is paused")
        if refund.owed > rules.order_max:
            return Refusal(processor=name, words=f"order_max_usd is {rules.order_max}", lasting=True)
        used = market.wallet.store.cap_used(rules.scope, utc_day(market.wallet.now()))
        if used + refund.owed.units > rules.day_max.units:
            return Refusal(processor=name, words=f"its day_max_usd of {rules.day_max} is used up until tomorrow (UTC)")
        words = market.health.away(name, market.wallet.now()) or processor.refusal(refund.asset)
        if words is None and not refund.memo and processor.memo_needed(refund.asset):
            words = "it sends this coin with a memo only: amend the refund"
        return None if words is None else Refusal(processor=name, words=words)

    def _quote(self, wish: Wish, name: str) -> Offer | Refusal:
        """Ask one processor, and hold its offer against our own rates."""
        market, processor = self.market, self.market.processors[name]
        wanted = rounded_down(wish.amount, processor.decimals_max)
        if wanted < market.rules.assets[wanted.asset.key].dust:
            return Refusal(processor=name, words=f"it sends no less than {wish.amount} precisely", lasting=True)
        try:
            offer = processor.quote(wanted)
        except AmountOutOfRange as error:
            return Refusal(processor=name, words=_range(error), lasting=True)
        except OrderRefused as error:
            return Refusal(processor=name, words=str(error))
        except (RailUnavailable, ProcessorDenied, ProcessorGarbled) as error:
            market.trouble(name, error)
            return Refusal(processor=name, words=str(error))
        market.health.worked(name)
        fault = self._too_dear(wish, offer) or offer_fault(
            offer, wanted, market.wallet.rules.asset, market.wallet.now()
        )
        return offer if fault is None else Refusal(processor=name, words=fault)

    def _too_dear(self, wish: Wish, offer: Offer) -> str | None:
        if offer.deposit.asset != self.market.wallet.rules.asset:
            return None  # offer_fault says so.
        most, rate = self.market.rules.spread_max, wish.coin_quote.rate
        worth = usd_value(wish.amount, wish.quote.rate)
        if offer.deposit <= spend_limit(worth, rate, offer.deposit.asset, most):
            return None
        return (
            f"it asks for {offer.deposit} {offer.deposit.asset.code}, {spread(offer, worth, rate)} % above our own "
            f"rates, and swaps.spread_max_percent is {most:f}"
        )
