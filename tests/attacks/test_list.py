"""The list of attacks for operators (docs/attacks.md) and this suite say the same: neither grows alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
LIST = HERE.parents[1] / "docs" / "attacks.md"
ROW = re.compile(r"\| (\d+) \| (.+?) \| (.+?) \| (.+?) \| `(\w+)` \|")
LEAST = 36

DRIVERS = {
    "test_a_row_of_refunds_is_edited_in_vain",
    "test_an_approval_is_forged_in_vain",
    "test_what_people_did_approve_is_paid",
    "test_a_history_that_nobody_touched_is_sound",
}
"""Tests that are no attack of their own: those that run a file's attacks, and those without any."""


def listed() -> list[re.Match[str]]:
    lines = LIST.read_text().splitlines()
    rows = [line for line in lines if line.startswith("| ") and line[2].isdigit()]
    found = [ROW.fullmatch(line) for line in rows]
    assert None not in found, "a row of the list has another shape"
    return [each for each in found if each is not None]


def made() -> Iterator[str]:
    """Every attack of the suite."""
    for file in sorted(HERE.glob("test_*.py")):
        for node in ast.parse(file.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or file == Path(__file__):
                continue
            registered = any("foiled_with" in ast.unparse(each) for each in node.decorator_list)
            if registered or node.name.startswith("test_"):
                yield node.name


def test_every_attack_of_the_suite_is_listed_and_every_listed_one_is_made() -> None:
    named = [row[5] for row in listed()]
    assert sorted(named) == sorted(set(made()) - DRIVERS)


def test_the_list_is_numbered_without_a_gap_and_each_row_says_what_stops_it() -> None:
    rows = listed()
    assert [int(row[1]) for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) >= LEAST
    assert all(cell.strip() for row in rows for cell in row.groups())
