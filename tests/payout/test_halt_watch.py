"""Pauses by file come into the history, once each, and so does their end."""

from __future__ import annotations

from dataclasses import replace

from adapters.memory.store import MemoryStore
from payout.change import Pause
from payout.halt_watch import HaltWatch
from tests.factories import NOW
from tests.payout.audit.test_watch import Hours
from tests.scenarios.world import PauseFiles

ALL_STOP = Pause(scope="all", who="a pause file", why="fire drill", at=NOW)


def test_each_file_is_told_when_it_comes_when_it_changes_and_when_it_is_gone() -> None:
    files, store = PauseFiles(), MemoryStore(Hours())
    watch = HaltWatch(store=store, clock=Hours(), halts=files)
    hot = replace(ALL_STOP, scope="hot")

    for there in ((), (ALL_STOP,), (ALL_STOP,), (ALL_STOP, hot), (replace(ALL_STOP, why="no drill"), hot), (hot,), ()):
        files.there = there
        watch.look()

    assert [(event.kind, event.words) for event in store.events()] == [
        ("pause_file.seen", "all is paused by a pause file: fire drill"),
        ("pause_file.seen", "hot is paused by a pause file: fire drill"),
        ("pause_file.seen", "all is paused by a pause file: no drill"),
        ("pause_file.gone", "over: all is paused by a pause file: no drill"),
        ("pause_file.gone", "over: hot is paused by a pause file: fire drill"),
    ]
    assert {event.wallet for event in store.events()} == {None}
