from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.attacks.siege import Siege, installed, lay_out
from tests.config.line import Line


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after `payout init`, to be copied."""
    folder = tmp_path_factory.mktemp("ready")
    line = Line(folder)
    lay_out(folder)
    said = line("init")
    assert said.code == 0, said.err
    return folder


@pytest.fixture
def siege(ready: Path, tmp_path: Path) -> Iterator[Siege]:
    besieged = installed(tmp_path, ready)
    yield besieged
    besieged.close()
