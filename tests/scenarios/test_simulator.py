"""Two thousand lives in bad weather, among meddling people: each is paid exactly once, or ended by a person."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from tests.scenarios.simulator import Simulation
from tests.scenarios.sqlite_database import SqliteDatabase

HOUSE = Path(__file__).resolve().parents[2]
LIVES = 10
RUNS = 26
STARTS = (0, 1000, 2000, 3000, 4000, 5000, 6000, 7000)


@pytest.mark.parametrize("first", STARTS)
def test_every_refund_is_paid_exactly_once_or_ended_by_a_person(first: int) -> None:
    for seed in range(first, first + RUNS):
        Simulation(seed, lives=LIVES).run()

    print(f"{RUNS * LIVES} lives")


@pytest.mark.parametrize("seed", range(8000, 8006))
def test_every_refund_is_paid_exactly_once_or_ended_by_a_person_on_sqlite(seed: int, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()

    Simulation(seed, lives=LIVES, rounds=25, database=partial(SqliteDatabase, folder=folder)).run()


def test_the_storm_holds_every_trouble_that_it_is_meant_to_hold() -> None:
    told: list[str] = []
    kinds: set[str] = set()
    ends: set[str] = set()
    for seed in range(150):
        simulation = Simulation(seed, lives=LIVES)
        simulation.run()
        told += simulation.story
        kinds |= {event.kind for event in simulation.world.database.store.events(limit=100_000)}
        rows = simulation.world.database.rows()
        ends |= {f"{row.kind} {row.status}" for row in rows.transfers.values()}
        ends |= {row.status for row in rows.refunds.values()}

    story = "\n".join(told)
    troubles = ("dies after", "sleeps", "lost", "late", "twice", "CommitUnknown after store.commit", "JournalBroken")
    weather = ("and forgotten", "flushed", "the node is down", "behind", "wallet is killed", "fees rise", "days pass")
    assert [word for word in (*troubles, *weather, "someone else", "gives up", "pauses") if word not in story] == []
    assert {"transfer.reopened", "transfer.refused", "refund.held", "refund.amended", "wallet.paused"} <= kinds
    assert {"GIVE_UP FINAL", "PAYOUT VOID", "SPLIT FINAL", "PAID", "CANCELED", "REJECTED"} <= ends


def test_a_seed_tells_the_same_story_in_another_process() -> None:
    script = (
        "import logging; logging.disable(logging.CRITICAL)\n"
        "from tests.scenarios.simulator import Simulation\n"
        "simulation = Simulation(77); simulation.run(); print('\\n'.join(simulation.story))"
    )
    here = Simulation(77)
    here.run()

    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=HOUSE,
        env={**os.environ, "PYTHONPATH": str(HOUSE), "PYTHONHASHSEED": "12345"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout.splitlines() == here.story
