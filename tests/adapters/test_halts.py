"""Pause files: there, or not, and when in doubt there."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.halts import FileHalts
from payout.scope import ALL


def test_an_empty_folder_pauses_nothing(tmp_path: Path) -> None:
    (tmp_path / "payout.db").touch()
    (tmp_path / "PAUSED").touch()

    assert FileHalts(folder=tmp_path).pauses() == ()


def test_a_file_pauses_all_or_one_wallet_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "PAUSE").write_text("fire drill\n")
    (tmp_path / "PAUSE.hot").touch()

    pauses = FileHalts(folder=tmp_path).pauses()

    assert [(pause.scope, pause.why) for pause in pauses] == [
        (ALL, "fire drill"),
        ("hot", f"the file {tmp_path / 'PAUSE.hot'} exists"),
    ]


def test_whatever_stands_in_the_file_it_pauses(tmp_path: Path) -> None:
    (tmp_path / "PAUSE").write_bytes(b"\xff\x00" * 10_000)
    (tmp_path / "PAUSE.hot").mkdir()

    pauses = FileHalts(folder=tmp_path).pauses()

    assert [pause.scope for pause in pauses] == [ALL, "hot"]
    assert all(len(pause.why) < 1000 for pause in pauses)


def test_a_folder_that_cannot_be_read_pauses_everything(tmp_path: Path) -> None:
    (pause,) = FileHalts(folder=tmp_path / "gone").pauses()

    assert pause.scope == ALL
    assert "cannot be read" in pause.why


def test_a_pause_that_was_put_is_seen_and_ends_with_its_file(tmp_path: Path) -> None:
    halts = FileHalts(folder=tmp_path)

    file = halts.put("hot", "alice: moving")
    assert [(pause.scope, pause.why) for pause in halts.pauses()] == [("hot", "alice: moving")]

    file.unlink()
    assert halts.pauses() == ()


def halts_at(folder: Path, time: str) -> FileHalts:
    return FileHalts(folder=folder, now=lambda: datetime.fromisoformat(time))


def test_a_line_until_ends_the_pause_by_itself(tmp_path: Path) -> None:
    (tmp_path / "PAUSE").write_text("moving the node\nuntil: 2026-11-22T18:00Z\n")

    (pause,) = halts_at(tmp_path, "2026-11-22T17:59:59Z").pauses()
    assert (pause.why, pause.until) == ("moving the node", datetime(2026, 11, 22, 18, tzinfo=UTC))
    assert halts_at(tmp_path, "2026-11-22T18:00:00Z").pauses() == ()


@pytest.mark.parametrize(
    "text",
    [
        "until:",
        "until: tomorrow",
        "until: 2026-11-22",
        "until: 2026-11-22T18:00",
        "until: 18:00Z",
        "Until: 2026-13-45T99:00Z",
        "until: 2020-01-01T00:00Z and a half",
        "until: 2020-01-01T00:00Z\nuntil: nonsense",
        "until 2020-01-01T00:00Z",
        "until: 9999-12-31T23:59-23:59",
        "until: 0001-01-01T00:00+23:59",
        "x" * 5000 + "\nuntil: 2020-01-01T00:00Z",
        "x" * 4080 + "\nuntil: 2020-01-01T00:00Z",
    ],
)
def test_an_end_that_cannot_be_surely_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "PAUSE").write_text(text)

    (pause,) = FileHalts(folder=tmp_path).pauses()

    assert pause.until is None
    assert pause.words


def test_an_end_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "PAUSE").write_text("lunch\nuntil: six\n")

    (pause,) = FileHalts(folder=tmp_path).pauses()

    assert pause.why == 'lunch; its line "until: six" is no time such as 2026-11-22T18:00Z, so it has no end'


def test_of_several_ends_the_last_counts(tmp_path: Path) -> None:
    (tmp_path / "PAUSE").write_text("until: 2026-11-22T18:00+00:00\nuntil: 2026-11-22T20:00+01:00\n")

    assert len(halts_at(tmp_path, "2026-11-22T18:30:00Z").pauses()) == 1
    assert halts_at(tmp_path, "2026-11-22T19:00:00Z").pauses() == ()


def test_a_pause_that_was_put_with_an_end_has_it_whatever_its_reason_says(tmp_path: Path) -> None:
    end = datetime(2026, 11, 22, 18, tzinfo=UTC)
    halts = halts_at(tmp_path, "2026-11-22T17:00:00Z")

    halts.put("hot", "alice: x\nuntil: 2020-01-01T00:00Z", end)

    (pause,) = halts.pauses()
    assert (pause.scope, pause.until) == ("hot", end)
