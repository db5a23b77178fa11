"""
Measure 6: how long `payout refunds list` takes, the whole process, from nothing to its last line.

A person waits for it; what it imports matters more than what it does.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from payout.asset import USD, XMR
from payout.change import Change
from payout.money import Money
from payout.refund import Refund, refund_id
from tests.bench.figure import Figure, spread
from tests.stores import open_test_store

MOST_SECONDS: Final = 0.6
FOREIGN: Final = {"PAYOUT_CONFIG", "PYTHONDONTWRITEBYTECODE"}
ENVIRONMENT: Final = {name: value for name, value in os.environ.items() if name not in FOREIGN}
"""Without what would point `payout` elsewhere, or have it compile its libraries at each start."""

PAYOUT: Final = Path(sys.executable).with_name("payout")
ADDRESS: Final = "49g4YrPjcQbhHf6LHgvV7NbcD9Lhd6cndHWsbMXtMfM3AdxxkjiQWsPiddoYykRQQsKgqYtxdEyvic3MGdqi6UVw7cfajDB"


def measure(*, refunds: int, runs: int) -> list[Figure]:
    """Medians, beside that of an interpreter that does nothing."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        subprocess.run([PAYOUT, "init"], cwd=folder, env=ENVIRONMENT, check=True, capture_output=True)
        _fill(folder, refunds)
        listing, nothing = [], []
        for _ in range(runs):
            nothing.append(_seconds([sys.executable, "-c", "pass"], folder))
            listing.append(_seconds([str(PAYOUT), "refunds", "list"], folder))
    median = statistics.median(listing)
    return [
        Figure(
            name="start of `payout refunds list`",
            ours=f"{spread(listing, '.2f')} s",
            other=f"{statistics.median(nothing):.2f} s, bare Python",
            target=f"<= {MOST_SECONDS} s",
            met=median <= MOST_SECONDS,
            note=f"whole process, {refunds:,} refunds on record, median of {runs}",
        )
    ]


def _fill(folder: Path, refunds: int) -> None:
    now = datetime.now(UTC)
    rows = [
        Refund(
            id=refund_id("payout", f"E-{number}"),
            external_id=f"E-{number}",
            owed=Money(2500, USD),
            asset=XMR,
            destination=ADDRESS,
            requested_by="panel",
            requested_at=now,
        )
        for number in range(refunds)
    ]
    store = open_test_store(f"sqlite:///{folder / 'var' / 'payout.db'}")
    store.commit(Change(refunds=tuple(rows)))
    store.close()


def _seconds(argv: list[str], folder: Path) -> float:
    began = time.perf_counter()
    subprocess.run(argv, cwd=folder, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began
