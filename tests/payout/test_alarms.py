"""Alarms reach every service at least once, in bundles, and one that fails is in nobody's way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.memory.store import MemoryStore
from adapters.memory.telling import MemoryMessenger
from payout.alarms import SHOWN_MAX, Crier, text
from payout.audit.chain import AuditLine
from payout.change import Change
from payout.event import Event
from tests.clock import HandClock
from tests.factories import NOW, make_event
from tests.stores import AUDIT


class Tower:
    """An installation's alarms, with one crier for each process."""

    def __init__(self, *services: MemoryMessenger) -> None:
        self.clock = HandClock()
        self.store = MemoryStore(self.clock, AUDIT)
        self.services = services
        self.told: list[tuple[str, str | None]] = []
        self.crier = self.process("one")
        self.cry()  # From here on they hear everything.

    def process(self, owner: str) -> Crier:
        return Crier(
            store=self.store,
            clock=self.clock,
            services=self.services,
            instance="acme",
            owner=owner,
            tell=lambda name, words: self.told.append((name, words)),
        )

    def cry(self, crier: Crier | None = None) -> None:
        for _, work in (crier or self.crier).rounds():
            work()

    def alarm(self, *kinds: str) -> None:
        for kind in kinds:
            event = Event(at=self.clock.now(), kind=kind, words=f"words of {kind}", wallet="hot", alarm=True)
            self.store.commit(Change(events=(make_event("quiet"), event)))


def test_an_alarm_is_told_to_every_service_once() -> None:
    tower = Tower(mail := MemoryMessenger("mail"), chat := MemoryMessenger("chat"))
    tower.alarm("wallet.paused")
    tower.cry()
    tower.clock.move(hours=1)
    tower.cry()
    assert mail.texts == chat.texts
    ((title, body),) = mail.texts
    assert title == "payout acme: wallet.paused"
    assert "wallet.paused (wallet hot): words of wallet.paused" in body
    assert "quiet" not in body


def test_a_storm_is_told_in_bundles_a_minute_apart() -> None:
    tower = Tower(chat := MemoryMessenger())
    tower.alarm("a.first")
    tower.cry()
    for _ in range(6):
        tower.alarm(*(f"b.{n}" for n in range(10)))
        tower.clock.move(seconds=5)
        tower.cry()
    assert len(chat.texts) == 1
    tower.clock.move(minutes=1)
    tower.cry()
    title, body = chat.texts[1]
    assert title == "payout acme: 60 alarms, the first b.0"
    assert body.count("words of b.") == SHOWN_MAX
    assert "and 40 more" in body


def test_a_service_that_fails_hears_all_of_it_later_and_the_others_nothing_twice() -> None:
    tower = Tower(mail := MemoryMessenger("mail", "no route"), chat := MemoryMessenger("chat"))
    tower.alarm("a.first")
    tower.cry()
    tower.clock.move(minutes=3)
    tower.alarm("b.second")
    tower.cry()
    mail.complaint = None
    tower.clock.move(minutes=30)
    tower.cry()
    assert [title for title, _ in chat.texts] == ["payout acme: a.first", "payout acme: b.second"]
    assert [title for title, _ in mail.texts] == ["payout acme: 2 alarms, the first a.first"]
    assert tower.told.count(("mail", "no route")) == 2
    assert tower.told[-1] == ("mail", None)


def test_a_service_that_keeps_failing_is_tried_every_quarter_of_an_hour() -> None:
    tower = Tower(mail := MemoryMessenger("mail", "no route"))
    tower.alarm("a.first")
    for _ in range(24 * 60 * 2):
        tower.cry()
        tower.clock.move(seconds=30)
    assert 24 * 4 <= mail.tries <= 24 * 4 + 5


def test_a_new_service_hears_what_happens_from_then_on() -> None:
    tower = Tower(MemoryMessenger("mail"))
    tower.alarm("a.old")
    tower.cry()
    tower.services = (chat := MemoryMessenger("chat"),)
    later = tower.process("two")
    tower.cry(later)
    tower.alarm("b.new")
    tower.cry(later)
    assert [title for title, _ in chat.texts] == ["payout acme: b.new"]


def test_what_happened_while_no_process_ran_is_told_at_the_next_start() -> None:
    tower = Tower(chat := MemoryMessenger())
    tower.alarm("a.first", "b.second")
    tower.clock.move(days=2)
    tower.cry(tower.process("another"))
    assert [title for title, _ in chat.texts] == ["payout acme: 2 alarms, the first a.first"]


def test_two_processes_do_not_both_tell_an_alarm() -> None:
    class Slow(MemoryMessenger):
        def send(self, title: str, body: str) -> str | None:
            if not self.texts:
                super().send(title, body)
                tower.cry(second)  # While the first is telling it.
                return None
            return super().send(title, body)

    tower = Tower(chat := Slow())
    second = tower.process("two")
    tower.alarm("a.first")
    tower.cry()
    tower.cry(second)
    assert len(chat.texts) == 1


def test_a_process_that_dies_before_it_notes_what_it_told_is_followed_by_another_that_tells_it_again() -> None:
    class Killed(BaseException):
        pass

    class Deadly(MemoryMessenger):
        def send(self, title: str, body: str) -> str | None:
            super().send(title, body)
            if len(self.texts) == 1:
                raise Killed
            return None

    tower = Tower(chat := Deadly())
    tower.alarm("a.first")
    with pytest.raises(Killed):
        tower.cry()
    tower.clock.move(minutes=3)
    tower.cry(tower.process("two"))
    assert [title for title, _ in chat.texts] == ["payout acme: a.first"] * 2


def test_whoever_marks_alarms_as_told_that_never_were_is_told_of() -> None:
    tower = Tower(chat := MemoryMessenger("mail"))
    assert tower.store.move_place(f"alarms/{chat.key}", tower.store.place(f"alarms/{chat.key}"), 10**9)
    tower.alarm("a.hidden")
    tower.cry()
    tower.clock.move(minutes=2)
    tower.alarm("b.later")
    tower.cry()
    assert [title for title, _ in chat.texts] == ["payout acme: alarms.skipped", "payout acme: b.later"]


def test_no_service_means_no_work() -> None:
    assert Tower().crier.rounds() == ()


def test_a_test_says_what_each_service_answered() -> None:
    tower = Tower(chat := MemoryMessenger("chat"), MemoryMessenger("mail", "no route"))
    assert tower.crier.test() == [("chat", None), ("mail", "no route")]
    assert chat.texts[0][0] == "payout acme: a test"


def test_an_alarm_is_one_line_and_is_cut_whatever_a_node_said() -> None:
    words = "bad\r\nSubject: forged\x1b[31m" + "x" * 5000
    event = Event(at=NOW, kind="wallet.paused", words=words, alarm=True, refund_id="rf_1")
    title, body = text("acme", [event])
    assert "\n" not in title
    assert body.split("\n\n")[0].startswith("2026-11-22T12:00:00Z wallet.paused (refund rf_1): bad  Subject: forged")
    assert len(body) < 1000
    assert "\x1b" not in body


def test_the_pause_between_texts_is_a_minute() -> None:
    tower = Tower(chat := MemoryMessenger())
    for _ in range(3):
        tower.alarm("a.one")
        tower.cry()
        tower.clock.at += timedelta(seconds=59)
    assert len(chat.texts) == 2


def test_a_clock_that_was_set_back_keeps_no_alarm_from_being_told() -> None:
    tower = Tower(chat := MemoryMessenger())
    tower.alarm("a.first")
    tower.cry()
    tower.clock.move(days=-1)
    tower.alarm("a.second")
    tower.cry()
    assert [title for title, _ in chat.texts] == ["payout acme: a.first", "payout acme: a.second"]


class Planted(MemoryStore):
    """Somebody wrote an alarm with a number that no link has yet into the database."""

    def alarms_after(self, number: int, limit: int) -> tuple[AuditLine, ...]:
        planted = AuditLine(number=2**40, event=make_event(kind="x.planted", alarm=True), mac="0" * 64)
        return (*super().alarms_after(number, limit), *([planted] if number < planted.number else []))


def test_a_planted_number_beyond_the_end_of_the_chain_keeps_no_alarm_from_being_told() -> None:
    tower = Tower(chat := MemoryMessenger())
    tower.store = Planted(tower.clock, AUDIT)
    tower.crier = tower.process("one")
    tower.cry()
    for kind in ("a.first", "a.second", "a.third"):
        tower.alarm(kind)
        tower.cry()
        tower.alarm(f"{kind}.more")
        tower.clock.move(hours=1)
    tower.cry()
    told = "".join(body for _, body in chat.texts)
    assert all(f" {kind}{more} (" in told for kind in ("a.first", "a.second", "a.third") for more in ("", ".more"))
    assert "alarms.skipped" not in told
