"""Ways found in review to lose a refund of a swap, to pay one twice, or to believe what nobody showed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from payout.change import Change
from payout.errors import WalletUnsafe
from payout.order import OrderStatus, Stage
from payout.ports import Processor
from payout.resolution import Resolution
from payout.swaps.health import Health
from payout.swaps.polling import Polling
from payout.swaps.returns import journal_returns
from payout.vetting import check_refunds
from tests.factories import NOW
from tests.payout.swaps.following import TETHER, Following
from tests.payout.swaps.test_attestation import PEOPLE

ASSETS = {TETHER.key: TETHER}


def half_attested() -> Following:
    """One of two people has said that it settled."""
    world = Following(people=PEOPLE)
    world.tell(Stage.SENDING)
    world.desk().resolve("E-1", Resolution.SETTLED, "ann", "seen on an explorer", "0x4f2a")
    return world


# ---------------------------------------------------------------- the first of two words


def test_one_persons_word_does_not_keep_a_return_that_our_wallet_shows_from_freeing_its_refund() -> None:
    world = half_attested()
    world.comes_back("0.95")
    world.tell(Stage.RETURNED)
    assert world.row().status is OrderStatus.RETURNED
    journal_returns(world.wallet)
    assert not world.wallet.journal.view().live_transfers(world.order.refund_id)


def test_one_persons_word_does_not_end_the_watch_over_a_settlement_that_a_chain_showed() -> None:
    world = half_attested()
    world.tell(Stage.SETTLED, settle_txids=(world.pays(),))
    assert world.row().status is OrderStatus.SETTLED
    world.tron.reorg(3, drop=True)
    world.look()
    assert world.standing == ("FUNDED", "PAYING", "OPEN")


# ---------------------------------------------------------------- forged attestations


def forged(world: Following, *, order_revision: int, refund_revision: int) -> None:
    """Somebody writes to the database: two people said that it failed."""
    tables = world.store._t
    row = world.row()
    world.store.commit(Change(refunds=(world.refund().fail_attempt(),)))
    tables.orders[row.id] = replace(
        row, status=OrderStatus.RETURNED, attested_by="ann, bob", ended_at=NOW, revision=order_revision
    )
    tables.refunds[row.refund_id] = replace(world.refund(), revision=refund_revision)


def test_an_order_that_was_made_to_look_older_frees_nothing() -> None:
    world = Following()
    forged(world, order_revision=0, refund_revision=1)
    with pytest.raises(WalletUnsafe, match="somebody changed the row"):
        journal_returns(world.wallet)
    assert world.wallet.journal.view().live_transfers(world.order.refund_id)


def test_a_revision_that_was_raised_and_put_back_is_not_paid_by_its_old_signatures() -> None:
    world = Following()
    approval = world.approver.sign(world.refund(), "alice", world.clock.now())
    world.store.commit(Change(approvals=(approval,)))
    forged(world, order_revision=1, refund_revision=2)
    with pytest.raises(WalletUnsafe, match="somebody changed the row"):
        journal_returns(world.wallet)
    tables = world.store._t
    tables.refunds[world.order.refund_id] = replace(world.refund(), revision=1)
    checked = check_refunds(world.wallet, [world.refund()], ASSETS)
    assert checked.refunds == ()


# ---------------------------------------------------------------- one payment, two orders


def test_a_payment_that_people_named_for_one_order_settles_no_other_on_its_chain() -> None:
    world = Following()
    txid = world.pays()
    world.desk().resolve("E-1", Resolution.SETTLED, "ann", "seen on an explorer", txid)
    other = world.funded("E-2")
    world.says(Stage.SETTLED, settle_txids=(txid,), processor_id=other.processor_id)
    world.look(other)
    assert world.row(other).status is OrderStatus.FUNDED


def test_a_payment_that_people_named_for_one_order_is_not_found_for_another() -> None:
    world = Following()
    txid = world.pays()
    world.desk().resolve("E-1", Resolution.SETTLED, "ann", "seen on an explorer", txid)
    other = world.funded("E-2")
    world.says(Stage.SETTLED, processor_id=other.processor_id)
    world.look(other)
    assert world.row(other).status is OrderStatus.FUNDED


# ---------------------------------------------------------------- clocks that are set back


def test_a_clock_that_is_set_back_does_not_stop_the_looks_at_orders() -> None:
    world, polling = Following(), Polling()
    polling.looked(world.order, NOW + timedelta(days=365))
    assert polling.due(world.order, NOW)


def test_a_clock_that_is_set_back_does_not_leave_a_processor_alone_for_a_year() -> None:
    health = Health((timedelta(seconds=15), timedelta(minutes=1)))
    health.failed("alpha", "down", NOW + timedelta(days=365))
    assert health.away("alpha", NOW) is None


# ---------------------------------------------------------------- faults of the program


def test_a_fault_of_the_program_at_one_order_keeps_no_other_from_being_followed_and_is_told_once() -> None:
    world = Following()
    other = world.funded("E-2")
    order = world.order
    world.says(Stage.EXCHANGING, processor_id=other.processor_id)
    world.processors["broken"] = cast("Processor", Broken())
    world.store._t.orders[order.id] = replace(order, processor="broken")
    for _ in range(2):
        world.follower.tick()
        world.later(minutes=5)
    assert world.row(other).stage is Stage.EXCHANGING
    told = [event for event in world.alarms() if event.order_id == order.id]
    assert [event.kind for event in told] == ["order.not_followed"]


class Broken:
    """A client with a fault that nobody foresaw."""

    def read(self, *_: object) -> None:
        raise KeyError("status")


def test_an_order_that_is_in_trouble_can_be_ended_by_people_and_its_refund_be_paid_anew() -> None:
    world = Following()
    world.comes_back("0.50")
    world.tell(Stage.FAILED)
    assert world.refund().hold_reason
    world.desk().resolve("E-1", Resolution.FAILED, "ann", "their support keeps the rest")
    journal_returns(world.wallet)
    assert (world.refund().status, world.refund().revision) == ("HELD", 2)
    world.later(seconds=1)
    assert world.desk().release("E-1", "ann").status == "REQUESTED"
    refund = world.desk().approve("E-1", "alice")
    assert check_refunds(world.wallet, [refund], ASSETS).refunds == (refund,)


def test_a_processor_cannot_name_a_far_larger_payment_that_the_customer_got_from_others() -> None:
    world = Following()
    txid = world.pays(world.order.receive.units * 40)
    world.tell(Stage.SETTLED, settle_txids=(txid,))
    assert world.standing == ("FUNDED", "PAYING", "OPEN")
    assert "far more than agreed" in (world.row().trouble or "")
