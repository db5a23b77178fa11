"""A wallet's own words: which pauses stop it, and how it stops itself."""

from __future__ import annotations

import pytest

from payout.change import Change, Pause
from payout.wallet import Wallet
from tests.payout.hands import alarms
from tests.scenarios.world import START, WALLET, World


def pause(scope: str, why: str = "an audit") -> Pause:
    return Pause(scope=scope, who="alice", why=why, at=START)


def test_nothing_stops_a_wallet_that_nobody_paused() -> None:
    assert World().wallet().pause_in_force() is None


@pytest.mark.parametrize("scope", ["all", WALLET])
def test_a_pause_of_all_or_of_this_wallet_stops_it(scope: str) -> None:
    world = World()
    world.database.store.commit(Change(pauses=(pause(scope),)))
    assert world.wallet().pause_in_force() == pause(scope)


@pytest.mark.parametrize("scope", ["all", WALLET])
def test_a_file_stops_it_without_the_database(scope: str) -> None:
    world = World()
    world.halts.there = (pause(scope, "a file"),)
    assert world.wallet().pause_in_force() == pause(scope, "a file")


def test_the_pause_of_another_wallet_does_not_stop_it() -> None:
    world = World()
    world.database.store.commit(Change(pauses=(pause("savings"),)))
    world.halts.there = (pause("savings"),)
    assert world.wallet().pause_in_force() is None


def test_a_wallet_that_stops_itself_says_why_and_raises_an_alarm() -> None:
    world = World()
    world.wallet().pause("an unknown spend; find out who made it")
    (stopped,) = world.database.store.pauses()
    assert (stopped.scope, stopped.who, stopped.why) == (WALLET, "payout", "an unknown spend; find out who made it")
    assert [(alarm.kind, alarm.wallet) for alarm in alarms(world)] == [("wallet.paused", WALLET)]


def test_a_wallet_that_is_stopped_already_does_not_alarm_again() -> None:
    world = World()
    wallet = world.wallet()
    wallet.pause("the first reason")
    wallet.pause("a later reason")
    assert [stopped.why for stopped in world.database.store.pauses()] == ["the first reason"]
    assert len(alarms(world)) == 1


def test_a_wallet_that_is_stopped_with_all_others_still_stops_itself() -> None:
    world = World()
    wallet = world.wallet()
    world.database.store.commit(Change(pauses=(pause("all"),)))
    wallet.pause("an unknown spend")
    assert {stopped.scope for stopped in world.database.store.pauses()} == {"all", WALLET}


def test_an_event_of_a_wallet_names_it_the_moment_and_the_system() -> None:
    world = World()
    wallet: Wallet = world.wallet()
    event = wallet.event("transfer.seen", "mined", refund_id="rf_1", transfer_id="t1")
    assert (event.at, event.who, event.wallet, event.alarm) == (world.clock.now(), "payout", WALLET, False)
    assert (event.refund_id, event.transfer_id) == ("rf_1", "t1")
