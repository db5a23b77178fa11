"""Offers: named roundings, how dear one may be, and which one is taken first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from payout.asset import XMR
from payout.money import Money
from payout.swaps.offer import Offer, offer_fault, ranked, rounded_down, spend_limit, spread
from tests.factories import NOW, xmr
from tests.payout.swaps.brokering import BTC, ETH

WANTED = Money(50_000, BTC)


def make_offer(processor: str = "alpha", cost: str = "0.2", **changes: Any) -> Offer:
    return replace(Offer(processor=processor, receive=WANTED, deposit=xmr(cost)), **changes)


@pytest.mark.parametrize(
    ("units", "decimals_max", "left"),
    [
        (3_000_300_030_003_000, 8, 3_000_300_000_000_000),
        (9_999_999_999, 8, 0),
        (10_000_000_000, 8, 10_000_000_000),
        (3_000_300_030_003_000, 18, 3_000_300_030_003_000),
        (3_000_300_030_003_000, 30, 3_000_300_030_003_000),
    ],
)
def test_an_amount_is_rounded_down_to_what_a_processor_takes(units: int, decimals_max: int, left: int) -> None:
    assert rounded_down(Money(units, ETH), decimals_max).units == left


def test_the_most_that_may_be_paid_is_what_it_is_worth_and_the_spread_on_top_rounded_down() -> None:
    assert spend_limit(Decimal(32), Decimal(160), XMR, Decimal(5)) == xmr("0.21")
    assert spend_limit(Decimal(1), Decimal(3), XMR, Decimal(0)).units == 333_333_333_333
    assert spend_limit(Decimal("25.00"), Decimal("163.47"), XMR, Decimal("2.5")).units == 156_756_591_423


def test_the_spread_of_an_offer_is_told_in_percent() -> None:
    assert spread(make_offer(cost="0.218"), Decimal(32), Decimal(160)) == Decimal("9.00")
    assert spread(make_offer(cost="0.1998"), Decimal(32), Decimal(160)) == Decimal("-0.10")


def test_the_cheapest_offer_is_tried_first_where_the_best_is_wanted() -> None:
    offers = [make_offer("alpha", "0.203"), make_offer("beta", "0.201"), make_offer("gamma", "0.202")]
    names = [offer.processor for offer in ranked(offers, ("alpha", "beta", "gamma"), best=True)]
    assert names == ["beta", "gamma", "alpha"]


def test_equally_cheap_offers_are_tried_in_the_order_of_the_route() -> None:
    offers = [make_offer("gamma"), make_offer("alpha"), make_offer("beta")]
    names = [offer.processor for offer in ranked(offers, ("beta", "alpha", "gamma"), best=True)]
    assert names == ["beta", "alpha", "gamma"]


def test_a_list_is_followed_whatever_the_price() -> None:
    offers = [make_offer("beta", "0.201"), make_offer("alpha", "0.203")]
    assert [offer.processor for offer in ranked(offers, ("alpha", "beta"), best=False)] == ["alpha", "beta"]


def test_an_offer_of_nobody_on_the_route_is_left_out() -> None:
    assert ranked([make_offer("delta")], ("alpha",), best=True) == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"receive": Money(49_999, BTC)}, "it offers 0.00049999 BTC for the 0.0005 BTC asked for"),
        ({"receive": Money(50_000, ETH)}, "ETH for the 0.0005 BTC asked for"),
        ({"deposit": Money(1, BTC)}, "it asks for 0.00000001 BTC"),
        ({"deposit": xmr("0")}, "it asks for 0 XMR"),
        ({"expires_at": NOW}, "it ran out at"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_an_offer_that_is_not_what_was_asked_for_is_refused(changes: dict[str, Any], words: str) -> None:
    assert words in (offer_fault(make_offer(**changes), WANTED, XMR, NOW) or "")


def test_an_offer_that_is_what_was_asked_for_is_taken() -> None:
    assert offer_fault(make_offer(expires_at=NOW + timedelta(seconds=1)), WANTED, XMR, NOW) is None
