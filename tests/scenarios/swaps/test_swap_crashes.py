"""A process dies while it swaps: each customer is paid once, and no deposit is paid twice."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.scenarios.boundary import Fuse
from tests.scenarios.crashes import crash_everywhere, play, record
from tests.scenarios.sqlite_database import SqliteDatabase
from tests.scenarios.swaps.swap_scripts import SWAP_SCRIPTS, answer_lost, restored_before_funding, sent_back

if TYPE_CHECKING:
    from tests.scenarios.crashes import Script

CASES = 30
"""Of each script in every run of the suite; `soak.py --swaps --crashes` dies at all of them."""
PAIRS = 8

every_script = pytest.mark.parametrize("script", SWAP_SCRIPTS, ids=lambda script: script.__name__)


@every_script
def test_each_customer_is_paid_once_wherever_a_process_dies(script: Script) -> None:
    recorded = record(script)

    plays = crash_everywhere(script, recorded, most=CASES)

    assert plays == min(CASES, len(recorded.cases))
    print(f"{script.__name__}: {plays} of {len(recorded.cases)} different cases at {recorded.passed} boundaries")


@every_script
def test_each_customer_is_paid_once_when_the_next_process_dies_too(script: Script) -> None:
    dice = Random(script.__name__)
    boundaries = record(script).passed

    for _ in range(PAIRS):
        play(script, Fuse(dice.randrange(boundaries)), second=dice.randrange(1, 400), amnesia=dice.random() < 0.5)


@pytest.mark.parametrize(
    "script", [answer_lost, sent_back, restored_before_funding], ids=lambda script: script.__name__
)
def test_each_customer_is_paid_once_wherever_a_process_dies_on_sqlite(script: Script, tmp_path: Path) -> None:
    dice = Random(script.__name__)

    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        play(script, Fuse(dice.randrange(1200)), database=partial(SqliteDatabase, folder=folder))
