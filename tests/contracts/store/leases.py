"""Leases: one owner a wallet, and an epoch that only rises."""

from __future__ import annotations

from datetime import timedelta

from payout.change import Lease
from payout.ports import Holder, Store
from tests.clock import HandClock
from tests.factories import WALLET

TTL = timedelta(seconds=30)


def lease(owner: str, epoch: int, wallet: str = WALLET) -> Lease:
    return Lease(wallet=wallet, owner=owner, epoch=epoch)


class Leases:
    def test_a_running_lease_is_nobody_elses(self, store: Store, clock: HandClock) -> None:
        assert store.claim_lease(WALLET, "me", TTL) == lease("me", 1)
        clock.move(seconds=29.9)

        assert store.claim_lease(WALLET, "them", TTL) is None

    def test_keeping_a_running_lease_extends_it_and_keeps_its_epoch(self, store: Store, clock: HandClock) -> None:
        store.claim_lease(WALLET, "me", TTL)
        clock.move(seconds=20)

        assert store.claim_lease(WALLET, "me", TTL) == lease("me", 1)

        clock.move(seconds=20)
        assert store.claim_lease(WALLET, "them", TTL) is None

    def test_a_take_over_raises_the_epoch(self, store: Store, clock: HandClock) -> None:
        store.claim_lease(WALLET, "me", TTL)
        clock.move(seconds=30)

        assert store.claim_lease(WALLET, "them", TTL) == lease("them", 2)
        assert store.claim_lease(WALLET, "me", TTL) is None

    def test_ones_own_lease_that_ran_out_is_taken_over_like_any_other(self, store: Store, clock: HandClock) -> None:
        store.claim_lease(WALLET, "me", TTL)
        clock.move(seconds=31)

        assert store.claim_lease(WALLET, "me", TTL) == lease("me", 2)

    def test_a_lease_let_go_is_free_at_once_and_its_epoch_is_not_forgotten(self, store: Store) -> None:
        store.claim_lease(WALLET, "me", TTL)
        store.release_lease(lease("me", 1))

        assert store.claim_lease(WALLET, "them", TTL) == lease("them", 2)

    def test_only_the_holder_can_let_go(self, store: Store) -> None:
        store.claim_lease(WALLET, "me", TTL)

        for stranger in (lease("them", 1), lease("me", 2), lease("me", 1, "other")):
            store.release_lease(stranger)

        assert store.claim_lease(WALLET, "them", TTL) is None

    def test_wallets_are_leased_one_by_one(self, store: Store) -> None:
        store.claim_lease(WALLET, "me", TTL)

        assert store.claim_lease("other", "them", TTL) == lease("them", 1, "other")

    def test_the_holder_is_named_while_its_lease_runs(self, store: Store, clock: HandClock) -> None:
        assert store.lease_holder(WALLET) is None

        store.claim_lease(WALLET, "me", TTL)
        holder = store.lease_holder(WALLET)
        assert holder == Holder(owner="me", until=clock.now() + TTL)

        clock.move(seconds=30)
        assert store.lease_holder(WALLET) is None

    def test_a_wallet_that_was_let_go_has_no_holder(self, store: Store) -> None:
        store.claim_lease(WALLET, "me", TTL)
        store.release_lease(lease("me", 1))

        assert store.lease_holder(WALLET) is None
