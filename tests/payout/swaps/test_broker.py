"""The broker: from an approved refund to an order that waits for its deposit, as it was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from adapters.memory.processor import MemoryProcessor
from payout.approval import Caps
from payout.money import Money
from payout.order import OrderStatus, Stage
from payout.refund import RefundStatus
from payout.swaps.wish import CANDIDATES_MAX
from tests.approvers import make_rules
from tests.factories import usd
from tests.payout.swaps.brokering import BTC, Bazaar

if TYPE_CHECKING:
    from payout.order import Said


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


def test_however_many_wait_for_a_cap_what_is_behind_them_gets_its_order() -> None:
    bazaar = Bazaar()
    rules = make_rules(None, caps=Caps(destination_day=usd("10.00")))
    bazaar.approver = replace(bazaar.approver, rules=lambda: rules)
    waiting = [bazaar.approved(f"A-{number}", destination="customer A") for number in range(CANDIDATES_MAX + 1)]
    last = bazaar.approved("E-1", "9.00")
    bazaar.tick()
    assert bazaar.order(last).status is OrderStatus.UNFUNDED
    assert not bazaar.store.orders_of(waiting)


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
