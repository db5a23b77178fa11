"""Attacks on the history: events that are edited, deleted, planted or moved, and a chain that is made anew."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from payout.audit.chain import canonical
from payout.audit.verdict import FaultKind
from payout.event import Event
from tests.attacks.siege import Begun, Siege, paid


def kinds(siege: Siege) -> set[FaultKind]:
    """What `payout audit verify` finds."""
    return {fault.kind for fault in siege.verify().faults}


@pytest.fixture
def busy(begun: Begun) -> Siege:
    """A siege with a history, and checkpoints of it."""
    siege, _ = begun(paid)
    return siege


def number_of(siege: Siege, kind: str) -> int:
    return int(siege.sql("SELECT number FROM events WHERE kind = ? ORDER BY number", kind)[0][0])


def told(siege: Siege) -> None:
    """The daemon itself says so within its next rounds."""
    siege.restart()
    siege.run(1)
    assert "audit.broken" in siege.alarms()


def test_a_history_that_nobody_touched_is_sound(busy: Siege) -> None:
    busy.restart()
    busy.run(1)
    assert busy.verify().sound
    assert busy.alarms() == {}


EDITS = {"words": "nothing", "who": "bob", "at": "2026-11-22T12:00:00.000000+00:00", "alarm": 1}


def test_an_event_is_edited(busy: Siege) -> None:
    before = busy.rows("SELECT * FROM events WHERE kind = 'refund.approved'")[0]
    for column, value in EDITS.items():
        busy.sql(f"UPDATE events SET {column} = ? WHERE number = ?", value, before["number"])
        assert kinds(busy) == {FaultKind.EDITED}
        busy.sql(f"UPDATE events SET {column} = ? WHERE number = ?", before[column], before["number"])
    busy.sql("UPDATE events SET words = 'nothing' WHERE number = ?", before["number"])
    told(busy)


def test_an_event_is_deleted(busy: Siege) -> None:
    busy.sql("DELETE FROM events WHERE kind = 'refund.approved'")
    assert kinds(busy) == {FaultKind.DELETED}
    told(busy)


def test_an_event_is_deleted_and_those_behind_it_are_numbered_anew(busy: Siege) -> None:
    gone = number_of(busy, "refund.approved")
    busy.sql("DELETE FROM events WHERE number = ?", gone)
    for (number,) in busy.sql("SELECT number FROM events WHERE number > ? ORDER BY number", gone):
        busy.sql("UPDATE events SET number = ? WHERE number = ?", number - 1, number)
    busy.sql("UPDATE audit_head SET number = number - 1")
    assert FaultKind.DELETED in kinds(busy)


def test_an_event_is_planted(busy: Siege) -> None:
    last = busy.rows("SELECT * FROM events ORDER BY number DESC LIMIT 1")[0]
    busy.insert("events", last, number=None, mac=None, kind="refund.approved", words="bob approved revision 1")
    assert kinds(busy) == {FaultKind.UNCHAINED}
    told(busy)


def test_two_events_change_places(busy: Siege) -> None:
    one, other = number_of(busy, "refund.requested"), number_of(busy, "refund.approved")
    for before, after in ((one, -1), (other, one), (-1, other)):
        busy.sql("UPDATE events SET number = ? WHERE number = ?", after, before)
    assert FaultKind.REORDERED in kinds(busy)


def test_the_end_of_the_history_is_cut_off(busy: Siege) -> None:
    cut = number_of(busy, "refund.approved")
    busy.sql("DELETE FROM events WHERE number > ?", cut)
    mac = busy.sql("SELECT mac FROM events WHERE number = ?", cut)[0][0]
    busy.sql("UPDATE audit_head SET number = ?, mac = ?", cut, mac)
    assert kinds(busy) == {FaultKind.TRUNCATED}
    told(busy)


def test_the_whole_history_is_made_anew_with_a_key_of_the_intruders(busy: Siege) -> None:
    def mac(text: str, domain: bytes = b"payout audit link v1\n") -> str:
        return hmac.new(b"his own", domain + text.encode(), hashlib.sha256).hexdigest()

    prev = mac("0", b"payout audit first v1\n")
    lines = busy.house.store.audit_lines(0, 1000)
    for line in lines:
        event = Event(at=line.event.at, kind=line.event.kind, words="nothing happened", who=line.event.who)
        prev = mac(f"{prev}\n{line.number}\n{canonical(event)}")
        busy.sql("UPDATE events SET words = ?, mac = ? WHERE number = ?", event.words, prev, line.number)
    busy.sql("UPDATE audit_head SET mac = ?", prev)
    assert kinds(busy) & {FaultKind.KEY, FaultKind.RESTAMPED}
    told(busy)


def test_every_event_is_deleted_and_the_head_set_to_nothing(busy: Siege) -> None:
    busy.sql("DELETE FROM events")
    busy.sql("UPDATE audit_head SET number = 0, mac = ''")
    assert kinds(busy) == {FaultKind.TRUNCATED}
    told(busy)


def test_the_head_of_the_chain_is_deleted(busy: Siege) -> None:
    """Nothing can be written any more, so nothing is paid: no new chain is begun in silence."""
    busy.sql("DELETE FROM audit_head")
    busy.set("refunds", busy.row("refunds", busy.house.desk.find("E-1").id)["id"], status="APPROVED")
    busy.run(1)
    assert busy.paid() == ["E-1"]


def test_alarms_are_deleted_before_anybody_saw_them(busy: Siege) -> None:
    key = busy.approved("E-2")
    busy.set("refunds", key, owed_cents=90_000)
    busy.run(1)
    assert "approval.invalid" in busy.alarms()
    busy.sql("DELETE FROM events WHERE alarm")
    assert FaultKind.DELETED in kinds(busy) or FaultKind.TRUNCATED in kinds(busy)
    told(busy)
