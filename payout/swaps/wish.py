"""
A wish: an approved refund that wants an order now, and what it is worth.

Whether the wallet could pay for it is asked before any processor is: an order that cannot be funded in its twenty
minutes is a burden to both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.errors import RailUnavailable, RateError
from payout.money import Money, usd_value
from payout.order import LIVE, OrderStatus
from payout.swaps.offer import spend_limit
from payout.vetting import Fault, amount_of, check_refunds, too_small

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from payout.order import Order
    from payout.quote import Quote
    from payout.refund import Refund
    from payout.swaps.market import Market

CANDIDATES_MAX = 120
"""Refunds of one asset that a tick looks at, longest approved first."""

WAITING_MAX = 16 * CANDIDATES_MAX
"""So many where all before them wait: what a cap keeps until tomorrow must not keep back what could be paid now."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What one refund would have an order for."""

    refund: Refund
    amount: Money
    """In the refund's asset, by our own rates; a processor may take fewer decimals."""
    quote: Quote
    """Of the refund's asset."""
    coin_quote: Quote
    """Of what the deposit is paid in."""
    orders: int
    """The number of its last order, 0 for none. Numbers may have gaps after a repair."""
    returned_by: frozenset[str]
    """Processors that sent a deposit for it back to us: it is tried elsewhere."""


def wishes(market: Market, assets: Iterable[tuple[str, str]], resting: Collection[str]) -> tuple[Wish, ...]:
    """
    Those that may be met now, longest approved first. All others of these assets are told what they wait for.

    `resting`: ids of refunds that were quoted a moment ago, in vain.
    """
    wallet, keys = market.wallet, tuple(assets)
    if not keys:
        return ()
    try:
        ours = wallet.pricing.quote(wallet.rules.asset.code, wallet.now())
    except RateError as error:
        for key in keys:
            wallet.store.note_all(key, f"a rate: {error}")
        return ()
    found = [wish for key in keys for wish in _of_asset(market, key, ours, resting)]
    found.sort(key=lambda wish: (wish.refund.approved_at or wish.refund.requested_at, wish.refund.id))
    return _affordable(market, found)[: market.rules.orders_per_tick]


def _of_asset(market: Market, key: tuple[str, str], ours: Quote, resting: Collection[str]) -> list[Wish]:
    """Of the longest approved; where all of them wait, more are looked at."""
    limit = CANDIDATES_MAX
    while True:
        refunds = market.wallet.store.payable(key, limit)
        had: dict[str, list[Order]] = {refund.id: [] for refund in refunds}
        for order in market.wallet.store.orders_of(tuple(had)):
            had[order.refund_id].append(order)
        found = _among(market, [refund for refund in refunds if refund.id not in resting], had, ours)
        # One with an order is on its way: it makes room by itself.
        on_their_way = any(order.status in LIVE for orders in had.values() for order in orders)
        if found or on_their_way or not len(refunds) == limit < WAITING_MAX:
            return found
        limit *= 4


def _among(market: Market, refunds: Sequence[Refund], had: Mapping[str, Sequence[Order]], ours: Quote) -> list[Wish]:
    """Of refunds of one asset. `had`: their orders so far."""
    free = [refund for refund in refunds if _may_ask(market, refund, had[refund.id])]
    if not free:
        return []
    try:
        quote = market.wallet.pricing.quote(free[0].asset.code, market.wallet.now())
    except RateError as error:
        for refund in free:
            market.say(refund, f"a rate: {error}")
        return []
    sound = _checked(market, free)
    amounts = {refund.id: amount_of(refund, quote) for refund in sound}
    return [
        Wish(
            refund=refund,
            amount=amounts[refund.id],
            quote=quote,
            coin_quote=ours,
            orders=max((order.number for order in had[refund.id]), default=0),
            returned_by=frozenset(o.processor for o in had[refund.id] if o.status is OrderStatus.RETURNED),
        )
        for refund in sound
        if _is_enough(market, refund, amounts[refund.id])
    ]


def _may_ask(market: Market, refund: Refund, had: Sequence[Order]) -> bool:
    """It has no order that lives, and has not had too many that came to nothing."""
    if any(order.status in LIVE for order in had):
        return False
    now = market.wallet.now()
    vain = [order for order in had if now - order.asked_at < HOUR and _may_have_been_made(market, order)]
    if len(vain) < market.rules.unfunded_per_hour:
        return True
    until = min(order.asked_at for order in vain) + HOUR
    market.say(refund, f"{until:%H:%M} UTC, as {len(vain)} orders came to nothing within the hour")
    return False


def _may_have_been_made(market: Market, order: Order) -> bool:
    """Unfunded, and a burden to its processor. A definite no comes sooner than a lost answer is given up."""
    if order.status is not OrderStatus.DROPPED:
        return False
    lived = (order.ended_at or order.asked_at) - order.asked_at
    return order.processor_id is not None or lived >= market.rules.lost_patience


def _checked(market: Market, refunds: Sequence[Refund]) -> tuple[Refund, ...]:
    """By signatures, limits and journals; as a direct refund is before its commit."""
    checked = check_refunds(market.wallet, refunds, market.rules.coins)
    for fault in checked.faults:
        market.hold(fault)
    by_id = {refund.id: refund for refund in refunds}
    for note in checked.notes:
        market.say(by_id[note.refund_id], note.waiting_for or "")
    return checked.refunds


def _is_enough(market: Market, refund: Refund, amount: Money) -> bool:
    dust = market.rules.assets[refund.asset.key].dust
    if amount.units == 0:
        market.hold(Fault(refund=refund, words=too_small(refund)))
    elif amount < dust:
        words = f"{amount} {amount.asset.code} is dust (less than {dust}): its network would not carry it; credit it"
        market.hold(Fault(refund=refund, words=words))
    return amount.units > 0 and amount >= dust


def _affordable(market: Market, found: Sequence[Wish]) -> tuple[Wish, ...]:
    """Those that the unlocked balance covers at the worst allowed price, beside the orders that wait for theirs."""
    wallet = market.wallet
    if not found:
        return ()
    try:
        unlocked, fee = wallet.coin.funds().unlocked, wallet.coin.fee_hint()
    except RailUnavailable as error:
        for wish in found:
            market.say(wish.refund, f"the wallet, which is out of reach: {error}")
        return ()
    waiting = wallet.store.open_orders((OrderStatus.ASKED, OrderStatus.UNFUNDED), CANDIDATES_MAX)
    left = (
        unlocked - fee - sum((order.deposit or order.offered).units for order in waiting if order.wallet == wallet.name)
    )
    fits: list[Wish] = []
    for wish in found:
        need = _need(market, wish)
        if need.units <= left:
            left -= need.units
            fits.append(wish)
            continue
        free = Money(max(0, left), need.asset)
        market.say(wish.refund, f"unlocked funds: it may take {need} {need.asset.code}, and {free} is free for orders")
    return tuple(fits)


def _need(market: Market, wish: Wish) -> Money:
    worth = usd_value(wish.amount, wish.quote.rate)
    return spend_limit(worth, wish.coin_quote.rate, market.wallet.rules.asset, market.rules.spread_max)
