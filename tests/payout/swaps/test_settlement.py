"""Settlement: each outcome as one change, made from the very versions that it was judged by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payout.errors import IllegalTransition, StaleWrite
from payout.money import Money
from payout.order import OrderStatus, Stage
from payout.ports import Arrival
from payout.refund import AttemptStatus, RefundStatus
from payout.swaps.evidence import Back
from payout.swaps.settlement import Case, noted, open_case, returned, settled, sighted, unsettled
from payout.swaps.trouble import Trouble
from tests.factories import NOW, xmr
from tests.payout.swaps.following import Following, kinds

LATER = NOW + timedelta(hours=1)
ARRIVAL = Arrival(id="tx:0", txid="tx", units=25_000_000, height=7, block="hash", depth=3, final=True)


def case_of(world: Following) -> Case:
    case = open_case(world.store, world.row())
    if case is None:
        raise LookupError("the order's refund is not on record")
    return case


def back(units: int = 72_000_000_000) -> Back:
    return Back(deep=units, units=units, deposit=xmr("0.0763"), txid="back")


def test_settling_moves_order_attempt_and_refund_in_one_change() -> None:
    world = Following()
    case = case_of(world)
    change = settled(case, case.order, ARRIVAL, LATER)
    ((order,), (attempt,), (refund,)) = change.orders, change.attempts, change.refunds
    assert (order.status, order.arrival_id, order.settle_block) == (OrderStatus.SETTLED, "tx:0", "hash")
    assert (attempt.status, attempt.closed_at) == (AttemptStatus.SETTLED, LATER)
    assert (refund.status, refund.paid_at) == (RefundStatus.PAID, LATER)
    assert kinds(change.events) == ["order.settled", "refund.paid"]
    assert {event.order_id for event in change.events} == {order.id}


def test_what_was_heard_is_written_with_the_end() -> None:
    case = case_of(Following())
    heard = replace(case.order, stage=Stage.SETTLED, status_text="finished")
    (order,) = settled(case, heard, ARRIVAL, LATER).orders
    assert (order.stage, order.status_text, order.version) == (Stage.SETTLED, "finished", case.order.version + 1)


def test_of_two_who_judged_the_same_row_one_writes() -> None:
    world = Following()
    case = case_of(world)
    settling = settled(case, case.order, ARRIVAL, LATER)
    returning = returned(case, case.order, back(), LATER)
    world.store.commit(returning)
    with pytest.raises(StaleWrite):
        world.store.commit(settling)
    assert world.standing == ("RETURNED", "APPROVED", "FAILED")


def test_a_return_is_judged_from_the_row_and_never_from_what_was_heard() -> None:
    world = Following()
    case = case_of(world)
    world.store.commit(returned(case, case.order, back(), LATER))
    ended = case_of(world)
    with pytest.raises(IllegalTransition):
        returned(ended, replace(ended.order, status=OrderStatus.FUNDED), back(), LATER)


def test_the_loss_of_a_return_stands_in_its_event() -> None:
    case = case_of(Following())
    event = returned(case, case.order, back(70_000_000_000), LATER).events[0]
    assert event.words == "0.07 of 0.0763 XMR came back to us, deep enough; lost: 0.0063 XMR and the fee"
    whole = returned(case, case.order, back(76_300_000_000), LATER).events[0]
    assert whole.words.endswith("lost: the fee")


def test_a_settlement_that_is_undone_leaves_all_as_it_was_under_way() -> None:
    world = Following()
    before = case_of(world)
    world.store.commit(settled(before, before.order, ARRIVAL, LATER))
    world.store.commit(unsettled(case_of(world), "gone", LATER))
    after = case_of(world)
    assert world.standing == ("FUNDED", "PAYING", "OPEN")
    assert after.attempt == before.attempt
    assert after.refund == replace(before.refund, version=after.refund.version)
    assert after.order.arrival_id is None


def test_nothing_new_is_no_change() -> None:
    case = case_of(Following())
    assert noted(case, case.order, (), None, LATER) is None


def test_the_same_trouble_is_told_once_and_another_one_again() -> None:
    world = Following()
    for words in ("one", "one", "two", "two"):
        change = noted(case_of(world), world.row(), (), Trouble(words=words), LATER)
        if change is not None:
            world.store.commit(change)
    assert [event.words.partition(".")[0] for event in world.alarms()] == ["one", "two"]


def test_a_trouble_that_holds_keeps_the_hold_of_a_person() -> None:
    world = Following()
    world.desk().hold("E-1", "ann", "my reason")
    change = noted(case_of(world), world.row(), (), Trouble(words="theirs", hold=True), LATER)
    assert change is not None
    assert change.refunds == ()


def test_a_refund_that_is_paid_is_not_held_any_more() -> None:
    world = Following()
    case = case_of(world)
    world.store.commit(settled(case, case.order, ARRIVAL, LATER))
    change = noted(case_of(world), world.row(), (), Trouble(words="late", hold=True), LATER)
    assert change is not None
    assert change.refunds == ()


def test_where_a_payment_is_seen_is_told_when_it_moves() -> None:
    order = Following().row()
    seen, news = sighted(order, ARRIVAL)
    assert (seen.settle_height, seen.settle_block) == (7, "hash")
    assert news == ("its payment tx is in block 7 of the customer's chain",)
    assert sighted(seen, ARRIVAL) == (seen, ())
    gone, words = sighted(seen, None)
    assert (gone.settle_height, gone.settle_block) == (None, None)
    assert "in no block" in words[0]


def test_returns_are_measured_by_the_deposit() -> None:
    def of(deep: int, units: int | None = None) -> Back:
        return Back(deep=deep, units=deep if units is None else units, deposit=Money(1000, xmr("1").asset))

    assert (of(899).whole, of(900).whole) == (False, True)
    assert (of(9).something, of(10).something) == (False, True)
    assert (of(0, 899).coming, of(0, 900).coming, of(900).coming) == (False, True, False)
    assert not of(0).whole
