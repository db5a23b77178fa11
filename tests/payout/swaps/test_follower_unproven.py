"""Settled, unproven: what a processor calls settled settles nothing until the customer's chain shows it."""

from __future__ import annotations

from datetime import timedelta

from payout.asset import Asset
from payout.order import OrderStatus, Stage
from tests.payout.swaps.following import Following

PAID = ("SETTLED", "PAID", "SETTLED")
UNDER_WAY = ("FUNDED", "PAYING", "OPEN")


def test_without_a_verifier_a_settled_order_stays_settled_unproven_and_says_what_to_do() -> None:
    world = Following(verified=False)
    world.tell(Stage.SETTLED, settle_txids=("tx",))
    assert world.standing == UNDER_WAY
    assert world.row().settled_unproven
    assert "no [chains.tron] is configured" in (world.row().trouble or "")
    assert "--how settled --proof TXID" in (world.row().trouble or "")


def test_a_settlement_without_a_transaction_is_found_on_the_chain() -> None:
    world = Following()
    txid = world.pays()
    world.tell(Stage.SETTLED)
    assert world.standing == PAID
    assert world.row().settle_txid == txid


def test_a_settlement_without_a_transaction_waits_and_then_alarms() -> None:
    world = Following()
    world.tron.can_search = False
    world.pays()
    world.tell(Stage.SETTLED)
    assert (world.row().settled_unproven, world.row().trouble) == (True, None)
    world.later(hours=6)
    world.look()
    assert "names no transaction" in (world.row().trouble or "")
    assert world.standing == UNDER_WAY


def test_a_larger_payment_that_nothing_names_is_somebody_elses() -> None:
    world = Following()
    world.pays(units=world.order.receive.units * 2)
    world.tell(Stage.SETTLED)
    assert world.standing == UNDER_WAY


def test_a_payment_that_nothing_names_does_not_settle_what_is_not_called_settled() -> None:
    world = Following()
    world.pays()
    world.tell(Stage.FAILED)
    assert world.standing == UNDER_WAY


def test_a_named_transaction_that_the_chain_lacks_alarms_after_an_hour() -> None:
    world = Following()
    world.tell(Stage.SETTLED, settle_txids=("nowhere",))
    assert world.row().trouble is None
    world.later(hours=1)
    world.look()
    assert "names transaction nowhere, which pays the customer nothing" in (world.row().trouble or "")
    assert "tron has no transaction 'nowhere'" in world.alarms()[0].words
    assert world.standing == UNDER_WAY


def test_a_payment_that_is_short_is_no_settlement() -> None:
    world = Following()
    txid = world.pays(units=world.order.receive.units - 1)
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    assert world.standing == UNDER_WAY
    assert "brought 24.999999 of 25 USDT" in (world.row().trouble or "")
    assert len(world.alarms()) == 1


def test_another_token_is_no_settlement() -> None:
    world = Following()
    fake = Asset(code="USDT", network="tron-of-another-contract", decimals=6)
    txid = world.pays(asset=fake)
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    world.later(hours=1)
    world.look()
    assert world.standing == UNDER_WAY
    assert "pays something else than USDT on tron" in world.alarms()[0].words


def test_another_customers_payment_is_no_settlement() -> None:
    world = Following()
    txid = world.tron.pay("another customer", world.order.receive, mined=3)
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    assert world.standing == UNDER_WAY


def test_a_payment_from_before_the_order_is_no_settlement() -> None:
    world = Following()
    world.clock.time -= timedelta(minutes=1)
    txid = world.pays()
    world.clock.time += timedelta(minutes=1)
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    assert world.standing == UNDER_WAY


def test_one_payment_settles_one_order_only() -> None:
    world = Following()
    other = world.funded("E-2")
    txid = world.pays()
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    world.says(Stage.SETTLED, settle_txids=(txid,), processor_id=other.processor_id)
    world.look(other)
    assert world.row().status is OrderStatus.SETTLED
    assert world.row(other).status is OrderStatus.FUNDED
    assert "settles another order" in (world.row(other).trouble or "")


def test_two_equal_payments_settle_two_orders_of_one_customer() -> None:
    world = Following()
    other = world.funded("E-2")
    world.pays()
    world.pays()
    world.tell(Stage.SETTLED)
    world.says(Stage.SETTLED, processor_id=other.processor_id)
    world.look(other)
    assert world.row().status is OrderStatus.SETTLED
    assert world.row(other).status is OrderStatus.SETTLED
    assert world.row().arrival_id != world.row(other).arrival_id


def test_a_chain_that_does_not_answer_proves_and_disproves_nothing() -> None:
    world = Following()
    txid = world.pays(mined=1)
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    world.tron.running = False
    world.look()
    assert world.row().settle_height == 1
    world.tron.running = True
    world.tron.mine(2)
    world.look()
    assert world.standing == PAID
