"""A lease is kept while its owner works, and nothing that goes wrong with it disturbs the work."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any, cast

import pytest

from adapters.lease_keeper import LeaseKeeper
from adapters.memory.store import MemoryStore
from payout.change import Lease
from payout.errors import StoreUnavailable
from payout.ports import Store

TTL = timedelta(seconds=0.3)
PATIENCE_SECONDS = 20


class Watched:
    """A memory store that counts renewals, and may be out of order."""

    def __init__(self) -> None:
        self.inner = MemoryStore()
        self.renewals = 0
        self.enough = threading.Event()
        self.down = False

    def claim_lease(self, wallet: str, owner: str, ttl: timedelta) -> Lease | None:
        self.renewals += 1
        if self.renewals >= 3:
            self.enough.set()
        if self.down:
            raise StoreUnavailable("down")
        return self.inner.claim_lease(wallet, owner, ttl)


@pytest.fixture
def store() -> Watched:
    return Watched()


def keeper(store: Any) -> LeaseKeeper:
    return LeaseKeeper(store=cast("Store", store), ttl=TTL)


def taken(store: Watched) -> Lease:
    lease = store.inner.claim_lease("hot", "me", TTL)
    assert lease is not None
    return lease


def test_a_lease_outlives_its_term_while_work_goes_on(store: Watched) -> None:
    lease = taken(store)

    with keeper(store).keep(lease):
        assert store.enough.wait(PATIENCE_SECONDS)
        assert store.inner.claim_lease("hot", "them", TTL) is None

    assert store.inner.claim_lease("hot", "me", TTL) == lease


def test_renewals_end_with_the_work(store: Watched) -> None:
    with keeper(store).keep(taken(store)):
        pass
    before = store.renewals

    assert not threading.Event().wait(TTL.total_seconds())
    assert store.renewals == before
    assert not [thread for thread in threading.enumerate() if thread.name == "lease-hot"]


def test_a_database_that_is_away_does_not_disturb_the_work(store: Watched) -> None:
    lease = taken(store)
    store.down = True

    with keeper(store).keep(lease):
        assert store.enough.wait(PATIENCE_SECONDS)


def test_a_lost_lease_is_never_fought_for(store: Watched, caplog: pytest.LogCaptureFixture) -> None:
    lease = taken(store)
    store.inner.release_lease(lease)
    theirs = store.inner.claim_lease("hot", "them", timedelta(hours=1))

    with keeper(store).keep(lease):
        assert not store.enough.wait(4 * TTL.total_seconds())

    assert store.inner.claim_lease("hot", "them", timedelta(hours=1)) == theirs
    assert "lease.lost" in caplog.text


def test_an_error_of_the_work_comes_out_unchanged(store: Watched) -> None:
    with pytest.raises(ZeroDivisionError), keeper(store).keep(taken(store)):
        raise ZeroDivisionError
