"""The same lives on the real database: what one process writes of an order, the next reads as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.database.migrate import migrate
from payout.order import Stage
from payout.resolution import Resolution
from tests.payout.swaps.swapping import Life
from tests.stores import open_test_store

PAID = ("PAID", "SETTLED")


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    url = f"sqlite:///{tmp_path / 'payout.db'}"
    migrate(url)
    store = open_test_store(url)
    yield Life(lambda _clock: store)
    store.close()


def test_a_return_a_second_order_and_a_reorganisation_end_in_one_payment(life: Life) -> None:
    key = life.funded()
    life.returns(life.last(key))
    life.blocks(12)
    life.wait_for_look()
    life.tick(3)
    life.blocks(11)
    second = life.last(key)
    txid = life.settles(second)
    life.wait_for_look()
    assert life.standing(key) == PAID
    life.bitcoin.reorg(3, drop=True)
    life.wait_for_look()
    assert life.standing(key) == ("PAYING", "FUNDED")
    life.bitcoin.again(txid)
    life.bitcoin.mine(3)
    life.wait_for_look()
    assert life.standing(key) == PAID
    assert life.statuses(key) == ["RETURNED", "SETTLED"]
    assert life.received(key) == second.receive.units
    life.fair(key)


def test_two_people_attest_a_failure_and_the_next_order_pays(life: Life) -> None:
    key = life.funded()
    life.says(life.last(key), Stage.HOLD, reason="documents")
    life.wait_for_look()
    assert "on hold" in (life.last(key).trouble or "")
    for who in ("alice", "bob"):
        life.person().resolve(key, Resolution.FAILED, who, "they are gone")
    life.tick(2)
    life.person().approve(key, "alice")
    life.tick(4)
    life.blocks(11)
    life.settles(life.last(key))
    life.wait_for_look()
    assert life.standing(key) == PAID
    assert life.orders(key)[0].attested_by == "alice, bob"
    life.fair(key)
