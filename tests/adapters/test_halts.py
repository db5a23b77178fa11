"""Pause files: there, or not, and when in doubt there."""

from __future__ import annotations

from pathlib import Path

from adapters.halts import FileHalts
from payout.change import ALL


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
