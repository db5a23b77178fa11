"""
Regressions of a hostile review: each was a way past a limit, or to stop all payments without a word.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from adapters.database.migrate import migrate
from adapters.memory.coin.chain import FEE_PER_BYTE
from payout.approval import APPROVAL_LIFE
from payout.change import Change, Pause
from payout.errors import RailUnavailable
from payout.event import Event
from payout.transfer import TransferKind
from tests.scenarios.trouble import Broken, Lost, status, tables_of, transfers
from tests.scenarios.world import START, WALLET, World
from tests.stores import open_test_store

if TYPE_CHECKING:
    from collections.abc import Callable

# ---------------------------------------------------------------- rows that somebody wrote


def test_a_row_with_other_decimals_than_the_asset_has_is_never_paid() -> None:
    world = World()
    key = world.approved("E1")
    tables = tables_of(world)
    row = tables.refunds[key]
    tables.refunds[key] = replace(row, asset=replace(row.asset, decimals=13))
    world.worker("a").pay()
    assert not transfers(world, TransferKind.PAYOUT)
    assert status(world, key) == "HELD"


def test_a_signature_that_is_no_ascii_holds_its_refund_and_stops_no_other() -> None:
    world = World()
    bad, good = world.approved("E1"), world.approved("E2")
    tables = tables_of(world)
    tables.approvals[:] = [
        replace(each, signature="é" * 64) if each.refund_id == bad else each for each in tables.approvals
    ]
    world.worker("a").pay()
    assert (status(world, bad), status(world, good)) == ("HELD", "PAYING")


# ---------------------------------------------------------------- limits


class SlowSigning:
    """A wallet that takes its time over a transfer."""

    def __init__(self, world: World, seconds: float) -> None:
        self._world, self._seconds = world, seconds

    def at(self, point: str, *, before: bool) -> None:
        """The clock goes on meanwhile."""
        if before and point == "coin.prepare":
            self._world.clock.pass_by(self._seconds)


def test_an_approval_that_runs_out_while_the_transfer_is_signed_pays_nothing() -> None:
    world = World()
    key = world.approved("E1")
    world.clock.pass_by(APPROVAL_LIFE.total_seconds() - 5)
    world.worker("a", SlowSigning(world, 10)).pay()
    assert status(world, key) == "APPROVED"
    assert not transfers(world, TransferKind.PAYOUT)


def test_a_give_up_waits_while_its_fee_is_above_the_cap() -> None:
    world = World()
    world.approved("E1")
    worker = world.worker("a", faults=Lost("coin.relay"))
    worker.pay()
    (payout,) = transfers(world, TransferKind.PAYOUT)
    world.desk().give_up(payout.id, "alice", "changed our mind")
    world.chain.fee_per_byte = 1000 * FEE_PER_BYTE
    worker.track()
    assert not transfers(world, TransferKind.GIVE_UP)
    world.chain.fee_per_byte = FEE_PER_BYTE
    worker.track()
    assert len(transfers(world, TransferKind.GIVE_UP)) == 1


# ---------------------------------------------------------------- waiting without a word


def test_a_fault_of_the_program_is_told_to_whoever_waits_for_a_payment() -> None:
    world = World()
    world.worker("a").pay()
    key = world.approved("E1")
    with pytest.raises(KeyError):
        world.worker("a", Broken("coin.funds", KeyError("odd"))).pay()
    assert "a fault of the program (KeyError)" in str(world.database.store.refund(key))
    world.worker("a").pay()
    assert status(world, key) == "PAYING"


def test_a_transfer_that_the_network_does_not_take_is_told_to_a_person_once() -> None:
    world = World()
    world.approved("E1")
    worker = world.worker("a", faults=Lost("coin.relay", "coin.resubmit"))
    worker.pay()
    for _ in range(5):
        world.clock.pass_by(3600)
        worker.track()
    slow = [event for event in world.database.store.events(alarms=True) if event.kind == "transfer.slow"]
    assert len(slow) == 1
    assert "missing" in slow[0].words


def test_proofs_that_can_never_be_had_keep_no_other_proof_waiting() -> None:
    world = World(outputs=60)
    for number in range(75):
        world.approved(f"E{number}", "1.00")
    broken = RailUnavailable("the wallet has forgotten its keys")
    amnesiac = world.worker("a", Broken("coin.prove", broken))
    for _ in range(6):
        amnesiac.pay()
        world.mine(12)
        amnesiac.track()
    worker = world.worker("a", Broken("coin.prove", broken, times=1))
    key = world.approved("late", "1.00")
    worker.pay()
    world.mine(2)
    worker.track()
    worker.track()
    assert world.database.store.attempts([key])[0].proof is not None


# ---------------------------------------------------------------- PostgreSQL


def test_once_a_pause_is_on_record_no_payment_that_looked_before_it_is_committed(postgres_url: str) -> None:
    """At the worst moment a person pauses: the payment has looked for pauses, and has yet to commit."""
    migrate(postgres_url)
    with closing(open_test_store(postgres_url)) as payer, closing(open_test_store(postgres_url)) as console:
        pause = Pause(scope=WALLET, who="alice", why="stop", at=START)
        person = Thread(target=console.commit, args=[Change(pauses=(pause,))])
        waited: list[bool] = []

        def after_look(_conn: object, _cursor: object, statement: str, *_: object) -> None:
            if "FROM pauses" in statement:
                person.start()
                wait_until(lambda: not person.is_alive() or waits_for_a_lock(postgres_url))
                waited.append(person.is_alive())

        sa.event.listen(payer._engine, "after_cursor_execute", after_look)
        payer.commit(Change(events=(Event(at=START, kind="payment.made", words="x"),), unless_paused=(WALLET,)))
        person.join()
        assert waited == [True]
        assert [each.who for each in console.pauses()] == ["alice"]


def waits_for_a_lock(url: str) -> bool:
    """Some connection to the server stands before a closed door."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as conn:
            return bool(conn.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")))
    finally:
        engine.dispose()


def wait_until(true: Callable[[], bool]) -> None:
    while not true():
        time.sleep(0.01)
