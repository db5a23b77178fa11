"""
Regressions of a hostile review: each was a way to lose or repeat a payment, or to stop all of them without a word.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa

from adapters.database.migrate import migrate
from adapters.database.store import open_store
from adapters.memory.coin import Effect, MemoryCoin, MemoryWallet
from adapters.memory.coin.chain import FEE_PER_BYTE
from adapters.memory.journal import MemoryJournal
from payout.change import Change, Pause
from payout.errors import RailUnavailable
from payout.event import Event
from payout.transfer import TransferKind
from payout.worker import WalletWorker
from tests.scenarios.boundary import Crash
from tests.scenarios.database import MemoryDatabase
from tests.scenarios.world import COIN, LEASE, START, WALLET, World

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.memory.store.tables import Tables
    from payout.transfer import Transfer


class Deeds:
    """The effect of each call of `point`, in order."""

    def __init__(self, point: str, *effects: Effect) -> None:
        self._point = point
        self._effects = list(effects)

    def at(self, point: str, *, before: bool) -> Effect | None:
        """The next effect, as long as there are any."""
        return self._effects.pop(0) if before and point == self._point and self._effects else None


class Lost:
    """Calls that are made, and whose deeds never arrive."""

    def __init__(self, *points: str) -> None:
        self._points = points

    def at(self, point: str, *, before: bool) -> Effect | None:
        """LOST for each of them."""
        return Effect.LOST if before and point in self._points else None


class CrashAt:
    """The process dies at the first call of `point`."""

    def __init__(self, point: str) -> None:
        self._point = point
        self._dead = False

    def at(self, point: str, *, before: bool) -> None:
        """Once dead, every call meets the crash again."""
        if self._dead or (before and point == self._point):
            self._dead = True
            raise Crash(point)


class Broken:
    """A port call that fails, always or some times."""

    def __init__(self, point: str, error: Exception, times: int = 10**6) -> None:
        self._point, self._error, self._left = point, error, times

    def at(self, point: str, *, before: bool) -> None:
        """Fail, while there are failures left."""
        if before and point == self._point and self._left:
            self._left -= 1
            raise self._error


def status(world: World, key: str) -> str:
    return world.database.rows().refunds[key].status


def early_world() -> World:
    """Its reader does not insist that a commit comes first: here the wallet itself breaks that promise."""
    world = World()
    world.chain.on_first_broadcast = None
    return world


def tables_of(world: World) -> Tables:
    """The rows, as somebody who can write to the database has them."""
    if not isinstance(world.database, MemoryDatabase):
        raise TypeError("these scenarios play on the store in memory")
    return world.database.store._t


def transfers(world: World, kind: TransferKind) -> Sequence[Transfer]:
    found = world.database.store.list_transfers()
    return [each for each in found if each.kind is kind]


# ---------------------------------------------------------------- a wallet that sends too early


def test_what_the_wallet_sent_too_early_is_recorded_for_those_that_it_pays_and_for_nobody_else() -> None:
    world = early_world()
    paid = world.approved("E1")
    world.clock.pass_by(1)
    refused = world.approved("E2")
    world.purse.refused_addresses.add("address of E2")
    worker = world.worker("a", faults=Deeds("coin.prepare", Effect.DONE, Effect.EARLY))
    worker.pay()
    assert status(world, paid) == "PAYING"
    assert status(world, refused) == "APPROVED"
    assert world.database.rows().paused == {WALLET}


def test_a_transfer_sent_too_early_is_never_void_because_its_worker_died_before_the_journal_line() -> None:
    world = early_world()
    world.worker("a").pay()
    key = world.approved("E1")
    with pytest.raises(Crash):
        world.worker("a", CrashAt("journal.append"), Deeds("coin.prepare", Effect.EARLY)).pay()
    (sent,) = transfers(world, TransferKind.PAYOUT)
    assert world.chain.has(sent.id)
    world.desk().give_up(sent.id, "alice", "its worker died")
    world.clock.pass_by(31)
    world.worker("b").track()
    assert status(world, key) == "PAYING"


@pytest.mark.parametrize("paused", [False, True])
def test_a_transfer_sent_too_early_is_on_record_though_a_rule_would_have_stopped_it(*, paused: bool) -> None:
    world = early_world()
    key = world.approved("E1")

    class Slow(Deeds):
        def at(self, point: str, *, before: bool) -> Effect | None:
            effect = super().at(point, before=before)
            if effect is Effect.EARLY and paused:
                world.desk().pause(WALLET, "alice", "at the worst moment")
            elif effect is Effect.EARLY:
                world.clock.pass_by(600)  # The quote runs out.
            return effect

    faults = Slow("coin.prepare", Effect.EARLY)
    unwatched = replace(world.wallet(faults=faults), store=world.database.store)
    WalletWorker(unwatched, "a", LEASE).pay()
    assert status(world, key) == "PAYING"


# ---------------------------------------------------------------- several wallets


def second_wallet(world: World, **more: Any) -> WalletWorker:
    """A process with another wallet of the same installation, whose journal is up to date."""
    purse = MemoryWallet(world.chain, "second-address")
    world.chain.fund("second-address", COIN, outputs=20)
    world.mine(11)
    parts: dict[str, Any] = {"coin": MemoryCoin(purse), "journal": MemoryJournal([]), "store": world.database.store}
    rules = replace(world.rules, name="second")
    return WalletWorker(replace(world.wallet(), rules=rules, **parts, **more), "b", LEASE)


def payments_to(world: World, address: str) -> int:
    """Transactions that ever left and pay this address."""
    sent = world.chain.first_broadcasts.values()
    return sum(any(coin.address == address for coin in tx.outputs) for tx in sent)


def test_after_a_restored_backup_no_wallet_pays_what_another_wallet_has_paid() -> None:
    world = World()
    second = second_wallet(world, neighbours=(MemoryJournal(world.lines),))
    second.pay()
    world.approved("E1")
    before = world.database.backup()
    world.worker("a").pay()
    world.mine(12)
    world.database.restore(before)
    world.clock.pass_by(31)
    world.chain.on_first_broadcast = None
    second.pay()
    assert payments_to(world, "address of E1") == 1


# ---------------------------------------------------------------- repair


def test_a_payment_that_was_explained_as_a_spend_by_mistake_can_still_be_repaired() -> None:
    world = World()
    world.worker("a").pay()
    key = world.approved("E1")
    before = world.database.backup()
    world.worker("a").pay()
    (payout,) = transfers(world, TransferKind.PAYOUT)
    world.database.restore(before)
    world.reader.repaired = True
    world.desk().classify(WALLET, payout.id, "alice", "the list said so")
    world.clock.pass_by(31)
    world.reader.repaired = True
    world.reconciler().repair("alice")
    assert status(world, key) == "PAYING"


def test_a_forgotten_payment_is_shown_as_missing_and_not_as_a_spend_to_explain() -> None:
    world = World()
    world.worker("a").pay()
    world.approved("E1")
    before = world.database.backup()
    world.worker("a").pay()
    world.database.restore(before)
    assert {finding.kind for finding in world.reconciler().look().findings} == {"transfer.missing"}


def test_a_given_up_transfer_that_lands_after_all_stops_the_wallet_only_until_a_person_has_dealt_with_it() -> None:
    world = early_world()
    worker = WalletWorker(replace(world.wallet(), store=world.database.store), "a", LEASE)
    world.approved("E1")
    worker.pay()
    (payout,) = transfers(world, TransferKind.PAYOUT)
    world.chain.flush()
    desk = replace(world.desk(), store=world.database.store)
    desk.give_up(payout.id, "alice", "changed our mind")
    worker.track()
    world.chain.mine(12)
    worker.track()
    world.chain.reorg(13, drop=True)
    world.chain.submit(next(tx for tx in world.chain.signed.values() if tx.txid == payout.id))
    world.chain.mine(14)
    worker.track()
    assert world.database.rows().paused == {WALLET}
    desk.classify(WALLET, payout.id, "alice", "its refund is held: the customer has it")
    desk.resume(WALLET, "alice")
    for _ in range(3):
        worker.track()
        worker.pay()
    assert not world.database.rows().paused


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
    with closing(open_store(postgres_url)) as payer, closing(open_store(postgres_url)) as console:
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
