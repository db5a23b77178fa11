"""The Store on SQLite and on PostgreSQL keeps the whole contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from adapters.database.store import SqlStore
from tests.adapters.conftest import emptied
from tests.clock import HandClock
from tests.contracts.store import StoreContract
from tests.stores import open_test_store


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, sqlite_url: str, clock: HandClock) -> Iterator[SqlStore]:
        store = open_test_store(sqlite_url, clock)
        yield store
        store.close()


@pytest.fixture
def postgres_url(migrated: sa.Engine) -> str:
    return emptied(migrated)


@pytest.mark.nodes
class TestPostgresql(StoreContract):
    @pytest.fixture
    def store(self, postgres_url: str, clock: HandClock) -> Iterator[SqlStore]:
        store = open_test_store(postgres_url, clock)
        yield store
        store.close()
