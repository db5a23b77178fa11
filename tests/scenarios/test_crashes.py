"""A process dies before or after every port call and every commit, and each refund is paid exactly once."""

from __future__ import annotations

import ast
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.scenarios.boundary import Fuse
from tests.scenarios.crashes import crash_everywhere, play, record
from tests.scenarios.scripts import SCRIPTS, batch, give_up_lost, restored_before_a_give_up
from tests.scenarios.sqlite_database import SqliteDatabase
from tests.scenarios.swaps.swap_scripts import SWAP_SCRIPTS

if TYPE_CHECKING:
    from tests.scenarios.crashes import Script

PAYOUT = Path(__file__).resolve().parents[2] / "payout"
PORTS = ("store", "coin", "journal", "pricing", "halts", "sealer", "processor", "chain")
DESKS = {"desk", "intake.py", "rate_acceptance.py", "api_key.py", "sealing.py"}
"""They only write what a person says: the simulator has them die."""
TELLERS = {"webhooks", "alarms.py", "audit"}
"""They pay nothing, and show or tell what is on record: tests/payout/webhooks and test_alarms.py have them die."""
PAIRS = 25

every_script = pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)


@every_script
def test_each_refund_is_paid_once_wherever_a_process_dies(script: Script) -> None:
    recorded = record(script)

    crash_everywhere(script, recorded)

    print(f"{script.__name__}: {recorded.passed} boundaries, {len(recorded.cases)} different cases")


@every_script
def test_each_refund_is_paid_once_when_the_next_process_dies_too(script: Script) -> None:
    dice = Random(script.__name__)
    boundaries = record(script).passed

    for _ in range(PAIRS):
        play(script, Fuse(dice.randrange(boundaries)), second=dice.randrange(1, 150), amnesia=dice.random() < 0.5)


@pytest.mark.parametrize("script", [batch, give_up_lost, restored_before_a_give_up], ids=lambda script: script.__name__)
def test_each_refund_is_paid_once_wherever_a_process_dies_on_sqlite(script: Script, tmp_path: Path) -> None:
    dice = Random(script.__name__)
    boundaries = record(script).passed

    for number in range(4):
        folder = tmp_path / str(number)
        folder.mkdir()
        play(script, Fuse(dice.randrange(boundaries)), database=partial(SqliteDatabase, folder=folder))


def test_the_scripts_cross_every_port_call_that_the_workers_code_makes() -> None:
    crossed: set[str] = set()
    for script in (*SCRIPTS, *SWAP_SCRIPTS):
        crossed |= record(script).points

    paying = (file for file in PAYOUT.rglob("*.py") if not {file.name, file.parent.name} & (DESKS | TELLERS))
    made = {call for file in paying for call in port_calls(file)}

    assert made - crossed == set(), "no script gets there: add one that does"


def port_calls(file: Path) -> set[str]:
    """`<port>.<method>` of every call in a file on something that is named like a port."""
    calls = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if name in PORTS:
                calls.add(f"{name}.{node.func.attr}")
    return calls
