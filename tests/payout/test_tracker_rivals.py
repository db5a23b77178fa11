"""The tracker, where an input was spent by something else: only what is ours or explained, and deep, frees a refund."""

from __future__ import annotations

import pytest

from adapters.memory.coin import MemoryWallet
from payout.errors import WalletUnsafe
from payout.spend_journal import Entry
from tests.payout.hands import (
    Hands,
    Watch,
    attempts,
    failing,
    payout,
    sent,
    status,
    steal,
    transfers,
)
from tests.scenarios.world import HOT, WALLET, World


def open_txids(world: World) -> list[str]:
    return [each.id for each in world.database.store.open_transfers(WALLET)]


def robbed(world: World) -> tuple[str, Hands, str]:
    """The broadcast was lost, and somebody else with our keys spends the same input; the thief's txid."""
    key, hands = sent(world, lost=True)
    return key, hands, steal(world)


def test_an_input_spent_in_the_chain_by_a_stranger_stops_the_wallet_and_frees_nothing() -> None:
    world = World()
    key, hands, _ = robbed(world)
    world.mine(15)
    with pytest.raises(WalletUnsafe, match="`payout ledger classify TXID --why"):
        hands.track()
    assert (status(world, key), open_txids(world)) == ("PAYING", [payout(world).id])


def test_a_rival_that_is_only_in_the_pool_is_no_evidence() -> None:
    world = World()
    key, hands, _ = robbed(world)
    hands.track()
    assert (status(world, key), open_txids(world)) == ("PAYING", [payout(world).id])


def test_a_rival_that_was_explained_voids_the_transfer_when_it_is_deep_enough_and_frees_its_refund() -> None:
    world = World()
    key, hands, rival = robbed(world)
    world.mine(9)
    world.desk().classify(WALLET, rival, "alice", "moved to the new wallet")
    hands.track()
    assert (status(world, key), payout(world).status.value) == ("PAYING", "OPEN")
    world.mine(1)
    hands.track()
    assert (status(world, key), payout(world).status.value) == ("APPROVED", "VOID")
    assert attempts(world, key)[0].status.value == "FAILED"
    assert hands.wallet.journal.view().has(Entry.VOID, payout(world).id)


def test_the_line_of_a_void_transfer_is_written_by_the_next_look_if_its_worker_died_before_it() -> None:
    world = World()
    key, _, rival = robbed(world)
    world.desk().classify(WALLET, rival, "alice", "moved to the new wallet")
    world.mine(10)
    dies = Hands(world, hook=Watch({"journal.append": failing(RuntimeError("killed"))}))
    with pytest.raises(RuntimeError):
        dies.track()
    assert status(world, key) == "APPROVED"
    hands = Hands(world)
    hands.pay()
    assert len(attempts(world, key)) == 1  # The journal still says that it is being paid.
    hands.track()
    assert hands.wallet.journal.view().has(Entry.VOID, payout(world).id)
    hands.pay()
    assert len(attempts(world, key)) == 2


def test_a_spend_that_was_explained_excuses_no_other() -> None:
    world = World()
    world.purse.open()
    world.desk().classify(WALLET, steal(world), "alice", "moved to the new wallet")
    world.mine(12)
    key, hands, _ = robbed(world)
    world.mine(12)
    with pytest.raises(WalletUnsafe, match="not ours"):
        hands.track()
    assert status(world, key) == "PAYING"


def landed(world: World) -> Hands:
    """A VOID transfer is mined after all: a deep reorganisation took its rival away."""
    _, hands, rival = robbed(world)
    world.desk().classify(WALLET, rival, "alice", "moved to the new wallet")
    world.mine(10)
    hands.track()
    void = payout(world)
    world.chain.pop(11, drop=True)
    world.chain.flush()
    world.chain.submit(world.chain.signed[void.id])
    world.chain.mine(12)
    return hands


def test_a_void_transfer_that_turns_up_stops_the_wallet() -> None:
    world = World()
    hands = landed(world)
    with pytest.raises(WalletUnsafe, match="its refunds may be paid twice"):
        hands.track()


def test_a_void_transfer_that_turned_up_and_was_explained_stops_nothing_more() -> None:
    world = World()
    hands = landed(world)
    world.desk().classify(WALLET, payout(world).id, "alice", "its refund is held")
    hands.track()
    assert (payout(world).status.value, payout(world).watched) == ("VOID", False)
    world.mine(world.rules.watch_depth)
    hands.track()
    assert payout(world).watched


def test_a_void_transfer_is_looked_at_until_what_voided_it_is_deep_enough() -> None:
    world = World()
    _, hands, rival = robbed(world)
    world.desk().classify(WALLET, rival, "alice", "moved to the new wallet")
    world.mine(24)
    hands.track()
    hands.track()
    assert (payout(world).status.value, payout(world).watched) == ("VOID", False)
    world.mine(1)
    hands.track()
    assert payout(world).watched


def test_the_trouble_of_one_transfer_does_not_hide_the_others() -> None:
    world = World()
    troubled, hands = sent(world)
    world.clock.pass_by(1)
    sound = world.approved("E2")
    hands.pay()
    first, _ = transfers(world)
    world.chain.flush(first.id)
    thief = MemoryWallet(world.chain, HOT)
    thief.open()
    steal(world, thief)
    world.mine(10)
    with pytest.raises(WalletUnsafe, match=first.id):
        hands.track()
    assert (status(world, troubled), status(world, sound)) == ("PAYING", "PAID")
