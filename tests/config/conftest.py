from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.line import Line


@pytest.fixture
def line(tmp_path: Path) -> Line:
    """An installation after `payout init`."""
    made = Line(tmp_path)
    assert made("init").code == 0
    return made
