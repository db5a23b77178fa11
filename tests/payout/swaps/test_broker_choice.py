"""What the broker asks for, and of whom: amounts, ranges, caps, prices and preferences."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from payout.change import Change
from payout.errors import RailUnavailable
from payout.money import Money
from payout.order import OrderStatus
from payout.refund import RefundStatus
from payout.swaps.rules import SwapAsset
from tests.factories import make_transfer, usd
from tests.payout.swaps.brokering import BTC, DUST, ETH, Bazaar, swap_rules

# ---------------------------------------------------------------- how much


def test_an_amount_is_never_above_what_the_refund_allows() -> None:
    bazaar = Bazaar()
    key = bazaar.approved(amount_max=Money(40_000, BTC))
    bazaar.tick()
    assert bazaar.order(key).receive == Money(40_000, BTC)


def test_an_amount_has_no_more_decimals_than_the_processor_takes_and_is_rounded_down() -> None:
    bazaar = Bazaar(choose=("alpha",))
    bazaar.pricing.prices["ETH"] = Decimal(3333)
    bazaar.alpha.prices = {**bazaar.alpha.prices, "ETH": Decimal(3333)}
    key = bazaar.approved(owed="10.00", asset=ETH)
    bazaar.tick()
    assert str(bazaar.order(key).receive) == "0.0030003"  # 0.00300030003...


def test_an_amount_below_the_dust_of_its_network_needs_a_person() -> None:
    bazaar = Bazaar(assets={BTC.key: SwapAsset(asset=BTC, dust=Money(60_000, BTC))})
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.refund(key).status is RefundStatus.HELD
    assert "0.0005 BTC is dust" in (bazaar.refund(key).hold_reason or "")
    assert bazaar.alpha.calls == ["refresh"]


def test_an_amount_that_is_dust_in_the_decimals_of_a_processor_is_not_asked_there() -> None:
    bazaar = Bazaar()
    bazaar.alpha.decimals_max = 3
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.order(key).processor == "beta"
    assert "quote" not in bazaar.alpha.calls


# ---------------------------------------------------------------- which processor


def test_the_best_quote_wins_where_no_list_is_configured() -> None:
    bazaar = Bazaar()
    bazaar.alpha.spread = Decimal(3)
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.order(key).processor == "beta"


def test_a_list_is_followed_also_where_another_is_cheaper() -> None:
    bazaar = Bazaar(choose=("beta", "alpha"))
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.order(key).processor == "beta"


def test_a_route_of_an_asset_goes_before_the_list_for_all() -> None:
    assets = {
        BTC.key: SwapAsset(asset=BTC, dust=DUST[BTC], route=("beta",)),
        ETH.key: SwapAsset(asset=ETH, dust=DUST[ETH]),
    }
    bazaar = Bazaar(choose=("alpha",), assets=assets)
    bitcoin, ether = bazaar.approved("E-1"), bazaar.approved("E-2", asset=ETH)
    bazaar.tick()
    assert (bazaar.order(bitcoin).processor, bazaar.order(ether).processor) == ("beta", "alpha")


def test_an_offer_dearer_than_our_rates_allow_is_refused_and_said() -> None:
    bazaar = Bazaar(spread_max=Decimal(2))
    bazaar.alpha.spread = bazaar.beta.spread = Decimal(9)
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.orders(key) == ()
    assert "9.00 % above our own rates, and swaps.spread_max_percent is 2" in bazaar.waiting(key)


def test_a_refund_that_was_quoted_in_vain_is_not_quoted_again_at_once() -> None:
    bazaar = Bazaar()
    bazaar.alpha.spread = bazaar.beta.spread = Decimal(9)
    bazaar.approved()
    broker = bazaar.broker()
    for _ in range(7):
        broker.tick()
        bazaar.clock.pass_by(10)
    assert bazaar.alpha.calls.count("quote") == 2


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"unlisted": {BTC.key: "BTC is listed with another contract"}}, "BTC is listed with another contract"),
        ({"memo_assets": {BTC.key}}, "with a memo only"),
    ],
)
def test_an_asset_that_a_processor_does_not_serve_as_it_should_goes_to_the_next(
    facts: dict[str, Any], words: str
) -> None:
    bazaar = Bazaar()
    for name, value in facts.items():
        setattr(bazaar.alpha, name, value)
    first = bazaar.approved("E-1")
    bazaar.tick()
    assert bazaar.order(first).processor == "beta"
    for name, value in facts.items():
        setattr(bazaar.beta, name, value)
    second = bazaar.approved("E-2")
    bazaar.tick()
    assert bazaar.orders(second) == ()
    assert words in bazaar.waiting(second)


def test_an_amount_out_of_the_range_of_one_goes_to_the_next() -> None:
    bazaar = Bazaar()
    bazaar.alpha.least[BTC.key] = Money(60_000, BTC)
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.order(key).processor == "beta"


def test_an_amount_out_of_everybodys_range_needs_a_person_who_is_told_the_bounds() -> None:
    bazaar = Bazaar()
    bazaar.alpha.least[BTC.key] = bazaar.beta.least[BTC.key] = Money(60_000, BTC)
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.refund(key).status is RefundStatus.HELD
    assert "at least 0.0006 BTC" in (bazaar.refund(key).hold_reason or "")


def test_an_amount_out_of_range_here_waits_while_another_is_only_down() -> None:
    bazaar = Bazaar()
    bazaar.alpha.least[BTC.key] = Money(60_000, BTC)
    broker = bazaar.broker()
    broker.tick()
    key = bazaar.approved()
    bazaar.beta.script["quote"] = [RailUnavailable("down")]
    broker.tick()
    assert bazaar.refund(key).status is RefundStatus.APPROVED
    assert "beta: down" in bazaar.waiting(key)


def test_a_refund_above_a_processors_order_cap_is_not_asked_there() -> None:
    rules = swap_rules()
    processors = {name: replace(each, order_max=usd("20.00")) for name, each in rules.processors.items()}
    bazaar = Bazaar(processors=processors)
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.refund(key).status is RefundStatus.HELD
    assert "order_max_usd is 20.00" in (bazaar.refund(key).hold_reason or "")


def test_a_processor_whose_days_cap_is_used_up_is_not_asked() -> None:
    bazaar = Bazaar()
    now = bazaar.clock.now()
    for name in ("alpha", "beta"):
        bazaar.store.commit(Change(caps=(bazaar.rules.processors[name].day_use(usd("980.00"), now),)))
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.orders(key) == ()
    assert "day_max_usd of 1000.00 is used up until tomorrow" in bazaar.waiting(key)


def returned(bazaar: Bazaar, key: str) -> None:
    """The order was funded, and alpha sent the deposit back."""
    order, transfer = bazaar.order(key), make_transfer()
    funded = order.to(OrderStatus.FUNDED, transfer_id=transfer.id)
    bazaar.store.commit(Change(transfers=(transfer,), orders=(funded,)))
    bazaar.store.commit(Change(orders=(funded.to(OrderStatus.RETURNED),)))


def test_a_refund_whose_deposit_came_back_is_tried_elsewhere() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.tick()
    returned(bazaar, key)
    bazaar.tick()
    assert [(order.processor, order.status.value) for order in bazaar.orders(key)] == [
        ("alpha", "RETURNED"),
        ("beta", "UNFUNDED"),
    ]


def test_a_refund_whose_deposit_came_back_and_that_nobody_else_pays_needs_a_person() -> None:
    bazaar = Bazaar(choose=("alpha",))
    key = bazaar.approved()
    bazaar.tick()
    returned(bazaar, key)
    bazaar.tick()
    assert bazaar.refund(key).status is RefundStatus.HELD
    assert "it sent the deposit of an earlier order back" in (bazaar.refund(key).hold_reason or "")
