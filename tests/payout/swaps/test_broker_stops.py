"""What keeps the broker from making an order: pauses, rates, changed rows, funds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.journal import MemoryJournal
from payout.change import Change, Pause
from payout.errors import JournalBroken, RateUnavailable
from payout.refund import RefundStatus
from payout.spend_journal import JournalView
from payout.swaps.rules import SwapAsset
from tests.factories import usd
from tests.payout.swaps.brokering import BTC, DUST, ETH, Bazaar


class Broken(MemoryJournal):
    """A journal that somebody altered."""

    def view(self) -> JournalView:
        raise JournalBroken("line 7 was altered")


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
    bazaar = Bazaar(units=25 * 10**9)  # ten outputs of 0.025: 0.25 XMR, and 32 USD take up to 0.21
    first, second = bazaar.approved("E-1"), bazaar.approved("E-2")
    bazaar.tick(2)
    assert bazaar.statuses(first) == ["UNFUNDED"]
    assert bazaar.statuses(second) == []
    assert bazaar.waiting(second).startswith("unlocked funds: it may take 0.21 XMR, and 0.0")


def test_who_was_approved_first_is_first_whatever_the_coin() -> None:
    bazaar = Bazaar(units=25 * 10**9)
    ether, bitcoin = bazaar.approved("E-1", asset=ETH), bazaar.approved("E-2", asset=BTC)
    bazaar.tick()
    assert (bazaar.statuses(ether), bazaar.statuses(bitcoin)) == (["UNFUNDED"], [])


@pytest.mark.parametrize(("seconds", "life"), [(121, 3600), (61, 60)], ids=["our rates", "its offer"])
def test_a_quote_that_ran_out_while_others_were_asked_leads_to_no_order(seconds: int, life: int) -> None:
    bazaar = Bazaar(choose=("alpha", "beta"))
    bazaar.alpha.offer_life = timedelta(seconds=life)
    key = bazaar.approved()

    class Slow:
        def at(self, point: str, *, before: bool) -> None:
            if point == "processor.quote" and not before:
                bazaar.clock.pass_by(seconds)

    bazaar.beta.faults = Slow()
    bazaar.tick()
    assert bazaar.orders(key) == ()
    assert bazaar.waiting(key) == "a new quote, as the last one ran out"


def test_without_a_free_return_address_no_order_is_asked_for() -> None:
    bazaar = Bazaar(addresses=0)
    key = bazaar.approved()
    bazaar.tick()
    assert "a return address, which wallet hot makes" in bazaar.waiting(key)
    assert bazaar.alpha.orders == {}
    bazaar.give_addresses(1)
    bazaar.tick()
    assert bazaar.statuses(key) == ["UNFUNDED"]


def test_refunds_for_which_no_return_address_is_left_are_not_quoted_and_go_on_as_soon_as_there_is_one() -> None:
    bazaar = Bazaar(addresses=1)
    keys = [bazaar.approved(f"E-{number}") for number in range(3)]
    broker = bazaar.broker()
    broker.tick()
    assert sorted(len(bazaar.orders(key)) for key in keys) == [0, 0, 1]
    assert sum("a return address" in (bazaar.waiting(key) or "") for key in keys) == 2
    bazaar.give_addresses(2)
    broker.tick()
    assert [bazaar.statuses(key) for key in keys] == [["UNFUNDED"]] * 3


def test_refunds_of_the_wallets_own_coin_are_none_of_its_business() -> None:
    bazaar = Bazaar()
    xmr_asset = bazaar.wallet().rules.asset
    key = bazaar.approved(asset=xmr_asset)
    bazaar.tick()
    assert bazaar.refund(key).waiting_for is None
    assert bazaar.orders(key) == ()


def test_a_journal_that_cannot_be_read_makes_no_orders() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.journal = Broken([])
    bazaar.tick()
    assert bazaar.orders(key) == ()
    assert bazaar.waiting(key) == "the spend journal: line 7 was altered"
