"""Processors that fail are left alone for growing pauses; one that refuses us, until it takes us back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from payout.errors import ProcessorDenied, ProcessorGarbled, RailUnavailable
from payout.swaps.health import Health
from tests.payout.swaps.brokering import Bazaar

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
STEPS = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5))


@pytest.mark.parametrize("error", [RailUnavailable("down"), ProcessorGarbled("<html>"), TypeError("a fault of ours")])
def test_while_one_processor_fails_the_next_one_is_taken(error: Exception) -> None:
    bazaar = Bazaar()
    bazaar.alpha.script["quote"] = [error]
    first, second = bazaar.approved("E-1"), bazaar.approved("E-2")
    bazaar.tick()
    assert bazaar.order(first).processor == "beta"
    assert bazaar.order(second).processor in {"alpha", "beta"}


def test_a_processor_that_failed_is_left_alone_and_then_asked_again() -> None:
    bazaar = Bazaar(choose=("alpha",))
    broker = bazaar.broker()
    broker.tick()
    bazaar.alpha.script["quote"] = [RailUnavailable("down")]
    key = bazaar.approved()
    broker.tick()
    assert "alpha: down" in bazaar.waiting(key)
    bazaar.clock.pass_by(61)  # The refund rests for a minute, the processor for a quarter of it.
    broker.tick()
    assert bazaar.statuses(key) == ["UNFUNDED"]


def test_pauses_grow_with_each_failure_and_end_with_a_success() -> None:
    health = Health(STEPS)
    now = NOW
    for step in (*STEPS, STEPS[-1]):
        health.failed("alpha", "down", now)
        assert health.away("alpha", now + step - timedelta(seconds=1)) is not None
        now += step
        assert health.away("alpha", now) is None
    health.worked("alpha")
    health.failed("alpha", "down", now)
    assert health.away("alpha", now + STEPS[0]) is None


def test_failures_of_calls_that_were_made_side_by_side_count_once() -> None:
    health = Health(STEPS)
    for _ in range(10):
        health.failed("alpha", "down", NOW)
    assert health.away("alpha", NOW + STEPS[0]) is None


def test_a_pause_says_until_when_and_why() -> None:
    health = Health(STEPS)
    health.failed("alpha", "no whole answer within 15 s", NOW)
    assert health.away("alpha", NOW) == "left alone until 12:00:15 UTC: no whole answer within 15 s"


def test_a_processor_that_refuses_our_key_gets_no_orders_until_its_lists_can_be_read_again() -> None:
    bazaar = Bazaar()
    broker = bazaar.broker()
    broker.tick()
    bazaar.alpha.script["quote"] = [ProcessorDenied("401")]
    first = bazaar.approved("E-1")
    broker.tick()
    assert bazaar.order(first).processor == "beta"
    (alarm,) = bazaar.alarms()
    assert alarm.kind == "processor.denied"
    bazaar.alpha.script["refresh"] = [ProcessorDenied("401")]
    for _ in range(120):  # Twenty minutes: one look at whether it still does.
        broker.tick()
        bazaar.clock.pass_by(10)
    assert bazaar.alpha.calls.count("quote") == 1
    assert len(bazaar.alarms()) == 1
    for _ in range(120):
        broker.tick()
        bazaar.clock.pass_by(10)
    assert "processor.accepted" in bazaar.kinds()
    second = bazaar.approved("E-2")
    broker.tick()
    assert bazaar.order(second).processor == "alpha"


def test_a_refusal_of_our_key_at_the_creating_call_makes_no_order_and_tries_the_next() -> None:
    bazaar = Bazaar()
    bazaar.alpha.script["create"] = [ProcessorDenied("403")]
    key = bazaar.approved()
    bazaar.tick()
    first, second = bazaar.orders(key)
    assert (first.processor, first.status.value) == ("alpha", "DROPPED")
    assert (second.processor, second.status.value) == ("beta", "UNFUNDED")
    assert [event.kind for event in bazaar.alarms()] == ["processor.denied"]


def test_a_success_that_was_under_way_does_not_undo_a_refusal() -> None:
    health = Health(STEPS)
    assert health.denied("alpha", "401", NOW)
    assert not health.worked("alpha")
    assert health.away("alpha", NOW + timedelta(days=1)) is not None
    assert not health.denied("alpha", "401", NOW)
    assert health.worked("alpha", by_refresh=True)


def test_lists_that_cannot_be_read_are_tried_again_after_a_pause() -> None:
    bazaar = Bazaar(choose=("alpha",))
    bazaar.alpha.script["refresh"] = [RailUnavailable("down"), TypeError("a fault of ours")]
    key = bazaar.approved()
    broker = bazaar.broker()
    broker.tick()
    assert bazaar.orders(key) == ()
    for _ in range(20):
        bazaar.clock.pass_by(10)
        broker.tick()
    assert bazaar.statuses(key) == ["UNFUNDED"]


def test_a_processor_that_hangs_costs_one_call_and_not_one_for_each_refund() -> None:
    bazaar = Bazaar(choose=("alpha",))
    bazaar.alpha.script["quote"] = [RailUnavailable("no whole answer within 15 s")] * 10
    keys = [bazaar.approved(f"E-{n}", "3.20") for n in range(10)]
    bazaar.tick()
    assert bazaar.alpha.calls.count("quote") == 1
    assert all("alpha: left alone until" in bazaar.waiting(key) for key in keys[1:])


def test_a_processor_that_fails_at_the_creating_call_is_not_asked_for_the_other_refunds() -> None:
    bazaar = Bazaar()
    bazaar.alpha.script["create"] = [RailUnavailable("no connection")] * 10
    keys = [bazaar.approved(f"E-{n}", "3.20") for n in range(5)]
    bazaar.tick()
    assert bazaar.alpha.calls.count("create") == 1
    assert [bazaar.orders(key)[-1].processor for key in keys] == ["beta"] * 5
    assert [bazaar.orders(key)[-1].number for key in keys] == [2, 1, 1, 1, 1]
