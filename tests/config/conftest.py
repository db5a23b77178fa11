from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.config.line import Line
from tests.config.people_desk import Desk


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after `payout init`, which takes most of a second, to be copied."""
    folder = tmp_path_factory.mktemp("installed")
    assert Line(folder)("init").code == 0
    return folder


@pytest.fixture
def line(installed: Path, tmp_path: Path) -> Line:
    """An installation of its own for each test."""
    shutil.copytree(installed, tmp_path, dirs_exist_ok=True)
    return Line(tmp_path)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)
