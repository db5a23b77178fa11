"""Pauses are remembered by the journal: one whose row is gone, and that nobody lifted, stops the wallet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payout.errors import WalletUnsafe
from payout.event import said
from tests.payout.hands import tables
from tests.payout.test_withdrawals import plant, read, view
from tests.scenarios.world import WALLET, World


def test_a_pause_whose_row_is_gone_stops_the_wallet_until_a_person_resumes_it() -> None:
    world = World()
    world.desk().pause("all", "bob", "an audit")
    read(world)
    tables(world).pauses.clear()
    with pytest.raises(WalletUnsafe, match="the pause of all by bob is gone"):
        read(world)
    world.wallet().pause("a pause is gone")
    world.desk().resume(WALLET, "alice")
    read(world)
    assert view(world).pauses() == ()


def test_resuming_one_pause_lifts_no_other_that_stands() -> None:
    world = World()
    world.desk().pause("all", "bob", "an audit")
    world.desk().pause(WALLET, "bob", "slow")
    read(world)
    world.desk().resume(WALLET, "alice")
    assert [pause["scope"] for pause in read(world).pauses()] == ["all"]


def test_a_pause_ends_by_itself_at_the_time_that_its_event_names() -> None:
    world = World()
    world.desk().pause("all", "bob", "an audit", world.clock.now() + timedelta(hours=1))
    read(world)
    tables(world).pauses.clear()
    world.clock.pass_by(3599)
    with pytest.raises(WalletUnsafe):
        read(world)
    world.clock.pass_by(1)
    read(world)


def test_a_planted_pause_never_ends_by_itself_and_a_planted_word_resumes_nothing() -> None:
    world = World()
    plant(world, "wallet.paused", facts=said(scope="all", until=world.clock.now().isoformat()))
    with pytest.raises(WalletUnsafe):
        read(world)
    plant(world, "wallet.resumed", facts=said(scope="all"))
    with pytest.raises(WalletUnsafe):
        read(world)


def test_an_api_key_lifts_only_its_own_pause() -> None:
    world = World()
    for who in ("api:shop", "bob"):
        world.desk().pause("all", who, "odd")
    read(world)
    world.desk().resume("all", "api:shop")
    assert [pause["who"] for pause in read(world).pauses()] == ["bob"]


def test_pauses_of_other_wallets_are_theirs() -> None:
    world = World()
    world.desk().pause("cold", "bob", "an audit")
    assert read(world).pauses() == ()
