"""The follower: what each word of a processor, and each sight of a chain, does to a funded order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payout.errors import OrderMissing, ProcessorDenied, ProcessorGarbled, RailUnavailable
from payout.order import Stage
from payout.swaps.hearing import MISSES_MAX
from tests.payout.swaps.following import Following, kinds

PAID = ("SETTLED", "PAID", "SETTLED")
UNDER_WAY = ("FUNDED", "PAYING", "OPEN")


def test_a_payment_that_is_final_on_the_customers_chain_settles_the_order_and_pays_the_refund() -> None:
    world = Following()
    txid = world.pays()
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    row = world.row()
    assert world.standing == PAID
    assert (row.settle_txid, row.arrival_id, row.settle_height) == (txid, f"{txid}:0", 1)
    assert world.refund().paid_at == world.clock.time
    assert kinds(world.events())[-2:] == ["order.settled", "refund.paid"]
    assert not world.alarms()


def test_a_payment_settles_only_when_it_is_final() -> None:
    world = Following()
    txid = world.pays(mined=0)
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    assert world.standing == UNDER_WAY
    world.tron.mine(2)
    world.look()
    assert world.standing == UNDER_WAY
    assert world.row().settle_height == 1
    world.tron.mine()
    world.look()
    assert world.standing == PAID


def test_a_reorganisation_before_finality_is_told_and_settles_nothing() -> None:
    world = Following()
    txid = world.pays(mined=2)
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    world.tron.reorg(2)
    world.look()
    assert world.row().settle_height is None
    assert world.standing == UNDER_WAY
    world.tron.mine(3)
    world.look()
    assert world.standing == PAID


def test_a_named_transaction_that_is_final_settles_whatever_the_processor_calls_it() -> None:
    world = Following()
    world.tell(Stage.FAILED, settle_txids=(world.pays(),))
    assert world.standing == PAID


@pytest.mark.parametrize("stage", [Stage.AWAITING_DEPOSIT, Stage.DEPOSIT_SEEN, Stage.EXCHANGING, Stage.SENDING])
def test_progress_is_written_once_and_raises_nobody(stage: Stage) -> None:
    world = Following()
    world.says(stage, status_text="on and on")
    for _ in range(3):
        world.look()
    assert world.standing == UNDER_WAY
    assert kinds(world.events()) == ["order.seen"]
    assert world.row().version == 3  # Asked, made, funded, and this.
    assert world.row().trouble is None


def test_a_status_that_goes_backwards_is_told_and_changes_nothing_else() -> None:
    world = Following()
    for stage in (Stage.SENDING, Stage.EXCHANGING, Stage.AWAITING_DEPOSIT):
        world.tell(stage)
    assert world.standing == UNDER_WAY
    assert "after sending" in world.events()[1].words
    assert not world.alarms()


def test_the_secret_is_unsealed_for_the_processor_and_never_told() -> None:
    world = Following()
    world.tell(Stage.HOLD, reason="documents")
    assert world.processor.asked == [(world.order.processor_id, f"secret of {world.order.id}")]
    assert not any("secret of" in event.words for event in world.events())


TROUBLES = {
    Stage.HOLD: "on hold",
    Stage.UNDERPAID: "underpaid",
    Stage.FAILED: "failed after it was funded",
    Stage.CANCELED: "canceled after it was funded",
    Stage.UNKNOWN: "a word that we do not know",
}


@pytest.mark.parametrize("stage", TROUBLES)
def test_what_needs_a_person_is_one_alarm_with_all_that_support_asks_for(stage: Stage) -> None:
    world = Following()
    world.says(stage, reason="they say why")
    for _ in range(3):
        world.look()
        world.later(minutes=5)
    assert world.standing == UNDER_WAY
    assert TROUBLES[stage] in (world.row().trouble or "")
    (alarm,) = world.alarms()
    order = world.row()
    for fact in (order.processor_id, str(order.deposit), order.transfer_id, "proof is saved", "--secret", "/support"):
        assert str(fact) in alarm.words
    assert world.refund().hold_reason is None


def test_trouble_that_passes_is_taken_back() -> None:
    world = Following()
    world.tell(Stage.HOLD)
    world.tell(Stage.EXCHANGING)
    assert world.row().trouble is None
    assert kinds(world.events())[-1] == "order.recovered"
    world.tell(Stage.SETTLED, settle_txids=(world.pays(),))
    assert world.standing == PAID


def test_an_order_that_expired_after_its_funding_is_late_and_alarms_after_two_hours() -> None:
    world = Following()
    world.tell(Stage.EXPIRED)
    assert world.row().trouble is None
    world.later(hours=2)
    world.look()
    assert (world.row().trouble or "").startswith("late")
    assert world.standing == UNDER_WAY
    world.tell(Stage.SETTLED, settle_txids=(world.pays(),))
    assert world.standing == PAID


def test_a_deposit_that_the_processor_does_not_see_alarms_after_two_hours() -> None:
    world = Following()
    world.tell(Stage.AWAITING_DEPOSIT)
    world.later(hours=2)
    world.look()
    assert (world.row().trouble or "").startswith("unseen")
    world.tell(Stage.EXCHANGING)
    assert world.row().trouble is None


def test_an_order_is_overdue_once() -> None:
    world = Following(overdue=timedelta(hours=48))
    world.says(Stage.EXCHANGING)
    world.look()
    world.later(hours=48)
    for _ in range(3):
        world.look()
        world.later(hours=1)
    (alarm,) = world.alarms()
    assert "overdue: funded at 2026-11-22 12:00 UTC" in alarm.words
    assert world.standing == UNDER_WAY


def test_being_overdue_is_said_beside_what_is_wrong_already() -> None:
    world = Following()
    world.tell(Stage.HOLD)
    world.later(hours=50)
    world.look()
    trouble = world.row().trouble or ""
    assert trouble.startswith("on hold")
    assert "overdue" in trouble
    assert len(world.alarms()) == 2


# ---------------------------------------------------------------- a processor that is not heard


def test_an_order_has_vanished_after_so_many_misses_in_a_row() -> None:
    world = Following()
    world.processor.said = OrderMissing("no such order")
    for _ in range(MISSES_MAX - 1):
        world.look()
    assert world.row().stage is Stage.AWAITING_DEPOSIT
    world.look()
    assert world.row().stage is Stage.VANISHED
    version = world.row().version
    world.look()
    assert world.row().version == version
    assert "vanished" in (world.row().trouble or "")
    assert world.standing == UNDER_WAY


def test_a_miss_between_answers_starts_the_count_anew() -> None:
    world = Following()
    for _ in range(3):
        world.processor.said = OrderMissing("no such order")
        for _ in range(MISSES_MAX - 1):
            world.look()
        world.tell(Stage.EXCHANGING)
    assert (world.row().stage, world.row().missing) == (Stage.EXCHANGING, 0)


def test_a_vanished_order_is_settled_by_what_the_chain_shows() -> None:
    world = Following()
    world.processor.said = OrderMissing("no such order")
    for _ in range(MISSES_MAX):
        world.look()
    txid = world.pays()
    world.look()
    assert world.standing == PAID
    assert world.row().settle_txid == txid


@pytest.mark.parametrize("error", [RailUnavailable("down"), ProcessorGarbled("html"), ProcessorDenied("key refused")])
def test_the_chain_is_asked_even_while_the_processor_is_not_heard(error: Exception) -> None:
    world = Following()
    txid = world.pays(mined=1)
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    world.processor.said = error
    world.look()
    assert world.row().stage is Stage.SETTLED
    world.tron.mine(2)
    world.look()
    assert world.standing == PAID


def test_an_answer_about_another_order_is_no_answer() -> None:
    world = Following()
    world.tell(Stage.SETTLED, processor_id="another", settle_txids=(world.pays(),))
    assert world.standing == UNDER_WAY
    assert world.row().stage is Stage.AWAITING_DEPOSIT


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"destination": "the thief's"}, "pays the thief's"),
        ({"return_address": "the thief's"}, "returns to the thief's"),
    ],
)
def test_terms_that_change_after_the_funding_are_an_alarm(change: dict[str, str], words: str) -> None:
    world = Following()
    world.tell(Stage.EXCHANGING, **change)
    assert words in (world.row().trouble or "")
    assert world.alarms()


def test_an_order_whose_processor_was_taken_from_the_settings_says_so() -> None:
    world = Following()
    del world.processors["changenow"]
    world.look()
    assert "[processors.changenow] is not configured" in (world.row().trouble or "")


def test_a_processor_that_refuses_our_key_is_one_alarm_however_many_orders_it_has() -> None:
    world = Following()
    other = world.funded("E-2")
    world.processor.said = ProcessorDenied("401")
    for order in (world.order, other, world.order):
        world.look(order)
    (alarm,) = world.alarms()
    assert alarm.words == "changenow refuses us, and its open orders cannot be followed there: 401"
    world.tell(Stage.EXCHANGING)
    world.processor.said = ProcessorDenied("401")
    world.look()
    assert len(world.alarms()) == 2
