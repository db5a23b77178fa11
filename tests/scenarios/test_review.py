"""
Regressions of a hostile review: each was a way to pay twice, to call unpaid what was paid, or to stop for ever.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.memory.coin import Effect
from adapters.memory.journal import MemoryJournal
from payout.transfer import TransferKind
from payout.worker import WalletWorker
from tests.scenarios.boundary import Crash
from tests.scenarios.trouble import CrashAt, Deeds, early_world, payments_to, second_wallet, status, transfers
from tests.scenarios.world import LEASE, WALLET, World

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


def test_after_a_restored_backup_no_wallet_pays_what_another_wallet_has_paid() -> None:
    world = World()
    second = second_wallet(world, neighbours=(MemoryJournal(world.lines),))
    second.pay()
    key = world.approved("E1")
    before = world.database.backup()
    world.worker("a").pay()
    world.mine(12)
    world.database.restore(before)
    world.clock.pass_by(31)
    world.chain.on_first_broadcast = None
    second.pay()
    assert payments_to(world, "address of E1") == 1
    assert status(world, key) == "HELD"
    world.reader.repaired = True
    world.reconciler().repair("alice")
    world.worker("a").track()
    assert status(world, key) == "PAID"


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
    (pause,) = world.database.store.pauses()
    assert "was given up, and is now mined" in pause.why
    desk.classify(WALLET, payout.id, "alice", "its refund is held: the customer has it")
    desk.resume(WALLET, "alice")
    for _ in range(3):
        worker.track()
        worker.pay()
    assert not world.database.rows().paused
