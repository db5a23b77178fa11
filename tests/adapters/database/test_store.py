"""The Store on SQLite and on PostgreSQL keeps the whole contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from adapters.database.migrate import migrate
from adapters.database.store import SqlStore, open_store
from adapters.database.tables import metadata
from tests.contracts.store import StoreContract
from tests.contracts.store.steps import StillClock
from tests.postgres_server import PostgresServer


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


class TestSqlite(StoreContract):
    @pytest.fixture
    def store(self, sqlite_url: str, clock: StillClock) -> Iterator[SqlStore]:
        store = open_store(sqlite_url, clock)
        yield store
        store.close()


@pytest.fixture(scope="module")
def migrated(postgres: PostgresServer) -> Iterator[sa.Engine]:
    """One database for all tests of this module, for the same reason."""
    name = postgres.create_database()
    migrate(postgres.url(name))
    engine = sa.create_engine(postgres.url(name))
    yield engine
    engine.dispose()
    postgres.drop_database(name)


@pytest.fixture
def postgres_url(migrated: sa.Engine) -> str:
    """The migrated database, emptied; as a replica, since no other session may empty its tables."""
    with migrated.begin() as conn:
        conn.execute(sa.text("SET LOCAL session_replication_role = replica"))
        conn.execute(sa.text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY CASCADE"))
    return migrated.url.render_as_string()


@pytest.mark.nodes
class TestPostgresql(StoreContract):
    @pytest.fixture
    def store(self, postgres_url: str, clock: StillClock) -> Iterator[SqlStore]:
        store = open_store(postgres_url, clock)
        yield store
        store.close()
