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

from payout.caps import utc_day
from payout.change import Change
from payout.errors import (
    AmountOutOfRange,
    DatabaseBehind,
    JournalBroken,
    OrderRefused,
    OrderTaken,
    OrderUnknown,
    Paused,
    ProcessorDenied,
    ProcessorGarbled,
    RailUnavailable,
    StaleWrite,
)
from payout.money import usd_value
from payout.order import Order
from payout.swaps.offer import Offer, offer_fault, ranked, rounded_down, spend_limit, spread
from payout.vetting import Fault, used_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from payout.change import ReturnAddress
    from payout.swaps.keeping import Keeper
    from payout.swaps.market import Market
    from payout.swaps.wish import Wish

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why one processor makes no order for one refund."""

    processor: str
    words: str
    lasting: bool = False
    """Time will hardly mend it: this processor is not for this refund."""

    def __str__(self) -> str:
        return self.words if self.words.startswith(self.processor) else f"{self.processor}: {self.words}"


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
        if name in wish.returned_by:
            return Refusal(processor=name, words="it sent the deposit of an earlier order back", lasting=True)
        if refund.owed > rules.order_max:
            return Refusal(processor=name, words=f"order_max_usd is {rules.order_max}", lasting=True)
        used = used_at(market.wallet, rules, utc_day(market.wallet.now()))
        if used + refund.owed.units > rules.day_max.units:
            return Refusal(processor=name, words=f"its day_max_usd of {rules.day_max} is used up until tomorrow (UTC)")
        words = market.away(name) or processor.refusal(refund.asset)
        if words is None and not refund.memo and processor.memo_needed(refund.asset):
            words = "it sends this coin with a memo only: amend the refund"
        return None if words is None else Refusal(processor=name, words=words)

    def _quote(self, wish: Wish, name: str) -> Offer | Refusal:
        """Ask one processor, and hold its offer against our own rates."""
        market, processor = self.market, self.market.processors[name]
        wanted = rounded_down(wish.amount, processor.decimals_max)
        away = market.away(name)
        if away is not None:
            return Refusal(processor=name, words=away)
        if wanted < market.rules.assets[wanted.asset.key].dust:
            return Refusal(processor=name, words="the amount is dust", lasting=True)
        try:
            offer = market.ask(lambda: processor.quote(wanted))
        except OrderRefused as error:
            market.health.worked(name)
            return Refusal(processor=name, words=_words(error), lasting=isinstance(error, AmountOutOfRange))
        except (RailUnavailable, ProcessorDenied, ProcessorGarbled) as error:
            market.trouble(name, error)
            return Refusal(processor=name, words=str(error))
        market.health.worked(name)
        fault = offer_fault(offer, wanted, market.wallet.rules.asset, market.wallet.now()) or self._dear(wish, offer)
        return offer if fault is None else Refusal(processor=name, words=fault)

    def _dear(self, wish: Wish, offer: Offer) -> str | None:
        """It costs more than what the customer gets is worth, by more than we allow."""
        most, rate = self.market.rules.spread_max, wish.coin_quote.rate
        worth = usd_value(offer.receive, wish.quote.rate)
        if offer.deposit <= spend_limit(worth, rate, offer.deposit.asset, most):
            return None
        return (
            f"it asks for {offer.deposit} {offer.deposit.asset.code}, {spread(offer, worth, rate)} % above our own "
            f"rates, and swaps.spread_max_percent is {most:f}"
        )

    def _ranked(self, wish: Wish, answers: Sequence[Offer | Refusal]) -> tuple[Offer, ...]:
        key, rules = wish.refund.asset.key, self.market.rules
        offers = [answer for answer in answers if isinstance(answer, Offer)]
        return ranked(offers, rules.route(key), best=rules.best(key))

    def _tell(self, wish: Wish, refusals: Sequence[Refusal]) -> None:
        """No processor will: in words, or for a person where time mends nothing."""
        said = "; ".join(map(str, refusals))
        if not refusals or not all(each.lasting for each in refusals):
            self.market.say(wish.refund, f"an offer of a processor ({said or 'none is configured for this asset'})")
            return
        words = f"no processor will pay it ({said}): credit it, pay it outside, or configure another processor"
        self.market.hold(Fault(refund=wish.refund, words=words))

    # ------------------------------------------------------------ orders

    def _place(self, wish: Wish, offers: Sequence[Offer]) -> Wish | None:
        """Ask for an order on the first offer that leads to one. The wish again where none did."""
        number = wish.orders
        for offer in offers:
            away = self.market.away(offer.processor)
            if away is not None:
                self.market.say(wish.refund, f"an offer of a processor ({offer.processor}: {away})")
                continue
            number += 1
            order = self._asked(wish, offer, number)
            if order is None:
                return wish
            if self._create(wish, order, offer):
                return None
        return wish

    def _asked(self, wish: Wish, offer: Offer, number: int) -> Order | None:
        """Put on record that it will be asked for: from here on it may exist. None: not now."""
        wallet, now = self.market.wallet, self.market.wallet.now()
        old = offer.expires_at is not None and offer.expires_at <= now
        if old or not (wish.quote.is_fresh(now) and wish.coin_quote.is_fresh(now)):
            self.market.say(wish.refund, "a new quote, as the last one ran out")
            return None
        try:
            free = self.addresses.popleft()
        except IndexError:
            self.market.say(wish.refund, no_address(wallet.name))
            return None
        order = _row(wish, offer, number, free, now)
        words = f"asks {offer.processor} for {order.receive} {order.receive.asset.code}, offered for {offer.deposit}"
        change = Change(
            orders=(order,),
            quotes=(wish.quote, wish.coin_quote),
            events=(self.market.event(order, "order.asked", f"{words} {offer.deposit.asset.code}"),),
            unless_paused=(*wallet.scopes, offer.processor),
            # A database that is behind would have forgotten whose return address this was.
            journal_head=wallet.journal.view().last_commit,
        )
        try:
            wallet.store.commit(change)
        except (OrderTaken, StaleWrite) as error:
            log.info("order.not_asked", extra={"refund": wish.refund.id, "why": str(error)})
            return None  # Another process makes one.
        except (Paused, DatabaseBehind, JournalBroken) as error:
            self.market.say(wish.refund, str(error))
            return None
        return order

    def _create(self, wish: Wish, order: Order, offer: Offer) -> bool:
        """Ask for it, once. False: it is certain that nothing was made, or nothing that may be funded."""
        market, name = self.market, order.processor
        try:
            said = market.ask(lambda: market.processors[name].create(order, offer))
        except OrderRefused as error:
            market.drop(order, f"it refused: {_words(error)}")
            return False
        except (RailUnavailable, ProcessorDenied) as error:
            market.trouble(name, error)
            market.drop(order, f"it was not asked: {error}")
            return False
        except (OrderUnknown, ProcessorGarbled) as error:
            self._lost(wish, order, str(error))
            return True
        market.health.worked(name)
        made = market.accept(order, said, market.limit(order, wish.coin_quote.rate), "order.made")
        if made is not None:
            self.keeper.read(made)
        return made is not None

    def _lost(self, wish: Wish, order: Order, why: str) -> None:
        market = self.market
        market.health.failed(order.processor, why, market.wallet.now())
        self.keeper.lose(order)
        event = market.event(order, "order.lost", f"the answer of {order.processor} was lost, and is looked for: {why}")
        market.wallet.store.commit(Change(events=(event,)))
        market.say(wish.refund, f"word of {order.processor}, whose answer about order {order.id} was lost")


def _row(wish: Wish, offer: Offer, number: int, free: ReturnAddress, now: datetime) -> Order:
    return Order(
        refund_id=wish.refund.id,
        number=number,
        processor=offer.processor,
        wallet=free.wallet,
        revision=wish.refund.revision,
        destination=wish.refund.destination,
        memo=wish.refund.memo,
        receive=offer.receive,
        rate=wish.quote.rate,
        quote_id=wish.quote.id,
        offered=offer.deposit,
        offer_ref=offer.ref,
        offer_expires_at=offer.expires_at,
        return_address=free.address,
        return_index=free.index,
        asked_at=now,
    )


def no_address(wallet: str) -> str:
    """What a refund waits for where none is free."""
    return f"a return address, which wallet {wallet} makes when it is in reach"


def _words(error: OrderRefused) -> str:
    if not isinstance(error, AmountOutOfRange):
        return str(error)
    bounds = [f"{word} {bound}" for word, bound in (("at least", error.least), ("at most", error.most)) if bound]
    return f"{error} ({', '.join(bounds)})" if bounds else str(error)
