"""A smoke run of the bench: every measure still measures. Its figures are not looked at."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.nodes

BENCH = Path(__file__).with_name("run.py")
MEASURES = (
    "refunds in 10 blocks",
    "fee of a refund",
    "wallet-rpc CPU a refund",
    "our own time a refund",
    "synced writes a transfer",
    "idle pay tick",
    "track tick",
    "orders followed a second",
    "orders followed a second beside a slow processor",
    "pay tick, 15 refunds, processors hanging",
    "4 orders quoted and made",
    "start of `payout refunds list`",
    "GET /refunds, first page",
    "refunds handed in a second, one after the other",
)


def test_a_quick_bench_prints_a_row_for_every_measure() -> None:
    command = [sys.executable, str(BENCH), "--quick", "--markdown"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=280)
    assert done.returncode == 0, done.stderr
    assert [name for name in MEASURES if f"| {name}" not in done.stdout] == []
