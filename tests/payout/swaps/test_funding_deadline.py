"""The deadline of a funding: sent for the first time only while its orders have time left, and then like any other."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from adapters.memory.coin import Effect
from payout.transfer import TransferKind, TransferStatus
from tests.payout.hands import Deeds, Once, Watch
from tests.payout.paying import die
from tests.payout.swaps.depositing import Shift, Till
from tests.scenarios.boundary import Crash

if TYPE_CHECKING:
    from adapters.memory.coin import Faults
    from tests.scenarios.boundary import Hook

CONFIRMATIONS = 10


@pytest.fixture
def till() -> Till:
    return Till()


def dies(till: Till, hook: Hook, faults: Faults | None = None) -> None:
    """A process that ends in the middle of its pay tick; its lease runs out."""
    with pytest.raises(Crash):
        till.worker(hook, faults, owner="dead").pay()
    till.clock.pass_by(31)


def free(till: Till, key: str) -> None:
    """The refund is free, and a new order of it can be funded."""
    assert till.refund(key).status == "APPROVED"
    till.broker().tick()
    till.refresh()
    till.worker().pay()
    assert till.standing(key) == ("PAYING", "FUNDED")


@pytest.mark.parametrize(("left", "status"), [(241, "FUNDED"), (240, "DROPPED")])
def test_three_minutes_and_the_signing_must_be_left_when_it_is_begun_to_be_signed(
    till: Till, left: int, status: str
) -> None:
    key = till.ordered()
    end = till.order(key).expires_at
    assert end is not None
    passed = (end - till.clock.now()).total_seconds() - left
    till.clock.pass_by(passed)
    till.readings.take("alpha", till.alpha.orders["alpha-1"].said, till.clock.now())
    till.worker().pay()
    assert till.last(key).status == status


def test_an_order_that_runs_out_earlier_by_its_processors_new_word_is_judged_by_that(till: Till) -> None:
    key = till.ordered()
    word = till.alpha.orders["alpha-1"].said
    soon = replace(word, expires_at=till.clock.now() + timedelta(minutes=10))
    till.alpha.orders["alpha-1"].said = soon
    till.readings.take("alpha", soon, till.clock.now())
    dies(till, Watch(after={"store.commit": lambda: die() if till.fundings() else None}))
    assert till.order(key).expires_at == soon.expires_at
    till.clock.pass_by(7 * 60)
    till.worker().pay()
    assert till.standing(key)[1] == "DROPPED"
    assert not till.chain.first_broadcasts


def test_what_runs_out_while_it_is_signed_is_not_committed(till: Till) -> None:
    key = till.ordered()
    till.pricing.life *= 100
    run_out = Shift(till, minutes=17)

    def sign_slowly() -> None:
        run_out()
        till.readings.take("alpha", till.alpha.orders["alpha-1"].said, till.clock.now())

    till.worker(Watch(after={"coin.prepare": sign_slowly})).pay()
    assert till.standing(key) == ("APPROVED", "DROPPED")
    assert till.fundings() == ()


def test_what_runs_out_between_its_commit_and_its_line_is_void_unsent(till: Till) -> None:
    key = till.ordered()
    committed = Watch(after={"store.commit": lambda: Shift(till, minutes=18)() if till.fundings() else None})
    till.worker(committed).pay()
    funding = till.fundings()[0]
    assert (funding.status, funding.begun) == (TransferStatus.VOID, False)
    assert till.orders(key)[0].status == "DROPPED"
    assert [str(each.status) for each in till.attempts(key)] == ["FAILED"]
    assert till.entries() == [("void", funding.id)]
    assert not till.chain.first_broadcasts
    free(till, key)


def test_what_runs_out_between_its_line_and_its_begin_is_void_in_the_journal_too(till: Till) -> None:
    key = till.ordered()
    run_out = Shift(till, minutes=18)
    till.worker(Watch(after={"journal.append": lambda: run_out() if till.entries() else None})).pay()
    funding = till.fundings()[0]
    assert (funding.status, funding.begun) == (TransferStatus.VOID, False)
    assert till.entries() == [("commit", funding.id), ("void", funding.id)]
    assert not till.chain.first_broadcasts
    free(till, key)


def test_a_process_that_died_before_the_line_leaves_what_the_next_one_voids(till: Till) -> None:
    key = till.ordered()
    dies(till, Watch(before={"journal.append": lambda: die() if till.fundings() else None}))
    till.clock.pass_by(17 * 60)
    till.worker().pay()
    assert till.funding().status is TransferStatus.VOID
    assert till.entries() == [("void", till.funding().id)]
    assert not till.chain.first_broadcasts
    free(till, key)


def test_a_process_that_died_before_the_line_leaves_what_the_next_one_sends_in_time(till: Till) -> None:
    key = till.ordered()
    dies(till, Watch(before={"journal.append": lambda: die() if till.fundings() else None}))
    till.worker().pay()
    assert till.funding().begun
    assert till.standing(key) == ("PAYING", "FUNDED")
    assert list(till.chain.first_broadcasts) == [till.funding().id]


def test_with_a_line_and_no_begin_it_is_given_up_by_its_input_as_the_row_may_be_an_old_one(till: Till) -> None:
    key = till.ordered()
    dies(till, Watch(after={"journal.append": lambda: die() if till.entries() else None}))
    till.clock.pass_by(17 * 60)
    worker = till.worker()
    worker.pay()
    assert (till.funding().status, till.funding().give_up_by) == (TransferStatus.OPEN, "payout")
    assert till.standing(key) == ("PAYING", "FUNDED")
    worker.track()
    for _ in range(CONFIRMATIONS + 1):
        till.mine()
        worker.track()
    assert till.funding().status is TransferStatus.VOID
    assert till.orders(key)[0].status == "DROPPED"
    assert till.funding().id not in till.chain.first_broadcasts
    assert ("void", till.funding().id) in till.entries()
    free(till, key)


def test_a_restored_backup_from_before_the_begin_frees_nothing_that_was_sent(till: Till) -> None:
    """The row says that it never began, the journal has its line, and the deposit is mined."""
    key = till.ordered()
    backup: list[Any] = []

    def back_up() -> None:
        if till.entries() and not backup:
            backup.append(copy.deepcopy(till.store._t))

    worker = till.worker(Watch(after={"journal.append": back_up}))
    worker.pay()
    assert till.funding().begun
    till.store._t = backup[0]
    assert not till.funding().begun
    till.clock.pass_by(18 * 60)
    till.mine()
    after = till.worker()
    for _ in range(CONFIRMATIONS + 2):
        after.pay()
        after.track()
        till.mine()
    assert till.standing(key) == ("PAYING", "FUNDED")
    assert till.funding().status is TransferStatus.FINAL
    assert till.deposited(till.order(key)) == [till.order(key).deposit.units]  # type: ignore[union-attr]


def test_what_has_begun_is_broadcast_again_whatever_the_clock_says(till: Till) -> None:
    key = till.ordered()
    network = Deeds(relay=Effect.LOST, resubmit=Effect.LOST)
    worker = till.worker(faults=network)
    worker.pay()
    assert till.funding().begun
    assert not till.chain.first_broadcasts
    till.clock.pass_by(30 * 60)
    network.effects.clear()
    till.in_time = False
    worker.track()
    assert list(till.chain.first_broadcasts) == [till.funding().id]
    assert till.standing(key) == ("PAYING", "FUNDED")


def test_a_lost_lease_while_it_runs_out_frees_nothing(till: Till) -> None:
    """A worker that was stopped comes back when another one has sent the same funding."""
    key = till.ordered()

    def overtaken() -> None:
        till.clock.pass_by(31)
        till.worker(owner="b").pay()
        till.clock.pass_by(18 * 60)

    till.worker(Watch(before={"journal.append": lambda: Once(overtaken)() if till.fundings() else None})).pay()
    assert till.funding().begun
    assert till.standing(key) == ("PAYING", "FUNDED")
    assert [entry for entry, _ in till.entries()] == ["commit"]


def test_the_earliest_order_of_a_batch_stops_the_whole_and_the_others_are_ordered_anew(till: Till) -> None:
    early = till.ordered("E-1")
    till.clock.pass_by(12 * 60)
    late = till.ordered("E-2")
    till.refresh()
    till.worker(Watch(after={"store.commit": lambda: Shift(till, minutes=6)() if till.fundings() else None})).pay()
    assert till.fundings()[0].status is TransferStatus.VOID
    assert {str(till.orders(key)[0].status) for key in (early, late)} == {"DROPPED"}
    assert {str(till.refund(key).status) for key in (early, late)} == {"APPROVED"}


def test_a_direct_payout_has_no_deadline(till: Till) -> None:
    till.refund_in_xmr("E-9")
    till.worker(Watch(after={"store.commit": Shift(till, minutes=60)})).pay()
    (payout,) = till.store.list_transfers()
    assert (payout.kind, payout.begun) == (TransferKind.PAYOUT, True)
