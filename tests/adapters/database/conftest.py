"""A migrated SQLite file to copy: Alembic takes longer than most tests."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import pytest

from adapters.database.migrate import migrate


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All tables and no rows."""
    file = tmp_path_factory.mktemp("database") / "empty.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_url(empty_file: Path, tmp_path: Path) -> str:
    """A database of its own for each test that asks."""
    copyfile(empty_file, tmp_path / "payout.db")
    return f"sqlite:///{tmp_path}/payout.db"
