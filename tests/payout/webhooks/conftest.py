"""An outbox for each test, in memory and on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest

from adapters.database.migrate import migrate
from adapters.memory.store import MemoryStore
from tests.clock import HandClock
from tests.payout.webhooks.telling import Post
from tests.stores import AUDIT, open_test_store


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of SQLite with all tables, to be copied."""
    file = tmp_path_factory.mktemp("webhooks") / "empty.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["memory", "sqlite"])
def post(request: pytest.FixtureRequest, tmp_path: Path, migrated: Path) -> Iterator[Post]:
    """An outbox, in memory and on SQLite."""
    clock = HandClock()
    if request.param == "memory":
        yield Post(MemoryStore(clock, AUDIT), clock)
        return
    store = open_test_store(f"sqlite:///{copyfile(migrated, tmp_path / 'payout.db')}", clock)
    yield Post(store, clock)
    store.close()
