"""Pauses that end by themselves, by the database's clock, and those that one person set."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from payout.change import Change, Pause
from payout.errors import Paused
from payout.ports import Store
from payout.scope import ALL
from tests.clock import HandClock
from tests.factories import NOW, WALLET, make_transfer

HOUR = timedelta(hours=1)
FOR_AN_HOUR = Pause(scope=WALLET, who="alice", why="the provider moves", at=NOW, until=NOW + HOUR)


class Pauses:
    def test_a_pause_stops_until_its_end_by_the_databases_clock(self, store: Store, clock: HandClock) -> None:
        store.commit(Change(pauses=(FOR_AN_HOUR,)))
        change = Change(transfers=(make_transfer(),), unless_paused=(ALL, WALLET))

        clock.move(minutes=59, seconds=59)
        assert store.pauses() == (FOR_AN_HOUR,)
        with pytest.raises(Paused, match=r"the provider moves") as refusal:
            store.commit(change)
        assert "2026-11-22" in str(refusal.value)
        assert "13:00" in str(refusal.value)

        clock.move(seconds=1)
        assert store.pauses() == ()
        store.commit(change)
        assert store.transfer(make_transfer().id) is not None

    def test_a_pause_that_ended_hides_none_that_goes_on(self, store: Store, clock: HandClock) -> None:
        forever = replace(FOR_AN_HOUR, who="bob", why="who knows", at=NOW + timedelta(minutes=1), until=None)
        store.commit(Change(pauses=(FOR_AN_HOUR, forever)))
        clock.move(hours=2)

        with pytest.raises(Paused, match="bob"):
            store.commit(Change(transfers=(make_transfer(),), unless_paused=(WALLET,)))

        assert store.pauses() == (forever,)

    def test_a_pause_that_ended_can_be_set_again(self, store: Store, clock: HandClock) -> None:
        store.commit(Change(pauses=(FOR_AN_HOUR,)))
        now = clock.move(hours=2)
        again = replace(FOR_AN_HOUR, at=now, until=now + HOUR)

        store.commit(Change(pauses=(again,)))

        assert store.pauses() == (again,)

    def test_lifting_ends_ones_own_pause_and_leaves_the_others(self, store: Store) -> None:
        mine = replace(FOR_AN_HOUR, who="api:panel")
        elsewhere = replace(mine, scope="other")
        store.commit(Change(pauses=(FOR_AN_HOUR, mine, elsewhere)))

        store.commit(Change(lift=((WALLET, "api:panel"), (WALLET, "nobody"))))

        assert set(store.pauses()) == {FOR_AN_HOUR, elsewhere}
