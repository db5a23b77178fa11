"""Databases with all tables and no rows. Alembic takes longer than most tests: it runs once for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
import sqlalchemy as sa

from adapters.database.migrate import migrate
from adapters.database.tables import ONLY_ROW, audit_head, metadata
from tests.postgres_server import PostgresServer


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite, to be copied."""
    file = tmp_path_factory.mktemp("database") / "empty.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(empty_file: Path, tmp_path: Path) -> str:
    """A database of its own for each test that asks."""
    copyfile(empty_file, tmp_path / "payout.db")
    return f"sqlite:///{tmp_path}/payout.db"


@pytest.fixture(scope="session")
def migrated(postgres: PostgresServer) -> Iterator[sa.Engine]:
    """One database of PostgreSQL, shared by tests that leave its tables as they are."""
    name = postgres.create_database()
    migrate(postgres.url(name))
    engine = sa.create_engine(postgres.url(name))
    yield engine
    engine.dispose()
    postgres.drop_database(name)


def emptied(engine: sa.Engine) -> str:
    """The address of the shared database, without rows; as a replica, since nobody else may empty its tables."""
    with engine.begin() as conn:
        conn.execute(sa.text("SET LOCAL session_replication_role = replica"))
        conn.execute(sa.text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY CASCADE"))
        conn.execute(sa.insert(audit_head).values(only_row=ONLY_ROW, number=0, mac="", before=0))
    return engine.url.render_as_string()
