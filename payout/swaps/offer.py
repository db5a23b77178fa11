"""
An offer: what a processor asks for a given amount of another asset, and which of several is taken. Pure.

It binds nobody: only the order that is made from it does, and that is compared with the offer before it is funded.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from payout.money import EXACT, Money, usd_value
from payout.swaps.rules import PERCENT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from payout.asset import Asset


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


def rounded_down(amount: Money, decimals_max: int) -> Money:
    """The amount with no more decimals than that: a customer never gets more than what was approved."""
    surplus = amount.asset.decimals - decimals_max
    if surplus <= 0:
        return amount
    return Money(amount.units - amount.units % 10**surplus, amount.asset)


def spend_limit(worth: Decimal, rate: Decimal, asset: Asset, spread_max: Decimal) -> Money:
    """
    The most of `asset` (at `rate` USD a coin) that may be paid for what is worth so many USD, rounded DOWN.

    `spread_max` is in percent.
    """
    dollars = EXACT.multiply(worth, EXACT.add(Decimal(1), EXACT.multiply(spread_max, PERCENT)))
    top, bottom = EXACT.scaleb(dollars, asset.decimals).as_integer_ratio()
    over, under = rate.as_integer_ratio()
    return Money(top * under // (bottom * over), asset)


def spread(offer: Offer, worth: Decimal, rate: Decimal) -> Decimal:
    """By how many percent the deposit, at `rate` USD a coin, is dearer than `worth`; rounded down to two places."""
    cost, whole = usd_value(offer.deposit, rate).as_integer_ratio()
    top, bottom = worth.as_integer_ratio()
    hundredths = (cost * bottom * 10_000) // (whole * top) - 10_000
    return Decimal(hundredths).scaleb(-2)


def offer_fault(offer: Offer, wanted: Money, coin: Asset, now: datetime) -> str | None:
    """What is wrong with an offer, whatever it costs; or None. `coin`: what we pay in."""
    if offer.receive != wanted:
        return f"it offers {offer.receive} {offer.receive.asset.code} for the {wanted} {wanted.asset.code} asked for"
    if offer.deposit.asset != coin or offer.deposit.units <= 0:
        return f"it asks for {offer.deposit} {offer.deposit.asset.code}"
    if offer.expires_at is not None and offer.expires_at <= now:
        return f"it ran out at {offer.expires_at.isoformat()}"
    return None


def ranked(offers: Iterable[Offer], route: Sequence[str], *, best: bool) -> tuple[Offer, ...]:
    """The order in which to try them: the cheapest first, or by the route; ties by the route."""
    place = {name: index for index, name in enumerate(route)}
    known = [offer for offer in offers if offer.processor in place]
    if best:
        return tuple(sorted(known, key=lambda offer: (offer.deposit.units, place[offer.processor])))
    return tuple(sorted(known, key=lambda offer: place[offer.processor]))
