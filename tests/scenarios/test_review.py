"""
Regressions of a hostile review: each was a way to lose or repeat a payment, or to stop all of them without a word.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from adapters.memory.coin import Effect
from adapters.memory.coin.chain import FEE_PER_BYTE
from adapters.memory.journal import MemoryJournal
from payout.errors import RateUnavailable, WalletUnsafe
from payout.refund import RefundStatus
from payout.repair import Reconciler
from payout.transfer import TransferKind, TransferStatus
from payout.worker import WalletWorker
from tests.scenarios.boundary import Crash
from tests.scenarios.caretaker import take_care
from tests.scenarios.world import HOT, LEASE, WALLET, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.transfer import Transfer


class Deeds:
    """The effect of each call of `point`, in order."""

    def __init__(self, point: str, *effects: Effect) -> None:
        self._point = point
        self._effects = list(effects)

    def at(self, point: str, *, before: bool) -> Effect | None:
        """The next effect, as long as there are any."""
        return self._effects.pop(0) if before and point == self._point and self._effects else None


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


def status(world: World, key: str) -> str:
    return world.database.rows().refunds[key].status


def transfers(world: World, kind: TransferKind) -> Sequence[Transfer]:
    found = world.database.store.list_transfers()
    return [each for each in found if each.kind is kind]


# ---------------------------------------------------------------- a wallet that sends too early


def test_what_the_wallet_sent_too_early_is_recorded_for_those_that_it_pays_and_for_nobody_else() -> None:
    world = World()
    paid, refused = world.approved("E1"), world.approved("E2")
    world.purse.refused_addresses.add("address of E2")
    worker = world.worker("a", faults=Deeds("coin.prepare", Effect.DONE, Effect.EARLY))
    worker.pay()
    assert status(world, paid) == "PAYING"
    assert status(world, refused) == "APPROVED"
    assert world.database.rows().paused == {WALLET}


def test_a_transfer_sent_too_early_is_never_void_because_its_worker_died_before_the_journal_line() -> None:
    world = World()
    key = world.approved("E1")
    with pytest.raises(Crash):
        world.worker("a", CrashAt("journal.append"), Deeds("coin.prepare", Effect.EARLY)).pay()
    (sent,) = [each for each in transfers(world, TransferKind.PAYOUT)]
    assert world.chain.has(sent.id)
    world.desk().give_up(sent.id, "alice", "its worker died")
    world.clock.pass_by(31)
    world.worker("b").track()
    assert status(world, key) == "PAYING"


@pytest.mark.parametrize("paused", [False, True])
def test_a_transfer_sent_too_early_is_on_record_though_a_rule_would_have_stopped_it(*, paused: bool) -> None:
    world = World()
    key = world.approved("E1")

    class Slow(Deeds):
        def at(self, point: str, *, before: bool) -> Effect | None:
            effect = super().at(point, before=before)
            if effect is Effect.EARLY and paused:
                world.desk().pause(WALLET, "alice", "at the worst moment")
            elif effect is Effect.EARLY:
                world.clock.pass_by(600)  # The quote runs out.
            return effect

    world.worker("a", faults=Slow("coin.prepare", Effect.EARLY)).pay()
    assert status(world, key) == "PAYING"


# ---------------------------------------------------------------- several wallets


def second_wallet(world: World) -> Any:
    from random import Random

    from adapters.memory.coin import MemoryCoin, MemoryWallet
    from tests.scenarios.world import COIN

    purse = MemoryWallet(world.chain, "second-address")
    world.chain.fund("second-address", COIN, outputs=20)
    world.mine(11)
    Random(1)
    first = world.wallet()
    rules = replace(world.rules, name="second")
    return replace(first, rules=rules, coin=MemoryCoin(purse), journal=MemoryJournal([]))


def test_a_restored_backup_lets_no_other_wallet_pay_what_one_wallet_paid() -> None:
    world = World()
    wallet = second_wallet(world)
    second = WalletWorker(replace(wallet, neighbours=(MemoryJournal(world.lines),)), "b", LEASE)
    second.pay()
    key = world.approved("E1")
    before = world.database.backup()
    world.worker("a").pay()
    world.mine(12)
    assert status(world, key) == "PAYING"
    world.database.restore(before)
    world.clock.pass_by(31)
    second.pay()
    assert len([tx for tx in world.chain.first_broadcasts.values() if any(
        coin.address == "address of E1" for coin in tx.outputs)]) == 1


# ---------------------------------------------------------------- repair


def test_a_payment_that_was_explained_as_a_spend_by_mistake_can_still_be_repaired() -> None:
    world = World()
    world.worker("a").pay()
    key = world.approved("E1")
    before = world.database.backup()
    world.worker("a").pay()
    (payout,) = transfers(world, TransferKind.PAYOUT)
    world.database.restore(before)
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


# ---------------------------------------------------------------- rows that somebody wrote


def test_a_row_with_other_decimals_than_the_asset_has_is_never_paid() -> None:
    world = World()
    key = world.approved("E1")
    tables = world.database.store._t
    row = tables.refunds[key]
    tables.refunds[key] = replace(row, asset=replace(row.asset, decimals=13))
    world.worker("a").pay()
    assert not transfers(world, TransferKind.PAYOUT)
    assert status(world, key) == "HELD"


def test_a_signature_that_is_no_ascii_holds_its_refund_and_stops_no_other() -> None:
    world = World()
    bad, good = world.approved("E1"), world.approved("E2")
    tables = world.database.store._t
    tables.approvals[:] = [
        replace(each, signature="é" * 64) if each.refund_id == bad else each for each in tables.approvals
    ]
    world.worker("a").pay()
    assert (status(world, bad), status(world, good)) == ("HELD", "PAYING")


# ---------------------------------------------------------------- limits


def test_a_give_up_waits_while_its_fee_is_above_the_cap() -> None:
    world = World()
    world.approved("E1")
    worker = world.worker("a", faults=Deeds("coin.relay", *[Effect.LOST] * 50))
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


def test_proofs_that_can_never_be_had_keep_no_other_proof_waiting() -> None:
    world = World(outputs=40, outputs_target=8)
    keys = [world.approved(f"E{n}", "1.00") for n in range(75)]
    world.purse.forget_keys = True
    worker = world.worker("a")
