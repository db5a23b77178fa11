"""The Store in memory keeps the whole contract."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.memory.store import MemoryStore
from tests.clock import HandClock
from tests.contracts.store import StoreContract
from tests.factories import WALLET
from tests.stores import AUDIT


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(clock: HandClock) -> MemoryStore:
    return MemoryStore(clock, AUDIT)


class TestMemoryStore(StoreContract):
    """All of the contract."""


def test_without_a_clock_it_takes_the_machines() -> None:
    store = MemoryStore()

    assert store.claim_lease(WALLET, "me", timedelta(seconds=30)) is not None
    assert store.claim_lease(WALLET, "them", timedelta(seconds=30)) is None
    assert store.claim_lease("other", "me", timedelta(seconds=-1)) is not None
    assert store.claim_lease("other", "them", timedelta(seconds=30)) is not None
