"""The follower's tick: which orders it looks at, when, and that neither errors nor slow processors stop it."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

from payout.asset import Asset
from payout.change import Change
from payout.order import OrderStatus, Said, Stage
from payout.refund import RefundStatus
from payout.swaps.errands import ThreadErrands
from tests.payout.swaps.following import Following, Mouth, kinds

PATIENCE = 20.0


def test_a_funded_order_is_asked_for_by_the_plan() -> None:
    world = Following()
    world.says(Stage.EXCHANGING)
    for _ in range(60):
        world.follower.tick()
        world.later(seconds=1)
    assert 3 <= len(world.processor.asked) <= 5


def test_a_poke_makes_the_next_tick_look() -> None:
    world = Following()
    world.says(Stage.EXCHANGING)
    world.follower.tick()
    world.later(seconds=1)
    assert world.desk().recheck("E-1") == 1
    world.follower.tick()
    world.follower.tick()
    assert len(world.processor.asked) == 2


def test_a_process_that_starts_looks_at_everything_at_once() -> None:
    world = Following()
    world.says(Stage.EXCHANGING)
    world.follower.tick()
    world.new_follower().tick()
    assert len(world.processor.asked) == 2


def test_settled_orders_are_looked_at_and_watched_ones_are_not() -> None:
    world = Following()
    txid = world.pays()
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    world.tron.asked.clear()
    world.follower.tick()
    assert world.tron.asked == [txid]
    world.store.commit(Change(orders=(world.row().to(OrderStatus.SETTLED, watched=True),)))
    world.later(hours=1)
    world.follower.tick()
    assert world.tron.asked == [txid]


def test_a_row_that_moves_during_the_look_is_left_to_the_next() -> None:
    world = Following()

    class Meddler(Mouth):
        def read(self, processor_id: str, secret: str | None, asset: Asset) -> Said:
            said = super().read(processor_id, secret, asset)
            world.store.commit(Change(orders=(world.row().to(OrderStatus.FUNDED, reason="someone else's"),)))
            return said

    world.processor = Meddler()
    world.processors["changenow"] = world.processor  # type: ignore[assignment]
    world.says(Stage.SENDING)
    world.follower.tick()
    assert (world.row().stage, world.row().reason) == (Stage.AWAITING_DEPOSIT, "someone else's")


def test_rows_that_contradict_each_other_are_one_alarm_and_end_nothing() -> None:
    world = Following()
    world.store._t.refunds[world.order.refund_id] = replace(world.refund(), status=RefundStatus.CREDITED)
    world.says(Stage.SETTLED, settle_txids=(world.pays(),))
    for _ in range(3):
        world.follower.tick()
        world.later(minutes=5)
    (alarm,) = world.alarms()
    assert alarm.kind == "order.contradicted"
    assert alarm.order_id == world.order.id
    assert world.row().status is OrderStatus.FUNDED


def test_two_followers_settle_one_order_once() -> None:
    world = Following()
    world.says(Stage.SETTLED, settle_txids=(world.pays(),))
    world.follower.tick()
    world.new_follower().tick()
    assert kinds(world.events()).count("order.settled") == 1


def test_a_processor_that_hangs_delays_no_other_order() -> None:
    world = Following()
    hangs, over = threading.Event(), threading.Event()

    class Hanging(Mouth):
        def read(self, processor_id: str, secret: str | None, asset: Asset) -> Said:
            hangs.set()
            over.wait(PATIENCE)
            return super().read(processor_id, secret, asset)

    slow = Hanging()
    world.processors["exolix"] = slow  # type: ignore[assignment]
    other = world.funded("E-2")
    moved = world.row(other).to(OrderStatus.FUNDED, processor="exolix")
    world.store.commit(Change(orders=(moved,)))
    world.says(Stage.SETTLED, settle_txids=(world.pays(),))
    errands = ThreadErrands()
    follower = world.new_follower(errands=errands)
    follower.tick()
    assert hangs.wait(PATIENCE)
    done = threading.Event()
    for _ in range(200):
        if world.row().status is OrderStatus.SETTLED:
            break
        done.wait(0.05)
    assert world.row().status is OrderStatus.SETTLED
    assert world.row(other).status is OrderStatus.FUNDED
    world.later(minutes=1)
    follower.tick()
    assert not slow.asked
    over.set()
    assert errands.wait(PATIENCE)
    assert len(slow.asked) == 1


def test_a_hundred_orders_are_followed_side_by_side() -> None:
    world = Following()
    orders = [world.funded(f"E-{number}") for number in range(2, 101)]
    errands = ThreadErrands()
    world.says(Stage.EXCHANGING)
    world.new_follower(errands=errands).tick()
    assert errands.wait(PATIENCE)
    assert {asked for asked, _ in world.processor.asked} == {order.processor_id for order in (world.order, *orders)}
    assert timedelta(0) == world.clock.time - world.order.asked_at
