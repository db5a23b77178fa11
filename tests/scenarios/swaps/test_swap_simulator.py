"""Six hundred lives with swaps: each customer is paid exactly once, or the refund is ended by a person."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tests.scenarios.sqlite_database import SqliteDatabase
from tests.scenarios.swaps.swap_simulator import SwapSimulation

LIVES = 10
RUNS = 10
STARTS = (0, 1000, 2000, 3000, 4000, 5000)


@pytest.mark.parametrize("first", STARTS)
def test_every_customer_is_paid_exactly_once_or_the_refund_is_ended_by_a_person(first: int) -> None:
    for seed in range(first, first + RUNS):
        SwapSimulation(seed, lives=LIVES).run()

    print(f"{RUNS * LIVES} lives")


@pytest.mark.parametrize("seed", range(8000, 8003))
def test_every_customer_is_paid_exactly_once_on_sqlite(seed: int, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()

    SwapSimulation(seed, lives=LIVES, rounds=25, database=partial(SqliteDatabase, folder=folder)).run()


def test_the_storm_holds_every_trouble_that_swaps_are_meant_to_meet() -> None:
    kinds: set[str] = set()
    told: list[str] = []
    ends: set[str] = set()
    for seed in range(40):
        simulation = SwapSimulation(seed, lives=LIVES)
        simulation.run()
        told += simulation.story
        kinds |= {event.kind for event in simulation.world.database.store.events(limit=100_000)}
        ends |= {row.status for row in simulation.world.database.rows().orders.values()}
        ends |= {doing.kind.name for each in simulation.world.exchanges for doing in each.doings.values()}

    story = "\n".join(told)
    troubles = ("OrderUnknown after processor.create", "before chain.look", "processor.read", "the next create is lost")
    assert [word for word in (*troubles, "bitcoin: ", "tron: ", "forgotten") if word not in story] == []
    wanted = {"order.lost", "order.adopted", "order.dropped", "order.troubled", "order.returned", "order.reopened"}
    assert wanted - kinds == set()
    assert {"SETTLED", "RETURNED", "DROPPED", "PAYS_SHORT", "VANISHES", "CLAIMS_RETURN", "CLAIMS_FIRST"} - ends == set()
