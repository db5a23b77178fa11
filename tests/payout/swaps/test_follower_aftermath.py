"""After a settlement: what a reorganisation of the customer's chain undoes, and when nobody looks any more."""

from __future__ import annotations

from payout.order import OrderStatus, Stage
from tests.payout.swaps.following import Following, kinds

PAID = ("SETTLED", "PAID", "SETTLED")
UNDER_WAY = ("FUNDED", "PAYING", "OPEN")


def settled() -> Following:
    world = Following()
    txid = world.pays()
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    assert world.standing == PAID
    return world


def test_a_reorganisation_after_finality_undoes_the_settlement_with_an_alarm() -> None:
    world = settled()
    world.tron.reorg(3, drop=True)
    world.look()
    row = world.row()
    assert world.standing == UNDER_WAY
    assert (row.arrival_id, row.settle_height, row.ended_at) == (None, None, None)
    assert world.refund().paid_at is None
    assert world.attempt().closed_at is None
    assert {"order.reopened", "refund.reopened"} <= set(kinds(world.alarms()))


def test_a_payment_that_is_mined_again_settles_the_order_again() -> None:
    world = settled()
    world.tron.reorg(3)
    world.look()
    assert world.standing == UNDER_WAY
    world.tron.mine(3)
    world.look()
    assert world.standing == PAID


def test_a_payment_that_is_final_in_another_block_stays_settled_and_its_place_is_written() -> None:
    world = settled()
    world.tron.reorg(3)
    world.tron.mine(3)
    world.look()
    assert world.standing == PAID
    assert world.row().settle_height == 5
    assert "is in block 5" in world.events()[-1].words


def test_a_node_that_lags_undoes_nothing() -> None:
    world = settled()
    world.node.depth = 100
    world.look()
    assert world.standing == PAID


def test_a_chain_that_does_not_answer_undoes_nothing_and_ends_no_watch() -> None:
    world = settled()
    world.tron.running = False
    world.later(hours=30)
    world.look()
    assert (world.standing, world.row().watched) == (PAID, False)


def test_a_settled_order_is_looked_at_for_a_day() -> None:
    world = settled()
    world.later(hours=23)
    world.look()
    assert not world.row().watched
    world.later(hours=1)
    world.look()
    assert world.row().watched
    world.tron.asked.clear()
    world.look()
    assert not world.tron.asked


def test_money_that_came_back_besides_the_settlement_is_told() -> None:
    world = settled()
    world.comes_back()
    world.later(hours=24)
    world.look()
    assert "came back to us as well" in (world.row().trouble or "")
    world.look()
    assert world.row().watched
    assert world.row().status is OrderStatus.SETTLED
