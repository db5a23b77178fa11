"""
Simulated lives without end: `soak.py --lives 20000 --seed 7`, and every crash of every script with `--crashes`.

It ends at the first broken promise, with the seed and the story. One seed in each hundred runs on SQLite.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.scenarios.crashes import crash_everywhere, record
from tests.scenarios.scripts import SCRIPTS
from tests.scenarios.simulator import Simulation
from tests.scenarios.swaps.swap_scripts import SWAP_SCRIPTS
from tests.scenarios.swaps.swap_simulator import SwapSimulation
from tests.scenarios.violation import Violation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.scenarios.crashes import Script

LIVES_PER_RUN = 10
SQLITE_EVERY = 100
REPORT_SECONDS = 5


def main() -> int:
    """Returns 0, or 1 at the first broken promise."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lives", type=int, default=20_000, help="how many refunds to live through")
    options.add_argument("--seed", type=int, default=0, help="the first seed; each run takes the next one")
    options.add_argument("--crashes", action="store_true", help="die at every boundary of every script instead")
    options.add_argument(
        "--cases", action="store_true", help="with --crashes: one boundary of those that come to the same"
    )
    options.add_argument("--swaps", action="store_true", help="with processors, and refunds in their coins")
    options.add_argument("--memory", action="store_true", help="never use SQLite")
    given = options.parse_args()
    logging.disable(logging.CRITICAL)
    try:
        if given.crashes:
            crash(SWAP_SCRIPTS if given.swaps else SCRIPTS, every=not given.cases)
        else:
            kind = SwapSimulation if given.swaps else Simulation
            soak(kind, given.lives, given.seed, sqlite_every=0 if given.memory else SQLITE_EVERY)
    except Violation as broken:
        print(broken, file=sys.stderr)
        return 1
    return 0


def soak(kind: type[Simulation], lives: int, seed: int, *, sqlite_every: int) -> None:
    """Run after run, until so many lives are lived."""
    runs = -(-lives // LIVES_PER_RUN)
    began = told = time.monotonic()
    for number in range(runs):
        run(kind, seed + number, on_sqlite=bool(sqlite_every) and number % sqlite_every == 1)
        if time.monotonic() - told > REPORT_SECONDS:
            told = time.monotonic()
            report(number + 1, began)
    report(runs, began)


def run(kind: type[Simulation], seed: int, *, on_sqlite: bool = False) -> None:
    """One run of ten lives."""
    if not on_sqlite:
        kind(seed, lives=LIVES_PER_RUN).run()
        return
    from tests.scenarios.sqlite_database import SqliteDatabase

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        folder.mkdir()
        kind(seed, lives=LIVES_PER_RUN, database=partial(SqliteDatabase, folder=folder)).run()


def report(runs: int, began: float) -> None:
    lives, seconds = runs * LIVES_PER_RUN, time.monotonic() - began
    print(f"{lives} lives, each paid once or ended by a person, in {seconds:.0f} s: {lives / seconds:.0f} a second")


def crash(scripts: Iterable[Script], *, every: bool) -> None:
    """At each boundary, with the wallet's cache and without it; or once for each case."""
    for script in scripts:
        began = time.monotonic()
        plays = crash_everywhere(script, record(script), every=every)
        print(f"{script.__name__}: {plays} crashes, each refund paid once, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
