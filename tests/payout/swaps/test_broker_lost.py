"""Lost answers to creating calls: looked for, adopted when there is no doubt, and never asked for twice."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from adapters.memory.processor import Outcome
from payout.errors import (
    CommitUnknown,
    OrderRefused,
    ProcessorGarbled,
    RailUnavailable,
    RateUnavailable,
    StoreUnavailable,
)
from payout.money import Money
from payout.order import OrderStatus
from payout.refund import RefundStatus
from tests.payout.swaps.brokering import BTC, Bazaar
from tests.scenarios.boundary import Bounded, Crash

if TYPE_CHECKING:
    from payout.order import Said


def lost(outcome: Outcome | Exception = Outcome.LOST, **facts: object) -> tuple[Bazaar, str]:
    """A refund whose creating call at alpha, the only processor, ended so."""
    bazaar = Bazaar(choose=("alpha",))
    for name, value in facts.items():
        setattr(bazaar.alpha, name, value)
    key = bazaar.approved()
    bazaar.alpha.script["create"] = [outcome]
    return bazaar, key


def test_an_order_whose_answer_was_lost_is_found_and_adopted_when_its_processor_is_asked_again() -> None:
    bazaar, key = lost()
    broker = bazaar.broker()
    broker.tick()
    assert bazaar.statuses(key) == ["ASKED"]
    assert "whose answer about order" in bazaar.waiting(key)
    bazaar.clock.pass_by(15)
    broker.tick()
    order = bazaar.order(key)
    assert (order.status, order.processor_id) == (OrderStatus.UNFUNDED, "alpha-1")
    assert order.deposit_address == "deposit-alpha-1"
    assert bazaar.alpha.calls.count("create") == 1
    assert bazaar.kinds() == ["order.asked", "order.lost", "order.adopted"]


@pytest.mark.parametrize("fault", [Outcome.NEVER, ProcessorGarbled("what is this"), KeyError("a fault of ours")])
def test_an_order_that_is_not_found_is_given_up_after_two_minutes_and_another_is_made(
    fault: Outcome | Exception,
) -> None:
    bazaar, key = lost(fault)
    broker = bazaar.broker()
    for _ in range(12):
        broker.tick()
        assert bazaar.statuses(key) == ["ASKED"]
        bazaar.clock.pass_by(10)
    broker.tick()
    assert bazaar.statuses(key) == ["DROPPED", "UNFUNDED"]
    assert "was lost, and it was not found there" in (bazaar.orders(key)[0].reason or "")
    assert bazaar.alpha.calls.count("create") == 2


def test_a_processor_that_cannot_look_is_given_up_on_too() -> None:
    bazaar, key = lost(can_find=False)
    bazaar.tick(13)
    assert bazaar.statuses(key) == ["DROPPED", "UNFUNDED"]


def test_of_two_orders_that_could_be_it_none_is_adopted() -> None:
    bazaar, key = lost()
    broker = bazaar.broker()
    broker.tick()
    made = bazaar.alpha.orders["alpha-1"]
    twin = replace(made.said, processor_id="alpha-2", deposit_address="deposit-alpha-2")
    bazaar.alpha.orders["alpha-2"] = replace(made, said=twin)
    bazaar.clock.pass_by(15)
    broker.tick()
    assert bazaar.statuses(key) == ["ASKED"]
    bazaar.clock.pass_by(105)
    broker.tick()
    assert bazaar.orders(key)[0].status is OrderStatus.DROPPED
    assert "2 orders there could be it" in (bazaar.orders(key)[0].reason or "")


def test_an_order_that_another_row_has_is_never_adopted() -> None:
    bazaar = Bazaar(choose=("alpha",))
    first = bazaar.approved("E-1", destination="one customer")
    bazaar.tick()
    second = bazaar.approved("E-2", destination="one customer")
    bazaar.alpha.script["create"] = [Outcome.NEVER]
    bazaar.tick(8, seconds=10)
    assert bazaar.order(first).processor_id == "alpha-1"
    assert bazaar.statuses(second) == ["ASKED"]


def test_what_is_found_is_held_against_what_was_asked_like_any_answer() -> None:
    bazaar, key = lost()
    bazaar.alpha.twist = lambda call, said: replace(said, memo="a stranger's") if call == "find" else said
    bazaar.tick(2, seconds=15)
    assert bazaar.orders(key)[0].status is OrderStatus.DROPPED
    assert "its memo is" in (bazaar.orders(key)[0].reason or "")


@pytest.mark.parametrize("wrong", ["destination", "receive"])
def test_what_pays_someone_else_or_another_amount_is_not_it(wrong: str) -> None:
    bazaar, key = lost()

    def twist(call: str, said: Said) -> Said:
        other = {"destination": "someone else"} if wrong == "destination" else {"receive": Money(1, BTC)}
        return replace(said, **other) if call == "find" else said

    bazaar.alpha.twist = twist
    bazaar.tick(5)
    assert bazaar.statuses(key) == ["ASKED"]


def test_without_a_rate_a_found_order_waits_to_be_adopted() -> None:
    bazaar, key = lost()
    broker = bazaar.broker()
    broker.tick()
    bazaar.pricing.refusal = RateUnavailable("no fresh source")
    bazaar.clock.pass_by(15)
    broker.tick()
    assert bazaar.statuses(key) == ["ASKED"]
    bazaar.pricing.refusal = None
    broker.tick()
    assert bazaar.statuses(key) == ["UNFUNDED"]


def test_a_find_that_fails_is_tried_again() -> None:
    bazaar, key = lost()
    bazaar.alpha.script["find"] = [RailUnavailable("down")]
    broker = bazaar.broker()
    broker.tick()
    bazaar.clock.pass_by(15)
    broker.tick()
    assert bazaar.statuses(key) == ["ASKED"]
    bazaar.clock.pass_by(60)
    broker.tick()
    assert bazaar.statuses(key) == ["UNFUNDED"]


# ---------------------------------------------------------------- crashes


class DieAt:
    """The process ends at this call."""

    def __init__(self, point: str, *, before: bool) -> None:
        self.point = point
        self.side = before

    def at(self, point: str, *, before: bool) -> None:
        if (point, before) == (self.point, self.side):
            raise Crash(point)


def test_a_process_that_dies_after_asking_leaves_an_order_that_another_finds() -> None:
    bazaar = Bazaar(choose=("alpha",))
    key = bazaar.approved()
    bazaar.alpha.faults = DieAt("processor.create", before=False)
    with pytest.raises(Crash):
        bazaar.broker().tick()
    assert bazaar.statuses(key) == ["ASKED"]
    bazaar.alpha.faults = DieAt("nowhere", before=True)
    bazaar.clock.pass_by(10)
    bazaar.tick()
    assert bazaar.alpha.calls.count("find") == 0  # The other process may still be waiting for its answer.
    bazaar.clock.pass_by(40)
    bazaar.tick()
    assert bazaar.statuses(key) == ["UNFUNDED"]
    assert bazaar.alpha.calls.count("create") == 1


def test_a_process_that_dies_before_asking_leaves_an_order_that_is_given_up() -> None:
    bazaar = Bazaar(choose=("alpha",))
    key = bazaar.approved()
    bazaar.alpha.faults = DieAt("processor.create", before=True)
    with pytest.raises(Crash):
        bazaar.broker().tick()
    bazaar.alpha.faults = DieAt("nowhere", before=True)
    bazaar.tick(14)
    assert bazaar.statuses(key) == ["DROPPED", "UNFUNDED"]


@pytest.mark.parametrize("written", [True, False])
def test_a_commit_whose_answer_is_lost_never_leads_to_a_creating_call(*, written: bool) -> None:
    bazaar = Bazaar(choose=("alpha",))
    key = bazaar.approved()

    class Lossy:
        def at(self, point: str, *, before: bool) -> None:
            if point == "store.commit" and before is not written:
                raise CommitUnknown("the answer was lost") if written else StoreUnavailable("gone")

    store = Bounded(bazaar.store, "store", Lossy())
    with pytest.raises((CommitUnknown, StoreUnavailable)):
        bazaar.broker(store).tick()
    assert bazaar.alpha.orders == {}
    assert bazaar.statuses(key) == (["ASKED"] if written else [])
    bazaar.tick(14)
    assert bazaar.statuses(key)[-1] == "UNFUNDED"
    assert len(bazaar.alpha.orders) == 1


# ---------------------------------------------------------------- definite noes


@pytest.mark.parametrize("no", [OrderRefused("not today"), RailUnavailable("no connection")])
def test_a_definite_no_goes_to_the_next_processor_within_the_tick(no: Exception) -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.alpha.script["create"] = [no]
    bazaar.tick()
    first, second = bazaar.orders(key)
    assert (first.processor, first.status, first.number) == ("alpha", OrderStatus.DROPPED, 1)
    assert str(no) in (first.reason or "")
    assert (second.processor, second.status, second.number) == ("beta", OrderStatus.UNFUNDED, 2)
    assert first.return_address != second.return_address


def test_a_refund_of_which_three_orders_came_to_nothing_within_the_hour_waits() -> None:
    bazaar = Bazaar(choose=("alpha",))
    key = bazaar.approved()
    broker = bazaar.broker()
    for _ in range(400):
        broker.tick()
        bazaar.clock.pass_by(10)
    # Each lives 17 of its 20 minutes: nobody funds them here.
    assert bazaar.statuses(key) == ["DROPPED", "DROPPED", "DROPPED", "UNFUNDED"]
    starts = [order.asked_at for order in bazaar.orders(key)]
    assert (starts[3] - starts[0]).total_seconds() >= 3600
    assert bazaar.refund(key).status is RefundStatus.APPROVED


def test_a_refund_that_waits_for_the_hour_says_until_when() -> None:
    bazaar = Bazaar(choose=("alpha",), unfunded_per_hour=1)
    key = bazaar.approved()
    bazaar.tick()
    bazaar.clock.pass_by(17 * 60)
    bazaar.tick(2)
    assert bazaar.statuses(key) == ["DROPPED"]
    assert bazaar.waiting(key) == "13:00 UTC, as 1 orders came to nothing within the hour"


def test_definite_noes_do_not_count_as_orders_that_came_to_nothing() -> None:
    bazaar = Bazaar(choose=("alpha",))
    key = bazaar.approved()
    bazaar.alpha.script["create"] = [OrderRefused("not today")] * 4
    bazaar.alpha.spread = Decimal(1)
    bazaar.tick(30)
    assert bazaar.statuses(key) == [*["DROPPED"] * 4, "UNFUNDED"]
