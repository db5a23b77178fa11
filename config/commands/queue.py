"""What the queue of approved refunds needs, and what it waits for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.call import Call
from payout.asset import USD
from payout.errors import RateError
from payout.money import Money, units_for
from payout.refund import RefundStatus

if TYPE_CHECKING:
    from payout.asset import Asset
    from payout.quote import Quote
    from payout.refund import Refund, RefundLine

PAGE: Final = 500
NOTHING: Final = "the worker's next look"


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What all approved refunds of one asset come to. `amount` is None while there is no rate."""

    count: int
    owed: Money
    amount: Money | None = None
    quote: Quote | None = None
    refusal: str | None = None


def need_of(call: Call, asset: Asset, swapped: Collection[tuple[str, str]] = ()) -> Need:
    """
    Sum the queue of an asset, at the rate of this moment if the sources answer.

    Refunds in `swapped` assets are paid from it too: what their deposits come to, without the processors' fees.
    """
    refunds = [line.refund for line in _queue(call, RefundStatus.APPROVED)]
    mine = [refund for refund in refunds if refund.asset == asset or refund.asset.key in swapped]
    owed = Money(sum(refund.owed.units for refund in mine), USD)
    if not mine:
        return Need(count=0, owed=owed, amount=Money(0, asset))
    house = call.house
    house.poller.tick(house.assets.polled)
    try:
        quote = house.book.quote(asset.code, house.clock.now())
    except RateError as error:
        return Need(count=len(mine), owed=owed, refusal=str(error))
    units = sum(_units(refund, quote, asset) for refund in mine)
    return Need(count=len(mine), owed=owed, amount=Money(units, asset), quote=quote)


def waits(call: Call) -> list[tuple[RefundStatus, str, int]]:
    """What refunds wait for, in words, the most frequent first."""
    counted: Counter[tuple[RefundStatus, str]] = Counter()
    for line in _queue(call, RefundStatus.APPROVED, RefundStatus.HELD):
        refund = line.refund
        words = refund.waiting_for if refund.status is RefundStatus.APPROVED else refund.hold_reason
        counted[refund.status, words or NOTHING] += 1
    return [(status, words, count) for (status, words), count in counted.most_common()]


def _units(refund: Refund, quote: Quote, asset: Asset) -> int:
    units = units_for(refund.owed, quote.rate, asset).units
    most = refund.amount_max
    return min(units, most.units) if most is not None and most.asset == asset else units


def _queue(call: Call, *statuses: RefundStatus) -> Iterator[RefundLine]:
    after: str | None = None
    while True:
        page = call.house.store.list_refunds(statuses=statuses, after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].refund.id
