"""The Store on SQLite and on PostgreSQL keeps the whole contract."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from adapters.database.migrate import migrate
from adapters.database.store import SqlStore, open_store
from tests.contracts.store import StoreContract
from tests.contracts.store.steps import StillClock


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables and no rows, to be copied: Alembic takes longer than most tests."""
    file = tmp_path_factory.mktemp("database") / "empty.db"
    migrate(f"sqlite:///{file}")
    return file


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, empty_database: Path, tmp_path: Path, clock: StillClock) -> Iterator[SqlStore]:
        copyfile(empty_database, tmp_path / "payout.db")
        store = open_store(f"sqlite:///{tmp_path}/payout.db", clock)
        yield store
        store.close()


@pytest.mark.nodes
class TestPostgresql(StoreContract):
    @pytest.fixture
    def store(self, postgres_url: str, clock: StillClock) -> Iterator[SqlStore]:
        migrate(postgres_url)
        store = open_store(postgres_url, clock)
        yield store
        store.close()
