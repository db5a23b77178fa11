"""The conditions of a change: a lease, no pause, the journal's head, one living attempt a refund."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payout.change import Change, Lease, Pause
from payout.errors import DatabaseBehind, LeaseLost, Paused, StaleWrite
from payout.ports import Store
from payout.refund import AttemptStatus
from payout.scope import ALL
from tests.clock import HandClock
from tests.contracts.store.steps import add, paying, void
from tests.factories import (
    NOW,
    WALLET,
    make_approval,
    make_approved,
    make_attempt,
    make_refund,
    make_transfer,
)

TTL = timedelta(seconds=30)
PAUSE = Pause(scope=WALLET, who="alice", why="a spend that nobody knows", at=NOW)


class Guards:
    def test_a_write_with_the_lease_of_a_past_epoch_is_refused(self, store: Store, clock: HandClock) -> None:
        mine = store.claim_lease(WALLET, "me", TTL)
        clock.move(seconds=31)
        theirs = store.claim_lease(WALLET, "them", TTL)
        assert mine is not None
        assert theirs is not None

        with pytest.raises(LeaseLost, match=WALLET):
            store.commit(Change(transfers=(make_transfer(),), lease=mine))
        store.commit(Change(transfers=(make_transfer("T-2"),), lease=theirs))

        assert store.transfer(make_transfer().id) is None
        assert store.transfer(make_transfer("T-2").id) is not None

    def test_a_lease_that_ran_out_but_was_not_taken_over_still_writes(self, store: Store, clock: HandClock) -> None:
        mine = store.claim_lease(WALLET, "me", TTL)
        clock.move(hours=1)

        store.commit(Change(transfers=(make_transfer(),), lease=mine))

        assert store.transfer(make_transfer().id) is not None

    @pytest.mark.parametrize(
        "lease",
        [
            Lease(wallet=WALLET, owner="me", epoch=2),
            Lease(wallet=WALLET, owner="them", epoch=1),
            Lease(wallet="other", owner="me", epoch=1),
        ],
        ids=["an epoch to come", "another owner", "another wallet"],
    )
    def test_a_lease_that_was_never_given_is_refused(self, store: Store, lease: Lease) -> None:
        assert store.claim_lease(WALLET, "me", TTL) == Lease(wallet=WALLET, owner="me", epoch=1)

        with pytest.raises(LeaseLost):
            store.commit(Change(lease=lease))

    def test_a_lease_that_was_let_go_no_longer_writes(self, store: Store) -> None:
        mine = store.claim_lease(WALLET, "me", TTL)
        assert mine is not None
        store.release_lease(mine)

        with pytest.raises(LeaseLost):
            store.commit(Change(lease=mine))

    @pytest.mark.parametrize("scope", [WALLET, ALL])
    def test_a_pause_stops_what_must_not_be_paused(self, store: Store, scope: str) -> None:
        store.commit(Change(pauses=(replace(PAUSE, scope=scope),)))
        change = Change(transfers=(make_transfer(),), unless_paused=(ALL, WALLET))

        with pytest.raises(Paused, match="a spend that nobody knows") as refusal:
            store.commit(change)

        assert f"payout resume {scope}" in str(refusal.value)
        store.commit(Change(resume=(scope,)))
        store.commit(change)
        assert store.transfer(make_transfer().id) is not None

    def test_a_pause_of_another_wallet_stops_nothing_here(self, store: Store) -> None:
        store.commit(Change(pauses=(replace(PAUSE, scope="other"),)))

        store.commit(Change(transfers=(make_transfer(),), unless_paused=(ALL, WALLET)))
        store.commit(Change(transfers=(make_transfer("T-2"),)))

        assert len(store.list_transfers()) == 2

    def test_each_person_has_one_pause_a_scope_and_resuming_lifts_all(self, store: Store) -> None:
        later = replace(PAUSE, why="still unknown", at=NOW + timedelta(minutes=1))
        bobs = replace(PAUSE, who="bob", why="maintenance")
        others = replace(PAUSE, scope="other")
        store.commit(Change(pauses=(PAUSE, bobs, others)))

        store.commit(Change(pauses=(later,)))

        assert set(store.pauses()) == {later, bobs, others}
        store.commit(Change(resume=(WALLET,)))
        assert store.pauses() == (others,)

    def test_a_change_that_resumes_and_pauses_leaves_the_new_pause(self, store: Store) -> None:
        store.commit(Change(pauses=(PAUSE,)))
        new = replace(PAUSE, who="bob", why="another reason")

        store.commit(Change(resume=(WALLET,), pauses=(new,)))

        assert store.pauses() == (new,)

    def test_a_database_that_lacks_the_journals_last_transfer_takes_nothing(self, store: Store) -> None:
        first, second = make_transfer("T-1"), make_transfer("T-2")

        with pytest.raises(DatabaseBehind, match="payout reconcile --repair"):
            store.commit(Change(transfers=(second,), journal_head=first.id))

        assert store.transfer(second.id) is None
        store.commit(Change(transfers=(first,)))
        store.commit(Change(transfers=(second,), journal_head=first.id))
        assert store.transfer(second.id) == second

    def test_a_refund_has_one_attempt_that_is_not_failed(self, store: Store) -> None:
        refund, _, _ = paying(store)
        second = make_transfer("T-2")
        attempt = make_attempt(refund, second, number=2)

        with pytest.raises(StaleWrite, match=refund.id):
            store.commit(Change(attempts=(attempt,), transfers=(second,)))

        assert store.transfer(second.id) is None
        assert len(store.attempts([refund.id])) == 1

    def test_an_attempt_that_fails_makes_room_for_the_next_in_the_same_change(self, store: Store) -> None:
        refund, first, transfer = paying(store)
        void(store, transfer)
        failed = replace(first, status=AttemptStatus.FAILED, closed_at=NOW)
        second = make_transfer("T-2")
        again = make_attempt(refund, second, number=2, opened_at=NOW + timedelta(hours=1))

        store.commit(Change(attempts=(again, failed), transfers=(second,)))

        assert store.attempts([refund.id]) == (failed, again)

    def test_a_failed_attempt_cannot_come_back_beside_a_living_one(self, store: Store) -> None:
        refund, first, transfer = paying(store)
        void(store, transfer)
        second = make_transfer("T-2")
        failed = replace(first, status=AttemptStatus.FAILED)
        again = make_attempt(refund, second, number=2)
        store.commit(Change(attempts=(failed, again), transfers=(second,)))

        with pytest.raises(StaleWrite):
            store.commit(Change(attempts=(first,)))

    def test_two_living_attempts_in_one_change_are_refused(self, store: Store) -> None:
        refund, transfer = make_approved(), make_transfer()
        add(store, refund)
        pair = tuple(make_attempt(refund, transfer, number=number) for number in (1, 2))

        with pytest.raises(StaleWrite):
            store.commit(Change(attempts=pair, transfers=(transfer,)))

    def test_rows_that_name_what_is_not_on_record_are_refused(self, store: Store) -> None:
        refund, transfer = make_approved(), make_transfer()
        add(store, refund)
        nobody = make_refund("nobody")

        with pytest.raises(StaleWrite):
            store.commit(Change(attempts=(make_attempt(refund, transfer),)))
        with pytest.raises(StaleWrite):
            store.commit(Change(attempts=(make_attempt(nobody, transfer),), transfers=(transfer,)))
        with pytest.raises(StaleWrite):
            store.commit(Change(approvals=(make_approval(nobody),)))
