"""`payout pause`: until when, for what, and what still goes out all the same."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from config.times import read_duration, read_time
from payout.change import Change
from payout.errors import BadInput
from payout.refund import Refund
from payout.text import iso
from payout.transfer import Output, Place, TransferKind
from tests.config.line import Line
from tests.factories import make_approved, make_attempt, make_quote, make_transfer


def until_of(pauses: Any) -> datetime:
    (pause,) = pauses
    return datetime.fromisoformat(pause["until"])


def on_its_way(line: Line) -> None:
    """A payment of two refunds that is in the pool, and a split that was not sent yet."""
    refunds = [make_approved("E-1"), make_approved("E-2")]
    sent = make_transfer("sent", begun_at=make_transfer().committed_at, place=Place.POOL)
    opened: list[Refund] = [refund.open_attempt() for refund in refunds]
    split = make_transfer("split", kind=TransferKind.SPLIT, outputs=(Output(address="4", units=1, own=True),))
    attempts = tuple(make_attempt(refund, sent) for refund in opened)
    with line.store() as store:
        store.commit(Change(refunds=tuple(refunds), quotes=(make_quote(),)))
        store.commit(Change(refunds=tuple(opened), transfers=(sent,), attempts=attempts))
        store.commit(Change(transfers=(split,)))


def test_a_pause_for_a_while_ends_then_and_says_so_everywhere(line: Line) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    said = line("pause", "hot", "--why", "moving", "--for", "2h", "--as", "alice")

    shown = until_of(line("status", "--json").json["pauses"])
    assert before + timedelta(hours=2) <= shown <= datetime.now(UTC) + timedelta(hours=2)
    words = f"until {iso(shown)}"
    assert f"hot is paused {words}" in said.out
    assert f"{words}: moving" in line("status").out
    assert f"hot is paused by alice {words}: moving" in line("doctor").out
    assert until_of(line("wallets", "--json").json[0]["paused"]) == shown
    assert "until" in line("wallets").out


def test_a_pause_until_a_time_is_given_with_its_zone(line: Line) -> None:
    end = (datetime.now(UTC) + timedelta(days=1)).replace(second=0, microsecond=0)

    assert line("pause", "--until", f"{end:%Y-%m-%dT%H:%M}+00:00").code == 0

    assert until_of(line("status", "--json").json["pauses"]) == end


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--for", "two hours"), "--for: 'two hours' is no duration; give it as 30m, 2h, 1d or 1h30m"),
        (("--for", "0m"), "--for: '0m' is not between a minute and 366 days"),
        (("--for", "9999d"), "--for: '9999d' is not between"),
        (("--for", "-2h"), "expected one argument"),
        (("--until", "tomorrow"), "--until: 'tomorrow' is no time; give it as 2026-11-22T18:00Z"),
        (("--until", "2999-11-22T18:00"), "--until: '2999-11-22T18:00' names no time zone; add Z"),
        (("--until", "2020-01-01T00:00Z"), "until: 2020-01-01T00:00:00Z is over; give a time to come; it is"),
        (("--for", "1h", "--until", "2999-11-22T18:00Z"), "not allowed with"),
    ],
)
def test_an_end_that_is_none_is_refused_and_nothing_is_paused(line: Line, words: tuple[str, ...], problem: str) -> None:
    said = line("pause", *words)

    assert said.code == 2
    assert problem in said.err
    assert line("status", "--json").json["pauses"] == []


def test_what_still_goes_out_is_listed_aligned(line: Line) -> None:
    on_its_way(line)

    said = line("pause")

    rows = said.out.splitlines()
    assert "Committed already, and still going out" in rows
    head = next(row for row in rows if row.startswith("txid"))
    sent, split = (next(row for row in rows if f" {kind} " in row) for kind in ("PAYOUT", "SPLIT"))
    for column in ("kind", "where", "refunds"):
        assert all(row[head.index(column) - 1] == " " for row in (sent, split)), column
    assert "pool" in sent
    assert sent.endswith("E-1, E-2")
    assert "0.075 XMR" in sent
    assert "not sent yet" in split
    assert split.endswith("none: to ourselves")


def test_what_still_goes_out_is_given_to_programs(line: Line) -> None:
    on_its_way(line)

    body = line("pause", "hot", "--json", "--as", "alice").json

    assert (body["pause"]["scope"], body["pause"]["who"], body["pause"]["until"]) == ("hot", "alice", None)
    paid = [sorted(each["external_id"] for each in one["refunds"]) for one in body["still_going_out"]["transfers"]]
    assert sorted(paid) == [[], ["E-1", "E-2"]]
    assert line("resume", "hot", "--json").json == {"resumed": True, "still_paused": []}


def test_with_nothing_on_its_way_it_says_so(line: Line) -> None:
    assert "nothing is on its way" in line("pause").out


def test_a_pause_that_had_to_be_a_file_has_its_end_in_it(line: Line) -> None:
    (line.folder / "var" / "payout.db").rename(line.folder / "var" / "away.db")
    (line.folder / "var" / "payout.db").mkdir()

    said = line("pause", "--for", "1h", "--as", "alice", "--why", "fire\nuntil: 2020-01-01T00:00Z")

    text = (line.folder / "var" / "PAUSE").read_text()
    assert said.code == 0
    assert text.startswith("alice: fire until: 2020-01-01T00:00Z\nuntil: 2")
    assert "by the file" in said.out


@pytest.mark.parametrize("trouble", ["people", "key", "head"])
def test_a_pause_works_whatever_else_is_broken(line: Line, trouble: str) -> None:
    line.add("E-1")
    if trouble == "people":
        line.people("quorum = 9\n")
    elif trouble == "key":
        (line.folder / "var" / "audit.key").unlink()
    else:
        with sqlite3.connect(line.folder / "var" / "payout.db") as conn:
            conn.execute("DELETE FROM audit_head")
        conn.close()

    said = line("pause", "hot", "--as", "alice", "--why", "odd", "--json")

    assert said.code == 0
    assert said.json["pause"]["why"] == "alice: odd"
    assert (line.folder / "var" / "PAUSE.hot").read_text() == "alice: odd\n"
    assert said.err, "what is broken is said"


def test_a_pause_file_whose_time_is_over_pauses_nothing_and_keeps_nobody_from_resuming(line: Line) -> None:
    (line.folder / "var" / "PAUSE").write_text("until: 2020-01-01T00:00Z\n")
    line("pause")

    assert line("resume").code == 0
    assert line("status", "--json").json["pauses"] == []


@pytest.mark.parametrize(
    ("text", "minutes"), [("30m", 30), ("2h", 120), ("1d", 1440), ("1h30m", 90), (" 2H ", 120), ("366d", 527_040)]
)
def test_durations_are_read_as_people_write_them(text: str, minutes: int) -> None:
    assert read_duration("--for", text) == timedelta(minutes=minutes)


@pytest.mark.parametrize("text", ["", "2", "h", "2w", "1.5h", "2h ago", "-1h", "2h2", "99999999d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_duration("--for", text)


@pytest.mark.parametrize("text", ["", "now", "2026-11-22T18:00", "9999-12-31T23:59-23:59", "0001-01-01T00:00+23:59"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_time("--until", text)


def test_times_are_taken_in_any_zone() -> None:
    assert read_time("--until", "2026-11-22T19:00+01:00") == datetime(2026, 11, 22, 18, tzinfo=UTC)
