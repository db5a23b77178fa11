"""`payout audit`: the history is verified, handed out with proof, and written down elsewhere."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from adapters.checkpoints import is_signed
from tests.config.line import Line
from tests.config.test_daemon import PATIENCE_SECONDS, running, without_rates


def vandalise(line: Line, *statements: str) -> None:
    """What somebody does who has the database, and no key."""
    with sqlite3.connect(line.folder / "var" / "payout.db") as conn:
        conn.execute("DROP TRIGGER IF EXISTS events_no_update")
        conn.execute("DROP TRIGGER IF EXISTS events_no_delete")
        for statement in statements:
            conn.execute(statement)
    conn.close()


@pytest.fixture
def busy(line: Line) -> Line:
    """An installation with some history, and a checkpoint."""
    line.add("E-1")
    line("refunds", "approve", "E-1", "--as", "alice")
    line("refunds", "hold", "E-1", "--why", "a call", "--as", "bob")
    assert line("audit", "checkpoint").code == 0
    return line


def test_a_whole_history_is_said_to_be_whole(busy: Line) -> None:
    said = busy("audit", "verify")
    body = busy("audit", "verify", "--json").json

    assert said.code == 0
    assert "the history is whole" in said.out
    assert "1 compared" in said.out
    assert (body["sound"], body["events"], body["checkpoints"], body["faults"]) == (True, 3, 1, [])
    assert body["newest_checkpoint"]["mac"] == body["head"]["mac"]


def test_without_a_checkpoint_it_says_what_it_cannot_see(line: Line) -> None:
    line.add("E-1")

    said = line("audit", "verify")

    assert said.code == 0
    assert "none: what was cut off at the end cannot be seen" in said.out


def test_an_edit_is_told_with_its_number_and_what_to_do(busy: Line) -> None:
    vandalise(busy, "UPDATE events SET who = 'mallory' WHERE number = 2")

    said = busy("audit", "verify")
    body = busy("audit", "verify", "--json")

    assert (said.code, body.code) == (1, 1)
    assert "event 2 (refund.approved) does not fit its MAC" in said.out
    assert "-> edited: a backup and the daemon's log tell what it said" in said.out
    (fault,) = body.json["faults"]
    assert (fault["kind"], fault["number"]) == ("edited", 2)
    assert "change its password" in fault["remedy"]


def test_a_history_that_was_cut_off_with_its_head_is_told_by_the_checkpoint(busy: Line, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.jsonl"
    copy.write_bytes((busy.folder / "var" / "checkpoints.jsonl").read_bytes())
    (busy.folder / "var" / "checkpoints.jsonl").unlink()
    vandalise(
        busy,
        "DELETE FROM events WHERE number > 1",
        "UPDATE audit_head SET number = 1, mac = (SELECT mac FROM events WHERE number = 1)",
    )

    assert busy("audit", "verify").code == 0, "nothing here contradicts it"
    said = busy("audit", "verify", "--checkpoints", str(copy))

    assert said.code == 1
    assert "events 2 to 3 are missing at the end" in said.out
    assert "payout reconcile --repair" in said.out


def test_a_checkpoint_file_that_is_not_there_or_not_ours_is_a_fault(busy: Line, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    own = (busy.folder / "var" / "checkpoints.jsonl").read_text()
    other.write_text(own.replace('"number":3', '"number":2'))

    missing = busy("audit", "verify", "--checkpoints", str(tmp_path / "no.jsonl"))
    said = busy("audit", "verify", "--checkpoints", str(other))

    assert (missing.code, missing.out) == (2, "")
    assert "no.jsonl cannot be read: No such file" in missing.err
    assert said.code == 1
    assert "line 1 of" in said.out
    assert "signature is not by this installation's key" in said.out


def test_a_log_is_exported_so_that_others_can_check_it(busy: Line) -> None:
    public = busy("audit", "key").out.strip()
    said = busy("audit", "export", "E-1", "--json")
    body = said.json

    message = b"payout order log v1\n" + json.dumps(body["log"], sort_keys=True, separators=(",", ":")).encode()
    assert said.code == 0
    assert body["public_key"] == public == busy("audit", "key", "--json").json["public_key"]
    assert is_signed(public, message, body["signature"])
    assert not is_signed(public, message.replace(b"alice", b"carol"), body["signature"])
    kinds = [entry["facts"].get("kind") for entry in body["log"]["entries"] if entry["what"] == "event"]
    assert kinds == ["refund.requested", "refund.approved", "refund.held"]
    assert body["log"]["checkpoint"]["number"] == 3
    assert body["log"]["unfit"] == []


def test_a_log_is_readable_by_people(busy: Line) -> None:
    said = busy("audit", "export", "E-1")

    assert said.code == 0
    for words in ("refund.requested", "held by bob: a call", "approval of revision 1", "newest checkpoint  event 3"):
        assert words in said.out


def test_a_log_with_an_event_that_was_changed_says_so(busy: Line) -> None:
    vandalise(busy, "UPDATE events SET words = 'paid in full' WHERE number = 3")

    said = busy("audit", "export", "E-1", "--json")

    assert said.code == 1
    assert said.json["log"]["unfit"] == [3]
    assert "E-1: event 3 is not as it was written" in said.err


def test_an_unknown_refund_is_bad_input_and_the_others_are_exported(busy: Line) -> None:
    said = busy("audit", "export", "E-9", "E-1", "--json")

    assert said.code == 2
    assert "'E-9' is not on record" in said.err
    assert [each["log"]["refund"]["external_id"] for each in said.json] == ["E-1"]


def test_a_checkpoint_goes_to_every_file_and_one_that_cannot_be_written_is_told(line: Line) -> None:
    (line.folder / "mirror").mkdir()
    line.extend('[audit]\ncheckpoint_files = ["mirror/a.jsonl", "gone/b.jsonl"]\n')
    line.add("E-1")

    said = line("audit", "checkpoint")

    assert said.code == 1
    assert json.loads(said.out)["number"] == 1
    assert (line.folder / "mirror" / "a.jsonl").read_text() == said.out
    assert "gone/b.jsonl: No such file" in said.err


def test_the_doctor_compares_the_newest_checkpoint_with_the_end_of_the_history(busy: Line) -> None:
    def audit() -> dict[str, object]:
        found: dict[str, object] = next(each for each in busy("doctor", "--json").json if each["check"] == "audit")
        return found

    assert audit()["state"] == "ok"
    vandalise(busy, "UPDATE audit_head SET number = 1")
    found = audit()
    assert found["state"] == "FAIL"
    assert found["remedy"] == "run `payout audit verify`"
    (busy.folder / "var" / "checkpoints.jsonl").unlink()
    assert audit()["state"] == "warning"


def test_the_daemon_writes_a_checkpoint_verifies_and_raises_an_alarm(line: Line) -> None:
    without_rates(line)
    line.add("E-1")
    line.add("E-2")
    vandalise(line, "UPDATE events SET who = 'mallory' WHERE number = 1")

    with running(line, "--once", "--log-form", "json") as process:
        log = process.communicate(timeout=PATIENCE_SECONDS)[1]

    assert '"event": "audit.checkpoint"' in log
    assert '"event": "audit.broken"' in log
    written = (line.folder / "var" / "checkpoints.jsonl").read_text().splitlines()
    assert json.loads(written[0])["number"] == 2
    alarms = line("status", "--json").json["alarms"]
    assert [each["kind"] for each in alarms] == ["audit.broken"]
    assert "event 1 (refund.requested) does not fit its MAC" in alarms[0]["words"]
