"""`payout init`: all that a first start needs, never overwriting anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.keys import API_KEYS, CHAIN, CHECKPOINTS, REPLIES, SEALS, WEBHOOKS, Ring, make_key, read_key
from payout.errors import SettingsError
from tests.config.line import Line


def fresh(folder: Path) -> Line:
    line = Line(folder)
    line.file.unlink()
    return line


def test_a_first_start_needs_nothing_but_init(tmp_path: Path) -> None:
    line = fresh(tmp_path)

    assert line("init").code == 0

    assert line("refunds", "list", "--json").json == []
    assert line.add().code == 0
    assert line("refunds", "approve", "E-1").code == 0


def test_others_can_read_nothing_of_what_init_makes(tmp_path: Path) -> None:
    fresh(tmp_path)("init")

    made = [tmp_path / "payout.toml", *(tmp_path / "var").iterdir(), tmp_path / "var"]
    assert len(made) == 8
    assert all(path.stat().st_mode & 0o077 == 0 for path in made)


def test_init_again_overwrites_nothing_and_says_so(tmp_path: Path) -> None:
    line = fresh(tmp_path)
    line("init")
    line.add()
    line.extend("# mine\n")
    before = {path: path.read_bytes() for path in (tmp_path / "var").glob("*.key")}

    said = line("init")

    assert said.code == 0
    assert said.out.count("kept") == 7
    assert line.file.read_text().endswith("# mine\n")
    assert {path: path.read_bytes() for path in (tmp_path / "var").glob("*.key")} == before
    assert line.status_of() == "REQUESTED"


def test_init_makes_only_what_is_missing(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line("init")
    (tmp_path / "var" / "approval.key").unlink()

    said = line("init", "--json").json

    assert [step["done"] for step in said] == ["kept", "kept", "made", *4 * ["kept"], "up to date"]


def test_a_command_before_init_says_to_run_it(tmp_path: Path) -> None:
    line = Line(tmp_path)

    said = line("refunds", "list")

    assert said.code == 2
    assert "run `payout init`" in said.err


def test_a_lost_key_stops_approvals_and_says_what_to_do(line: Line) -> None:
    line.add()
    (line.folder / "var" / "approval.key").unlink()

    said = line("refunds", "approve", "E-1")

    assert said.code == 2
    assert "approval.key does not exist" in said.err
    assert line.status_of() == "REQUESTED"


def test_a_key_is_32_random_bytes_made_once(tmp_path: Path) -> None:
    file = tmp_path / "a.key"

    assert make_key(file)
    key = read_key(file, "a")
    assert not make_key(file)

    assert len(key) == 32
    assert read_key(file, "a") == key
    make_key(tmp_path / "b.key")
    assert read_key(tmp_path / "b.key", "b") != key


@pytest.mark.parametrize("name", ["intake.key", "audit.key"])
def test_an_installation_from_before_a_key_gets_it_at_its_next_start(line: Line, name: str) -> None:
    (line.folder / "var" / name).unlink()

    assert line.add().code == 0

    assert len(read_key(line.folder / "var" / name, "x")) == 32


@pytest.mark.parametrize(("name", "setting"), [("intake.key", "instance.intake_key_file"), ("audit.key", "audit.key")])
def test_a_key_that_vouched_for_something_is_never_made_anew_unasked(line: Line, name: str, setting: str) -> None:
    line.add()
    (line.folder / "var" / name).unlink()

    said = line.add("E-2")

    assert said.code == 2
    assert setting in said.err
    assert "is lost: restore it from a backup" in said.err
    assert not (line.folder / "var" / name).exists()


def test_what_is_derived_from_a_key_differs_by_its_label_and_shows_nothing() -> None:
    ring = Ring(b"k" * 32)

    derived = {ring.derive(label) for label in (SEALS, API_KEYS, WEBHOOKS, REPLIES, CHAIN, CHECKPOINTS)}

    assert len(derived) == 6
    assert all(len(each) == 32 for each in derived)
    assert repr(ring) == "Ring()"


@pytest.mark.parametrize("text", ["", "00", "zz" * 32, "00" * 33])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.key"
    file.write_text(text)
    file.chmod(0o600)

    with pytest.raises(SettingsError, match="does not hold 64 hexadecimal digits"):
        read_key(file, "approvals.key_file")


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path / "a.key")
    (tmp_path / "a.key").chmod(0o644)

    with pytest.raises(SettingsError, match="chmod 600"):
        read_key(tmp_path / "a.key", "approvals.key_file")
