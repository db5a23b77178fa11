"""The broker: from an approved refund to an order that waits for its deposit, chosen and checked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from adapters.memory.processor import MemoryProcessor
from payout.change import Change, Pause
from payout.errors import RailUnavailable, RateUnavailable
from payout.money import Money
from payout.order import OrderStatus, Stage
from payout.refund import RefundStatus
from payout.swap_rules import SwapAsset
from tests.factories import usd
from tests.payout.brokering import BTC, DUST, ETH, Bazaar, swap_rules

if TYPE_CHECKING:
    from payout.order import Said

# ---------------------------------------------------------------- the way it should go


def test_an_approved_refund_gets_an_order_for_what_it_is_worth_at_our_own_rates() -> None:
    bazaar = Bazaar()
    key = bazaar.approved(owed="32.00")
    bazaar.tick()
    order = bazaar.order(key)
    assert order.status is OrderStatus.UNFUNDED
    assert order.receive == Money(50_000, BTC)  # 32 USD at 64000
    assert order.destination == bazaar.refund(key).destination
    assert order.revision == bazaar.refund(key).revision
    assert bazaar.store.quote(order.quote_id) == bazaar.pricing.given[order.quote_id]
    assert bazaar.refund(key).status is RefundStatus.APPROVED
    assert "deposit to alpha" in bazaar.waiting(key)
    assert bazaar.kinds() == ["order.asked", "order.made"]


def test_an_order_keeps_what_is_needed_to_fund_it_and_to_ask_support() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.tick()
    order = bazaar.order(key)
    said = bazaar.alpha.orders["alpha-1"].said
    assert (order.processor_id, order.deposit_address, order.deposit) == ("alpha-1", said.deposit_address, said.deposit)
    assert order.expires_at == said.expires_at
    assert order.sealed_secret == "sealed secret of alpha-1"
    assert order.support_url == "https://alpha.example/support"


def test_each_order_has_a_return_address_of_its_own_that_our_wallet_owns() -> None:
    bazaar = Bazaar()
    keys = [bazaar.approved(f"E-{n}") for n in range(4)]
    bazaar.tick()
    addresses = {bazaar.order(key).return_address for key in keys}
    assert len(addresses) == 4
    assert all(bazaar.coin.owns(address) for address in addresses)


def test_a_made_order_was_read_again_and_its_reading_is_there_for_the_funder() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    now = bazaar.clock.now()
    bazaar.broker().tick()
    order = bazaar.order(key)
    assert bazaar.alpha.calls[-2:] == ["create", "read"]
    said = bazaar.readings.fresh(order, now, bazaar.rules.reading_age)
    assert said is not None
    assert said.deposit_address == order.deposit_address


def test_a_refund_with_a_live_order_gets_no_other() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.tick(5)
    assert bazaar.statuses(key) == ["UNFUNDED"]
    assert len(bazaar.alpha.orders) == 1


def test_two_processes_never_make_two_orders_that_live() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    other = bazaar.broker()

    class Meanwhile:
        """While one process quotes, the other does the whole tick."""

        def __init__(self) -> None:
            self.done = False

        def at(self, point: str, *, before: bool) -> None:
            if point == "processor.quote" and not before and not self.done:
                self.done = True
                other.tick()

    bazaar.alpha.faults = Meanwhile()
    bazaar.broker().tick()
    assert bazaar.statuses(key) == ["UNFUNDED"]
    assert len(bazaar.alpha.orders) == 1


def test_orders_of_many_refunds_are_made_side_by_side_in_threads() -> None:
    bazaar = Bazaar(lanes=4)
    keys = [bazaar.approved(f"E-{n}", "3.20") for n in range(12)]
    broker = bazaar.broker()
    broker.tick()
    broker.close()
    assert [bazaar.statuses(key) for key in keys] == [["UNFUNDED"]] * 12


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


# ---------------------------------------------------------------- what stops it


@pytest.mark.parametrize("scope", ["all", "hot"])
@pytest.mark.parametrize("by_file", [True, False])
def test_a_pause_of_all_or_of_the_wallet_makes_no_orders(scope: str, *, by_file: bool) -> None:
    bazaar = Bazaar()
    pause = Pause(scope=scope, who="alice", why="counting", at=bazaar.clock.now())
    if by_file:
        bazaar.halts.there = (pause,)
    else:
        bazaar.store.commit(Change(pauses=(pause,)))
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.orders(key) == ()
    assert bazaar.waiting(key) == f"{scope} is paused by alice: counting"


def test_a_pause_of_a_processor_sends_orders_to_the_others() -> None:
    bazaar = Bazaar()
    bazaar.store.commit(Change(pauses=(Pause(scope="alpha", who="alice", why="late", at=bazaar.clock.now()),)))
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.order(key).processor == "beta"
    assert "quote" not in bazaar.alpha.calls


def test_a_pause_that_comes_while_quoting_stops_the_order() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    pause = Pause(scope="alpha", who="alice", why="late", at=bazaar.clock.now())

    class PauseNow:
        def at(self, point: str, *, before: bool) -> None:
            if point == "processor.quote" and not before:
                bazaar.store.commit(Change(pauses=(pause,)))

    bazaar.alpha.faults = PauseNow()
    bazaar.tick()
    assert bazaar.orders(key) == ()
    assert "alpha is paused by alice" in bazaar.waiting(key)


def test_without_a_rate_nothing_is_quoted() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.pricing.refusal = RateUnavailable("no fresh source")
    bazaar.tick()
    assert bazaar.waiting(key) == "a rate: no fresh source"
    assert "quote" not in bazaar.alpha.calls


@pytest.mark.parametrize(
    "edit", [{"destination": "a thief"}, {"owed": usd("99.00")}, {"memo": "another"}], ids=lambda edit: next(iter(edit))
)
def test_a_refund_whose_signed_facts_were_changed_is_held(edit: dict[str, Any]) -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.edit(key, **edit)
    bazaar.tick()
    assert bazaar.refund(key).status is RefundStatus.HELD
    assert bazaar.orders(key) == ()


def test_a_row_that_counts_with_other_decimals_is_held() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.edit(key, asset=replace(BTC, decimals=10))
    bazaar.tick()
    assert "10 decimals: find out who changed it" in (bazaar.refund(key).hold_reason or "")


def test_an_asset_that_is_not_configured_waits_in_words() -> None:
    bazaar = Bazaar(assets={BTC.key: SwapAsset(asset=BTC, dust=DUST[BTC])})
    key = bazaar.approved(asset=ETH)
    bazaar.tick()
    assert "ETH on ethereum is not among the payable assets" in bazaar.waiting(key)


def test_orders_are_made_only_as_far_as_the_unlocked_balance_reaches() -> None:
    bazaar = Bazaar(units=25 * 10**10 // 10)  # ten outputs of 0.025: 0.25 XMR, and 32 USD take up to 0.21
    first, second = bazaar.approved("E-1"), bazaar.approved("E-2")
    bazaar.tick(2)
    assert bazaar.statuses(first) == ["UNFUNDED"]
    assert bazaar.statuses(second) == []
    assert bazaar.waiting(second).startswith("unlocked funds: it may take 0.21 XMR, and 0.0")


def test_without_a_free_return_address_no_order_is_asked_for() -> None:
    bazaar = Bazaar(addresses=0)
    key = bazaar.approved()
    bazaar.tick()
    assert "a return address, which wallet hot makes" in bazaar.waiting(key)
    assert bazaar.alpha.orders == {}
    bazaar.give_addresses(1)
    bazaar.tick()
    assert bazaar.statuses(key) == ["UNFUNDED"]


def test_refunds_of_the_wallets_own_coin_are_none_of_its_business() -> None:
    bazaar = Bazaar()
    xmr_asset = bazaar.wallet().rules.asset
    key = bazaar.approved(asset=xmr_asset)
    bazaar.tick()
    assert bazaar.refund(key).waiting_for is None
    assert bazaar.orders(key) == ()


# ---------------------------------------------------------------- what processors answer


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"destination": "a thief"}, "it pays to 'a thief' instead of"),
        ({"receive": Money(40_000, BTC)}, "it pays 0.0004 BTC instead of 0.0005 BTC"),
        ({"deposit_address": "0"}, "its deposit address '0' is none of our coin"),
        ({"stage": Stage.FAILED}, "it does not wait for a deposit"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_an_order_made_otherwise_than_asked_is_never_to_be_funded_and_the_next_processor_is_tried(
    changes: dict[str, Any], words: str
) -> None:
    bazaar = Bazaar()

    def twist(call: str, said: Said) -> Said:
        return replace(said, **changes) if call == "create" else said

    bazaar.alpha.twist = twist
    key = bazaar.approved()
    bazaar.tick()
    first, second = bazaar.orders(key)
    assert (first.processor, first.status) == ("alpha", OrderStatus.DROPPED)
    assert words in (first.reason or "")
    assert first.deposit_address is None
    assert (second.processor, second.status) == ("beta", OrderStatus.UNFUNDED)
    assert [event.kind for event in bazaar.alarms()] == ["order.dropped"]


@pytest.mark.parametrize("changes", [{"deposit_address": "deposit-alpha-1"}, {"processor_id": "alpha-1"}])
def test_an_order_that_names_what_another_order_has_is_dropped(changes: dict[str, Any]) -> None:
    bazaar = Bazaar(choose=("alpha",))
    first = bazaar.approved("E-1")
    bazaar.tick()
    bazaar.alpha.twist = lambda call, said: replace(said, **changes) if call == "create" else said
    second = bazaar.approved("E-2")
    bazaar.tick()
    assert bazaar.statuses(first) == ["UNFUNDED"]
    assert bazaar.statuses(second) == ["DROPPED"]
    assert "is another order's" in (bazaar.order(second).reason or "")


def test_an_order_that_says_otherwise_when_it_is_read_again_is_dropped_with_an_alarm() -> None:
    bazaar = Bazaar(choose=("alpha",))
    bazaar.alpha.twist = lambda call, said: replace(said, deposit_address="elsewhere") if call == "read" else said
    key = bazaar.approved()
    bazaar.tick()
    order = bazaar.order(key)
    assert order.status is OrderStatus.DROPPED
    assert "its deposit address was 'deposit-alpha-1', and is now 'elsewhere'" in (order.reason or "")
    assert bazaar.alarms()
    assert bazaar.readings.latest("alpha", "alpha-1") is None


def test_a_lists_reading_of_a_processor_goes_on_once_a_day() -> None:
    bazaar = Bazaar()
    broker = bazaar.broker()
    for _ in range(49):
        broker.tick()
        bazaar.clock.pass_by(3600)
    assert bazaar.alpha.calls == ["refresh"] * 3


def test_a_processor_that_was_never_read_lists_nothing() -> None:
    bazaar = Bazaar()
    assert MemoryProcessor(bazaar.alpha).refusal(BTC) == "its lists were not read yet"
