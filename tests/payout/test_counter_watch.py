"""Counters that somebody else wrote are told, once each; what is only committed, or another host's, is no matter."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from adapters.memory.journal import MemoryJournal
from payout.caps import DAY_SCOPE, utc_day
from payout.counter_watch import CounterWatch
from tests.payout.hands import alarms, sent, tables
from tests.scenarios.world import START, World

if TYPE_CHECKING:
    from payout.ports import Store

DAY = (DAY_SCOPE, utc_day(START))


def paying() -> tuple[World, CounterWatch]:
    world = World()
    sent(world)
    return world, CounterWatch(wallet=world.wallet())


def told(world: World, watch: CounterWatch) -> list[str]:
    """What has been said after one more look."""
    world.clock.pass_by(60)
    watch.look()
    return [alarm.words for alarm in alarms(world) if alarm.kind == "counter.edited"]


def test_counters_that_say_what_was_journaled_are_no_matter() -> None:
    assert told(*paying()) == []


def test_a_lowered_counter_is_told_once() -> None:
    world, watch = paying()
    tables(world).counters[DAY] = 0
    for _ in range(2):
        (words,) = told(world, watch)
        assert "stands at 0.00 USD, and the spend journals say 25.00" in words
        assert "It was lowered" in words


def test_a_raised_counter_is_told() -> None:
    world, watch = paying()
    tables(world).counters[DAY] += 1
    assert "It was raised" in told(world, watch)[0]


def test_what_was_committed_and_never_journaled_is_accounted_for() -> None:
    world, _ = paying()
    journal = MemoryJournal(world.lines[:1])
    assert told(world, CounterWatch(wallet=replace(world.wallet(), journal=journal))) == []
    tables(world).counters[DAY] += 1
    assert told(world, CounterWatch(wallet=replace(world.wallet(), journal=journal))) != []


def test_what_a_wallet_of_another_host_paid_is_not_called_raised() -> None:
    world, _ = paying()
    tables(world).counters[DAY] += 10_000
    abroad = replace(world.wallet(), neighbours=(MemoryJournal(),))
    assert told(world, CounterWatch(wallet=abroad)) == []


def test_what_a_neighbour_commits_during_a_look_is_not_called_lowered() -> None:
    world, _ = paying()
    wallet = world.wallet()

    class BeforeItsCommit:
        """Reads the counter for the first time just before the neighbour raises it."""

        looks = 0

        def __getattr__(self, name: str) -> Any:
            return getattr(wallet.store, name)

        def cap_used(self, scope: str, day: str) -> int:
            self.looks += 1
            return 0 if self.looks == 1 else wallet.store.cap_used(scope, day)

    store = cast("Store", BeforeItsCommit())
    assert told(world, CounterWatch(wallet=replace(wallet, store=store))) == []


def test_it_looks_once_a_minute() -> None:
    world, watch = paying()
    watch.look()
    tables(world).counters[DAY] = 0
    watch.look()
    assert alarms(world) == []
    assert told(world, watch) != []
