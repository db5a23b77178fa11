"""The promises that never bend, the second half: giving up, and what stops the wallet when its records differ."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from payout.spend_journal import Entry
from payout.transfer import TransferKind
from tests.payout.hands import Watch, payload, payout, status, tables, transfers
from tests.payout.paying import Paying, is_stopped, stopped_because
from tests.scenarios.world import COIN, WALLET, World

# ---------------------------------------------------------------- giving up


def test_a_give_up_spends_the_first_input_of_what_it_gives_up_and_nothing_else() -> None:
    paying = Paying(lost=True)
    given_up = payout(paying.world)
    paying.give_up()
    (sweep,) = transfers(paying.world, TransferKind.GIVE_UP)
    assert len(given_up.key_images) == 2
    assert sweep.key_images == given_up.key_images[:1]


def test_what_is_in_the_pool_is_waited_for_and_no_sweep_of_it_is_signed() -> None:
    paying = Paying()
    watch = Watch()
    paying.world.desk().give_up(payout(paying.world).id, "alice", "changed our mind")
    paying.world.worker("a", watch).track()
    assert "coin.prepare_give_up" not in watch.calls
    assert paying.status == "PAYING"


def test_a_refund_is_free_when_the_give_up_is_final_and_not_before() -> None:
    paying = Paying(lost=True)
    paying.give_up()
    assert paying.status == "PAYING"
    paying.mine_and_track(9)
    assert paying.status == "PAYING"
    paying.mine_and_track(1)
    assert paying.status == "APPROVED"
    assert paying.world.wallet().journal.view().has(Entry.VOID, payout(paying.world).id)


def test_what_was_given_up_and_lands_after_all_stops_the_wallet() -> None:
    paying = Paying(lost=True)
    world = paying.world
    paying.give_up()
    paying.mine_and_track(10)
    world.chain.pop(11, drop=True)
    world.purse.resubmit(payload(payout(world)))
    paying.mine_and_track(12)
    assert "was given up, and is now mined" in stopped_because(world)


def test_an_input_that_a_stranger_spent_stops_the_wallet_until_it_is_explained_and_deep() -> None:
    paying = Paying(lost=True)
    world = paying.world
    paying.network.effects.clear()
    world.chain.on_first_broadcast = None
    theft = world.purse.foreign_spend("the thief", COIN // 10)
    world.reader.foreign.add(theft)
    world.chain.mine()  # In no time: the lease still runs, and no guard looks before the tracker does.
    world.reader.see_chain()
    paying.worker.track()
    assert "spent by a transaction that is not ours" in stopped_because(world)
    world.desk().classify(WALLET, theft, "alice", "my cousin")
    world.desk().resume(WALLET, "alice")
    paying.worker.track()
    assert paying.status == "PAYING"
    paying.mine_and_track(9)
    assert paying.status == "APPROVED"


# ---------------------------------------------------------------- doubt stops


def test_a_refund_that_the_journal_says_is_being_paid_is_held() -> None:
    world = World()
    worker = world.worker("a")
    worker.track()
    key = world.approved("E1")
    before = world.database.backup()
    worker.pay()
    world.database.restore(before)
    world.reader.repaired = True
    worker.pay()
    assert status(world, key) == "HELD"
    assert len(world.chain.first_broadcasts) == 1


def test_a_database_that_lacks_the_journals_last_transfer_takes_no_commit() -> None:
    world = World()
    worker = world.worker("a")
    worker.track()
    before = world.database.backup()
    world.approved("E1")
    worker.pay()
    world.database.restore(before)
    world.reader.repaired = True
    key = world.approved("E2")
    worker.pay()
    assert (status(world, key), transfers(world)) == ("APPROVED", ())
    assert is_stopped(world)


def test_a_spend_that_nobody_knows_stops_the_wallet_after_each_pause_too() -> None:
    world = World()
    worker = world.worker("a")
    worker.track()
    world.desk().pause(WALLET, "alice", "an audit")
    worker.pay()
    world.chain.on_first_broadcast = None
    world.purse.foreign_spend("the thief", COIN // 10)
    world.chain.mine()
    key = world.approved("E1")
    world.desk().resume(WALLET, "alice")
    worker.pay()
    assert status(world, key) == "APPROVED"
    assert is_stopped(world)


@pytest.mark.parametrize("other", [{"address": "another wallet"}, {"networks": frozenset({"stagenet"})}])
def test_another_wallet_or_network_than_the_configured_one_is_not_paid_from(other: dict[str, Any]) -> None:
    world = World(**other)
    key = world.approved("E1")
    world.worker("a").pay()
    assert status(world, key) == "APPROVED"
    assert is_stopped(world)


def test_another_wallet_than_the_one_adopted_is_not_paid_from() -> None:
    world = World()
    world.worker("a").track()
    world.purse.address = "another wallet"
    key = world.approved("E1")
    world.worker("a").pay()
    assert status(world, key) == "APPROVED"
    assert is_stopped(world)


def test_a_signature_for_another_destination_pays_nobody() -> None:
    world = World()
    key = world.approved("E1")
    rows = tables(world)
    rows.refunds[key] = replace(rows.refunds[key], destination="the thief")
    world.worker("a").pay()
    assert (status(world, key), transfers(world)) == ("HELD", ())
