"""Orders that are made and not funded: read again at each tick, and dropped when they are no longer of use."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payout.change import Change
from payout.errors import OrderMissing, RailUnavailable
from payout.order import OrderStatus, Stage
from payout.refund import RefundStatus
from tests.factories import make_transfer
from tests.payout.swaps.brokering import Bazaar


def made(**rules: Any) -> tuple[Bazaar, str]:
    """A refund with an order at alpha that waits for its deposit."""
    bazaar = Bazaar(choose=("alpha",), **rules)
    key = bazaar.approved()
    bazaar.tick()
    assert bazaar.statuses(key) == ["UNFUNDED"]
    return bazaar, key


def test_an_order_is_read_again_at_each_tick_so_that_its_reading_is_fresh() -> None:
    bazaar, key = made()
    for _ in range(5):
        at = bazaar.clock.now()
        bazaar.tick(seconds=30)
        reading = bazaar.readings.latest("alpha", "alpha-1")
        assert reading is not None
        assert reading.at == at
    assert bazaar.order(key).version == 1


def test_an_order_is_not_read_again_before_its_reading_is_a_quarter_of_a_minute_old() -> None:
    bazaar, _ = made(reread=timedelta(seconds=15))
    broker = bazaar.broker()
    before = bazaar.alpha.calls.count("read")
    for _ in range(12):
        bazaar.clock.pass_by(5)
        broker.tick()
    # Of each four ticks one, and no reading is ever older than the funder takes.
    assert bazaar.alpha.calls.count("read") - before == 3


def test_another_process_reads_what_it_did_not_make_with_the_unsealed_secret() -> None:
    bazaar, key = made()
    bazaar.readings.forget("alpha", "alpha-1")
    bazaar.tick()
    assert bazaar.readings.latest("alpha", "alpha-1") is not None
    assert bazaar.statuses(key) == ["UNFUNDED"]


def test_an_order_is_dropped_three_minutes_before_it_runs_out_and_another_is_made() -> None:
    bazaar, key = made()
    end = bazaar.order(key).expires_at
    assert end is not None
    bazaar.clock.time = end - timedelta(minutes=3, seconds=1)
    bazaar.tick(seconds=1)
    assert bazaar.statuses(key) == ["UNFUNDED"]
    bazaar.tick()
    assert bazaar.statuses(key) == ["DROPPED", "UNFUNDED"]
    assert bazaar.readings.latest("alpha", "alpha-1") is None
    assert bazaar.alarms() == []


@pytest.mark.parametrize("status", [RefundStatus.HELD, RefundStatus.CANCELED, RefundStatus.REQUESTED])
def test_the_order_of_a_refund_that_is_no_longer_approved_is_dropped(status: RefundStatus) -> None:
    bazaar, key = made()
    bazaar.store.commit(Change(refunds=(bazaar.refund(key).to(status, hold_reason="a person"),)))
    bazaar.tick()
    assert bazaar.statuses(key) == ["DROPPED"]
    assert bazaar.order(key).reason == f"its refund is {status}"


def test_the_order_of_an_amended_refund_is_dropped_though_it_was_approved_anew() -> None:
    bazaar, key = made()
    now = bazaar.clock.now()
    amended = bazaar.approver.sealed(bazaar.refund(key).amend("another address", None, by="ann", at=now))
    approval = bazaar.approver.sign(amended, "bob", now)
    bazaar.store.commit(Change(refunds=(amended,), approvals=(approval,)))
    bazaar.store.commit(Change(refunds=(amended.approve(now, approval.expires_at),)))
    bazaar.tick()
    first, second = bazaar.orders(key)
    assert first.status is OrderStatus.DROPPED
    assert "its revision is not the refund's" in (first.reason or "")
    assert second.destination == "another address"


@pytest.mark.parametrize(("stage", "alarm"), [(Stage.EXPIRED, False), (Stage.FAILED, False), (Stage.HOLD, True)])
def test_an_order_that_no_longer_waits_for_a_deposit_is_dropped(stage: Stage, *, alarm: bool) -> None:
    bazaar, key = made()
    bazaar.alpha.set("alpha-1", stage)
    bazaar.tick()
    assert bazaar.orders(key)[0].status is OrderStatus.DROPPED
    assert bool(bazaar.alarms()) is alarm


@pytest.mark.parametrize(
    "changes", [{"deposit_address": "elsewhere"}, {"destination": "a thief"}, {"deposit": None}, {"receive": None}]
)
def test_an_order_whose_processor_says_otherwise_now_is_dropped_with_an_alarm(changes: dict[str, Any]) -> None:
    bazaar, key = made()
    bazaar.alpha.set("alpha-1", Stage.AWAITING_DEPOSIT, **changes)
    bazaar.tick()
    assert bazaar.orders(key)[0].status is OrderStatus.DROPPED
    assert [event.order_id for event in bazaar.alarms()] == [bazaar.orders(key)[0].id]


def test_a_row_that_somebody_redirected_is_dropped_as_its_processor_says_otherwise() -> None:
    bazaar, key = made()
    bazaar.edit_order(bazaar.order(key), deposit_address="a thief's address")
    bazaar.tick()
    assert bazaar.orders(key)[0].status is OrderStatus.DROPPED


def test_an_expiry_that_is_now_said_earlier_counts_from_now_on() -> None:
    bazaar, key = made()
    sooner = bazaar.clock.now() + timedelta(minutes=8)
    bazaar.alpha.set("alpha-1", Stage.AWAITING_DEPOSIT, expires_at=sooner)
    bazaar.tick()
    assert bazaar.order(key).expires_at == sooner
    later = sooner + timedelta(minutes=30)
    bazaar.alpha.set("alpha-1", Stage.AWAITING_DEPOSIT, expires_at=later)
    bazaar.tick()
    assert bazaar.order(key).expires_at == sooner


def test_an_order_that_its_processor_misses_three_times_in_a_row_is_dropped() -> None:
    bazaar, key = made()
    bazaar.alpha.script["read"] = [OrderMissing("who?"), OrderMissing("who?")]
    bazaar.tick(3)
    assert bazaar.statuses(key) == ["UNFUNDED"]
    assert bazaar.order(key).missing == 0
    bazaar.alpha.forget("alpha-1")
    bazaar.tick(3)
    assert bazaar.orders(key)[0].status is OrderStatus.DROPPED


def test_a_processor_that_does_not_answer_leaves_the_order_without_a_fresh_reading() -> None:
    bazaar, key = made()
    bazaar.alpha.script["read"] = [RailUnavailable("down")] * 20
    bazaar.tick(8)
    order = bazaar.order(key)
    assert order.status is OrderStatus.UNFUNDED
    assert bazaar.readings.fresh(order, bazaar.clock.now(), bazaar.rules.reading_age) is None


def test_an_order_runs_out_also_while_its_processor_does_not_answer() -> None:
    bazaar, key = made()
    bazaar.alpha.script["read"] = [RailUnavailable("down")] * 200
    bazaar.clock.pass_by(17 * 60)
    bazaar.tick()
    assert bazaar.orders(key)[0].status is OrderStatus.DROPPED


def test_an_order_that_was_funded_meanwhile_is_left_alone() -> None:
    bazaar, key = made()
    order = bazaar.order(key)
    bazaar.alpha.set("alpha-1", Stage.FAILED)

    class FundNow:
        def at(self, point: str, *, before: bool) -> None:
            if point == "processor.read" and before:
                transfer = make_transfer()
                funded = order.to(OrderStatus.FUNDED, transfer_id=transfer.id, funded_at=bazaar.clock.now())
                bazaar.store.commit(Change(transfers=(transfer,), orders=(funded,)))

    bazaar.alpha.faults = FundNow()
    bazaar.tick()
    assert bazaar.statuses(key) == ["FUNDED"]


def test_the_order_of_a_processor_that_is_no_longer_configured_is_dropped() -> None:
    bazaar, key = made()
    del bazaar.services["alpha"]
    bazaar.tick()
    assert bazaar.statuses(key) == ["DROPPED"]
    assert bazaar.order(key).reason == "alpha is no longer configured"


def test_an_order_of_a_wallet_that_pays_for_orders_no_more_is_dropped() -> None:
    bazaar, key = made()
    bazaar.edit_order(bazaar.order(key), wallet="cold", deposit_address="anything")
    bazaar.tick(2)
    assert bazaar.statuses(key) == ["DROPPED", "UNFUNDED"]


def test_an_order_that_names_no_expiry_is_good_no_longer_than_its_offer() -> None:
    bazaar = Bazaar(choose=("alpha",))
    bazaar.alpha.twist = lambda _call, said: replace(said, expires_at=None)
    key = bazaar.approved()
    bazaar.tick()  # Offers of alpha are good for a minute, which is too short to be funded in time.
    assert "too soon to be paid in time" in (bazaar.orders(key)[0].reason or "")
