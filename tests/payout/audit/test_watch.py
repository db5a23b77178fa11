"""The watch over the audit chain: checkpoints, what is new, the whole once a day, and each fault an alarm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.memory.store import MemoryStore
from payout.audit import watch as watching
from payout.audit.chain import AuditLine
from payout.audit.checkpoint import Checkpoint
from payout.audit.verdict import Fault, FaultKind
from payout.audit.watch import AuditWatch
from payout.change import Change
from payout.event import Event
from payout.ports.checkpoints import Contents
from tests.factories import NOW, make_event
from tests.stores import AUDIT

DAY = timedelta(days=1)


@dataclass
class Book:
    """Checkpoint files, in memory."""

    instance: str = "test"
    kept: list[Checkpoint] = field(default_factory=list)
    faults: tuple[Fault, ...] = ()
    failing: tuple[str, ...] = ()

    def append(self, checkpoint: Checkpoint) -> tuple[Checkpoint, tuple[str, ...]]:
        self.kept.append(checkpoint)
        return checkpoint, self.failing

    def read(self) -> Contents:
        return Contents(checkpoints=tuple(self.kept), faults=self.faults)

    def newest(self) -> Checkpoint | None:
        return self.kept[-1] if self.kept else None


@dataclass
class Hours:
    time: datetime = NOW

    def now(self) -> datetime:
        return self.time


class Post:
    """A store, the files, and the processes that watch."""

    def __init__(self) -> None:
        self.clock = Hours()
        self.store = MemoryStore(self.clock, AUDIT)
        self.book = Book()

    def watch(self) -> AuditWatch:
        return AuditWatch(self.store, self.clock, AUDIT, self.book)

    def happen(self, *words: str) -> None:
        self.store.commit(Change(events=tuple(make_event(each) for each in words)))

    def put(self, lines: Sequence[AuditLine]) -> None:
        self.store._t.links = list(lines)

    def edit(self, number: int) -> None:
        links = self.store._t.links
        links[number - 1] = replace(links[number - 1], event=replace(links[number - 1].event, who="mallory"))

    def alarms(self) -> list[Event]:
        return list(self.store.events(alarms=True, limit=1000))


@pytest.fixture
def post() -> Post:
    return Post()


def test_each_round_writes_where_the_chain_stands_unless_nothing_has_happened(post: Post) -> None:
    watch = post.watch()
    watch.tick()
    post.happen("one", "two")
    watch.tick()
    watch.tick()
    post.happen("three")
    watch.tick()

    head = post.store.audit_head()
    assert [each.number for each in post.book.kept] == [2, 3]
    assert (post.book.kept[-1].mac, post.book.kept[-1].instance) == (head.mac, "test")
    assert post.alarms() == []


def test_another_process_goes_on_from_the_newest_checkpoint(post: Post) -> None:
    post.happen("one")
    post.watch().tick()

    post.watch().tick()

    assert len(post.book.kept) == 1


def test_what_was_done_to_new_events_is_an_alarm_at_the_next_round_and_only_once(post: Post) -> None:
    watch = post.watch()
    post.happen("one")
    watch.tick()
    post.happen("two", "three", "four")
    post.edit(3)

    watch.tick()
    watch.tick()
    watch.tick()

    (alarm,) = post.alarms()
    assert alarm.kind == "audit.broken"
    assert "event 3 (refund.requested) does not fit its MAC" in alarm.words
    assert "payout audit verify" in alarm.words


def test_a_chain_that_is_cut_off_behind_the_newest_checkpoint_is_an_alarm_at_the_next_round(post: Post) -> None:
    watch = post.watch()
    post.happen("one", "two", "three")
    watch.tick()
    post.put(post.store.audit_lines(0, 1))

    watch.tick()

    assert "events 2 to 3 are missing at the end" in post.alarms()[0].words


def test_what_was_done_long_ago_is_found_at_every_start_and_every_day(post: Post) -> None:
    watch = post.watch()
    post.happen("one", "two", "three")
    watch.tick()
    post.edit(1)
    watch.tick()
    assert post.alarms() == [], "it was looked at in this start's walk, and is not new"

    post.watch().tick()
    assert len(post.alarms()) == 1

    post.clock.time += DAY
    watch.tick()
    assert len(post.alarms()) == 2

    post.clock.time -= DAY / 2
    watch.tick()
    assert len(post.alarms()) == 3, "a clock that was ahead keeps nothing from being looked at"


def test_a_database_that_was_set_back_while_nobody_watched_is_found_at_the_start(post: Post) -> None:
    post.happen("one", "two", "three")
    post.watch().tick()
    post.put(post.store.audit_lines(0, 2))
    post.happen("another third")

    post.watch().tick()

    said = " ".join(alarm.words for alarm in post.alarms())
    assert "event 3 is not the one that the checkpoint" in said


def test_a_checkpoint_file_that_somebody_else_wrote_in_is_an_alarm(post: Post) -> None:
    post.happen("one")
    post.book.faults = (Fault(FaultKind.CHECKPOINT, None, "line 4 of x: its signature is not by this key"),)

    post.watch().tick()

    assert "line 4 of x" in post.alarms()[0].words


def test_a_file_that_cannot_be_written_is_one_alarm(post: Post) -> None:
    watch = post.watch()
    post.book.failing = ("/mnt/x: No space left on device",)
    for number in range(4):
        post.happen(f"event {number}")
        watch.tick()

    (alarm,) = post.alarms()
    assert alarm.kind == "audit.checkpoint_failed"
    assert "/mnt/x: No space left on device" in alarm.words

    post.book.failing = ()
    post.happen("more")
    watch.tick()
    post.book.failing = ("/mnt/x: gone",)
    post.happen("more")
    watch.tick()
    assert len(post.alarms()) == 2


def test_of_many_faults_an_alarm_names_three(post: Post) -> None:
    post.happen(*(f"event {number}" for number in range(60)))
    for number in range(10, 40):
        post.edit(number)

    post.watch().tick()

    (alarm,) = post.alarms()
    assert "; and 27 more" in alarm.words
    assert len(alarm.words) < 500


def test_a_long_chain_is_walked_a_bounded_piece_a_round(post: Post) -> None:
    asked: list[int] = []

    class Long(MemoryStore):
        """Hands out one link at a time, so that few links make a long walk."""

        def audit_lines(self, after: int, limit: int, **of: Any) -> tuple[AuditLine, ...]:
            asked.append(after)
            return super().audit_lines(after, 1, **of)

    long = Long(post.clock, AUDIT)
    long.commit(Change(events=tuple(make_event(f"event {number}") for number in range(watching.STEPS_MAX + 50))))
    long._t.links[-1] = replace(long._t.links[-1], mac="0" * 64)
    watch = AuditWatch(long, post.clock, AUDIT, post.book)

    watch.tick()
    assert (len(asked), long.events(alarms=True)) == (watching.STEPS_MAX, ())

    watch.tick()
    assert [event.kind for event in long.events(alarms=True)] == ["audit.broken"]
