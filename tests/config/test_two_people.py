"""Two people decide on one refund at once, each on a command line: one wins, the other is told who did, and when."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.config.line import Line
from tests.config.test_daemon import PATIENCE_SECONDS, ROOT

ACTS = {"alice": ("cancel", "CANCELED"), "bob": ("reject", "REJECTED")}


def test_of_two_that_end_a_refund_at_once_one_wins_and_the_other_is_told_who_and_when(line: Line) -> None:
    line.add("E-1")
    program = [sys.executable, "-m", "config.main", "refunds"]
    running = {
        who: subprocess.Popen(
            [*program, verb, "E-1", "--why", "spent", "--as", who, "--config", str(line.file)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for who, (verb, _) in ACTS.items()
    }
    said = {who: each.communicate(timeout=PATIENCE_SECONDS) for who, each in running.items()}

    codes = {who: each.returncode for who, each in running.items()}
    assert sorted(codes.values()) == [0, 3], said
    winner, loser = sorted(codes, key=lambda who: codes[who])
    status = ACTS[winner][1]
    assert line.status_of() == status
    words = said[loser][1]
    assert re.search(rf"{status}.*\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d UTC.*{status.lower()} by {winner}: spent", words), (
        words
    )
