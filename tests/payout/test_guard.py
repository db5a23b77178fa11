"""The guards: wallet, database, journal and chain tell one story, or the wallet stops and names the next action."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from payout.errors import WalletUnsafe
from payout.guard import check_identity, guard, missing_transfers, unjournaled_transfers, unknown_spends
from payout.spend_journal import Entry
from tests.payout.hands import Hands, payout, steal, tables
from tests.scenarios.world import HOT, LEASE, WALLET, World

if TYPE_CHECKING:
    from collections.abc import Callable


def settled() -> World:
    """A world in which one refund was paid and all records agree."""
    world = World()
    world.approved("E1")
    hands = Hands(world)
    hands.pay()
    world.mine(10)
    hands.track()
    hands.guard()
    return world


# ---------------------------------------------------------------- whatever stops, names the next action


def another_wallet_is_open(world: World) -> None:
    world.purse.address = "another-address"


def the_node_is_on_another_network(world: World) -> None:
    world.chain.network = "stagenet"


def an_old_database_was_restored(world: World) -> None:
    rows = tables(world)
    for forgotten in (rows.refunds, rows.by_external_id, rows.attempts, rows.attempt_ids, rows.transfers):
        forgotten.clear()
    world.reader.repaired = True


def the_journal_was_lost(world: World) -> None:
    (adopted, *_) = world.lines
    world.lines[:] = [adopted]


def someone_else_has_the_keys(world: World) -> None:
    steal(world)
    world.mine()


STORIES: list[tuple[Callable[[World], None], str, str]] = [
    (another_wallet_is_open, "the open wallet is another-addr…", "open the right wallet file"),
    (the_node_is_on_another_network, "the daemon is on stagenet", "correct daemon_url"),
    (an_old_database_was_restored, "was an old backup restored?", "run `payout reconcile --repair`"),
    (the_journal_was_lost, "was the journal file lost or replaced?", "put the journal file back"),
    (someone_else_has_the_keys, "that nobody here knows", "`payout ledger classify TXID --why ...`"),
]


@pytest.mark.parametrize(("story", "why", "remedy"), STORIES)
def test_a_broken_story_stops_the_wallet_with_what_was_seen_and_what_to_do(
    story: Callable[[World], None], why: str, remedy: str
) -> None:
    world = settled()
    story(world)
    world.clock.pass_by(31)
    world.worker("b").pay()
    (pause,) = world.database.store.pauses()
    assert (pause.scope, pause.who) == (WALLET, "payout")
    assert why in pause.why
    assert remedy in pause.why


def test_one_story_stops_nothing() -> None:
    world = settled()
    world.clock.pass_by(31)
    world.worker("b").pay()
    assert world.database.store.pauses() == ()


# ---------------------------------------------------------------- whose wallet it is


@pytest.mark.parametrize("forgets", ["configuration", "database", "journal"])
def test_each_pin_alone_refuses_another_wallet(forgets: str) -> None:
    world = settled()
    hands = Hands(world)
    pins = {"configuration", "database", "journal"} - {forgets}
    if "configuration" in pins:
        hands.wallet = replace(hands.wallet, rules=replace(world.rules, address=HOT))
    if "database" not in pins:
        tables(world).wallets.clear()
    if "journal" not in pins:
        world.lines.clear()
        hands.wallet = replace(hands.wallet, journal=world.wallet().journal)
    world.purse.address = "another-address"
    with pytest.raises(WalletUnsafe, match="open the right wallet file"):
        check_identity(hands.wallet, hands.check())


def test_a_wallet_that_the_configuration_does_not_pin_is_refused_at_the_first_run() -> None:
    world = World(address="the-configured-address")
    with pytest.raises(WalletUnsafe, match="the configuration pins the-configur…"):
        check_identity(world.wallet(), world.wallet().coin.check())


def test_a_network_that_this_wallet_does_not_pay_on_is_refused_at_the_first_run() -> None:
    world = World()
    world.chain.network = "testnet"
    with pytest.raises(WalletUnsafe, match="pays on fakechain or mainnet; correct daemon_url"):
        check_identity(world.wallet(), world.wallet().coin.check())


def test_once_adopted_only_the_network_of_then_will_do() -> None:
    world = settled()
    world.chain.network = "fakechain"  # Allowed by the rules, and not the one that was pinned.
    with pytest.raises(WalletUnsafe, match="pays on mainnet"):
        check_identity(world.wallet(), world.wallet().coin.check())


# ---------------------------------------------------------------- adoption


def test_the_first_run_pins_the_wallet_in_journal_and_database_once() -> None:
    world = World()
    wallet, tip = world.wallet(), world.chain.tip
    for _ in range(3):
        lease = wallet.store.claim_lease(WALLET, "a", LEASE)
        assert lease is not None
        guard(wallet, wallet.coin.check(), lease)
        world.chain.mine()
    assert [line.entry for line in wallet.journal.lines()] == [Entry.ADOPT]
    record = wallet.store.wallet(WALLET)
    assert record is not None
    assert (record.address, record.network, record.adopted_height) == (HOT, "mainnet", tip)
    assert [event.kind for event in wallet.store.events()] == ["wallet.adopted"]


def test_a_rebuilt_database_learns_from_the_journal_since_when_spends_are_ours() -> None:
    world = World()
    tip = world.chain.tip
    Hands(world)
    world.mine(5)
    tables(world).wallets.clear()
    Hands(world)
    record = world.database.store.wallet(WALLET)
    assert record is not None
    assert record.adopted_height == tip


def test_what_the_wallet_spent_before_its_adoption_is_not_asked_about() -> None:
    world = World()
    world.purse.open()
    steal(world)
    world.mine(2)
    assert unknown_spends(Hands(world).wallet) == ()


# ---------------------------------------------------------------- what is missing where


def test_a_journaled_transfer_that_the_database_lacks_is_found() -> None:
    world = settled()
    lost = payout(world).id
    an_old_database_was_restored(world)
    assert missing_transfers(world.wallet()) == (lost,)


def test_a_begun_transfer_that_the_journal_lacks_is_found() -> None:
    world = settled()
    the_journal_was_lost(world)
    assert unjournaled_transfers(world.wallet()) == (payout(world).id,)


def test_a_spend_that_a_person_explained_is_known() -> None:
    world = settled()
    txid = steal(world)
    world.mine()
    hands = Hands(world)
    assert unknown_spends(hands.wallet) == (txid,)
    world.desk().classify(WALLET, txid, "alice", "moved to the new wallet")
    hands.guard()


def test_what_is_journaled_is_missing_and_not_a_spend_to_explain() -> None:
    world = settled()
    an_old_database_was_restored(world)
    assert unknown_spends(Hands(world).wallet) == ()


def test_a_payment_that_was_explained_by_mistake_is_missing_all_the_same() -> None:
    world = settled()
    lost = payout(world).id
    world.desk().classify(WALLET, lost, "alice", "the list said so")
    assert missing_transfers(world.wallet()) == ()
    an_old_database_was_restored(world)
    assert missing_transfers(world.wallet()) == (lost,)


def test_nothing_is_asked_about_before_the_wallet_is_adopted() -> None:
    world = World()
    world.purse.open()
    steal(world)
    world.mine()
    assert unknown_spends(world.wallet()) == ()


def test_a_guard_mends_nothing() -> None:
    world = settled()
    an_old_database_was_restored(world)
    hands = Hands(world)
    before = world.database.rows(), list(world.lines)
    with pytest.raises(WalletUnsafe):
        hands.guard()
    assert (world.database.rows(), world.lines) == before
