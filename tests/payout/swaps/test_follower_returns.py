"""The follower and money that comes back: what frees a refund, what never does, and that it is freed once."""

from __future__ import annotations

import pytest

from payout.change import Change
from payout.order import OrderStatus, Stage
from payout.refund import RefundStatus
from tests.factories import answered, make_order
from tests.payout.swaps.following import Following, kinds

RETURNED = ("RETURNED", "APPROVED", "FAILED")
UNDER_WAY = ("FUNDED", "PAYING", "OPEN")


def returned() -> Following:
    world = Following()
    world.comes_back("0.95")
    world.tell(Stage.RETURNED, return_txids=("their word for it",))
    return world


def test_a_deposit_that_came_back_frees_the_refund_and_books_the_loss() -> None:
    world = Following()
    units = world.comes_back("0.95")
    world.tell(Stage.RETURNED, return_txids=("their word for it",))
    row = world.row()
    assert world.standing == RETURNED
    assert row.returned_units == units
    assert row.return_txid in world.monero.mined
    assert kinds(world.events())[-2:] == ["order.returned", "attempt.failed"]
    assert "0.072485 of 0.0763 XMR came back" in world.events("order.returned")[0].words
    assert "lost: 0.003815 XMR" in world.events("order.returned")[0].words
    assert not world.alarms()


def test_a_return_counts_when_it_is_as_deep_as_the_wallet_asks() -> None:
    world = Following()
    world.comes_back(mined=9)
    world.tell(Stage.RETURNED)
    assert (world.standing, world.row().trouble) == (UNDER_WAY, None)
    world.monero.mine()
    world.coin.check()
    world.look()
    assert world.standing == RETURNED


@pytest.mark.parametrize("stage", [Stage.FAILED, Stage.EXPIRED, Stage.HOLD, Stage.CANCELED, Stage.VANISHED])
def test_money_that_came_back_frees_nothing_while_the_processor_does_not_say_so(stage: Stage) -> None:
    world = Following()
    world.comes_back()
    world.tell(stage)
    assert world.standing == UNDER_WAY
    assert "came back to us" in (world.row().trouble or "")
    assert "came back to us" in (world.refund().hold_reason or "")
    assert "refund.held" in kinds(world.alarms())


def test_less_than_nine_tenths_is_no_return() -> None:
    world = Following()
    world.comes_back("0.89")
    world.tell(Stage.RETURNED)
    assert world.standing == UNDER_WAY
    assert "less than may be taken for a return" in (world.row().trouble or "")
    assert world.refund().hold_reason
    for _ in range(3):
        world.look()
    assert len([event for event in world.alarms() if event.kind == "order.troubled"]) == 1


def test_a_return_in_two_parts_frees_the_refund_when_both_are_there_but_a_person_must_release_it() -> None:
    world = Following()
    world.comes_back("0.50")
    world.tell(Stage.RETURNED)
    assert world.standing == UNDER_WAY
    world.comes_back("0.45")
    world.look()
    assert world.standing == ("RETURNED", "HELD", "FAILED")


def test_dust_at_the_return_address_is_no_return_and_holds_nothing() -> None:
    world = Following()
    world.comes_back("0.005")
    world.tell(Stage.RETURNED)
    assert (world.standing, world.row().trouble, world.refund().hold_reason) == (UNDER_WAY, None, None)
    assert "came to its return address" in world.events()[-1].words
    world.comes_back("0.95")
    world.look()
    assert world.standing == RETURNED


def test_a_return_that_is_claimed_and_does_not_arrive_alarms_after_six_hours() -> None:
    world = Following()
    world.tell(Stage.RETURNED, return_txids=("nowhere",))
    assert world.row().trouble is None
    world.later(hours=6)
    world.look()
    assert "has not come to" in (world.row().trouble or "")
    assert world.standing == UNDER_WAY
    assert world.refund().hold_reason is None


def test_nothing_is_concluded_while_the_wallet_does_not_answer() -> None:
    world = Following()
    world.comes_back()
    world.purse.stop()
    world.tell(Stage.RETURNED)
    assert (world.standing, world.row().trouble) == (UNDER_WAY, None)
    world.purse.start()
    world.coin.check()
    world.look()
    assert world.standing == RETURNED


def test_a_return_waits_while_the_customers_chain_does_not_answer() -> None:
    world = Following()
    world.comes_back()
    world.tron.running = False
    world.tell(Stage.RETURNED)
    assert (world.standing, world.row().trouble) == (UNDER_WAY, None)
    world.later(hours=6)
    world.look()
    assert "does not answer whether they got something too" in (world.row().trouble or "")
    assert world.refund().hold_reason


def test_a_return_frees_nothing_where_no_chain_can_show_that_the_customer_got_nothing() -> None:
    world = Following(verified=False)
    world.comes_back()
    world.tell(Stage.RETURNED)
    assert world.standing == UNDER_WAY
    assert "no verifier is configured" in (world.row().trouble or "")
    assert world.refund().hold_reason


def test_a_return_frees_nothing_while_a_payment_to_the_customer_is_on_the_chain() -> None:
    world = Following()
    world.pays()
    world.comes_back()
    world.tell(Stage.RETURNED)
    assert (world.standing, world.row().trouble) == (UNDER_WAY, None)
    world.later(hours=1)
    world.look()
    assert world.standing == UNDER_WAY
    assert "shows a payment to them" in (world.row().trouble or "")
    assert world.refund().hold_reason


def test_a_return_waits_for_the_payment_that_is_another_orders() -> None:
    world = Following()
    other = world.funded("E-2")
    txid = world.pays()
    world.comes_back()
    world.tell(Stage.RETURNED)
    assert world.standing == UNDER_WAY
    world.says(Stage.SETTLED, settle_txids=(txid,), processor_id=other.processor_id)
    world.look(other)
    world.tell(Stage.RETURNED)
    assert world.standing == RETURNED


def test_a_refund_that_a_person_held_stays_held_after_its_return() -> None:
    world = Following()
    world.desk().hold("E-1", "ann", "wait for the customer")
    world.comes_back()
    world.tell(Stage.RETURNED)
    assert world.standing == ("RETURNED", "HELD", "FAILED")


# ---------------------------------------------------------------- after the return


def retry(world: Following) -> str:
    """The broker asks elsewhere for the same refund; the order's id."""
    refund = world.refund()
    order = make_order(refund, number=2, processor="exolix", return_address="another", return_index=9)
    world.store.commit(Change(orders=(order,)))
    world.store.commit(Change(orders=(answered(order),)))
    return order.id


def test_a_second_return_while_the_refund_is_retried_frees_nothing_again() -> None:
    world = returned()
    before = world.refund()
    retry(world)
    world.comes_back("0.95")
    world.look()
    assert world.refund() == before
    assert world.row().returned_units == 2 * 72_485_000_000
    assert "more came to its return address" in world.events()[-1].words


def test_a_payment_after_the_return_holds_the_refund_before_it_is_paid_twice() -> None:
    world = returned()
    txid = world.pays()
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    assert world.row().status is OrderStatus.RETURNED
    assert world.refund().status is RefundStatus.HELD
    assert f"the customer is paid in {txid} all the same" in (world.refund().hold_reason or "")
    assert {"order.troubled", "refund.held"} <= set(kinds(world.alarms()))


def test_a_payment_that_nothing_names_is_found_after_the_return_while_it_is_not_retried() -> None:
    world = returned()
    world.pays(mined=0)
    world.look()
    assert world.refund().status is RefundStatus.HELD


def test_the_payment_of_the_next_order_is_not_taken_for_one_of_the_returned() -> None:
    world = returned()
    retry(world)
    world.pays()
    world.look()
    assert (world.row().trouble, world.refund().status) == (None, RefundStatus.APPROVED)


def test_a_reorganisation_of_our_chain_that_takes_the_return_away_holds_the_refund() -> None:
    world = returned()
    world.monero.reorg(10, drop=True)
    world.monero.flush()
    world.monero.pool.clear()
    world.monero.reorg(11, empty=True)
    world.monero.pool.clear()
    world.coin.check()
    world.look()
    assert world.refund().status is RefundStatus.HELD
    assert "reorganisation took its return" in (world.row().trouble or "")
