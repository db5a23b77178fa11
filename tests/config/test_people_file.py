"""Which people file is in force: before anybody has a key, and whatever becomes of the files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from config.people import PeopleFile
from config.people.file import IN_FORCE
from payout.errors import SettingsError
from tests.config.people_desk import PLAIN, Desk


def test_no_file_is_a_one_person_install_and_leaves_nothing(desk: Desk) -> None:
    assert desk.people.rules().people == {}
    assert not list(desk.state_dir.iterdir())


def test_until_somebody_has_a_key_what_is_written_holds_at_once(desk: Desk) -> None:
    desk.write(PLAIN)
    assert desk.named() == {"alice"}

    desk.write(PLAIN.replace("alice", "bob"))
    assert desk.named() == {"bob"}

    desk.file.unlink()
    assert desk.named() == set()
    desk.write(desk.keyed("alice"))
    assert desk.named() == {"alice"}
    assert len(desk.taken) == 4


def test_a_file_that_is_just_being_written_takes_nothing_away(desk: Desk) -> None:
    desk.write(PLAIN)
    desk.people.rules()

    desk.write("")

    assert desk.named() == {"alice"}


def test_a_first_file_that_is_wrong_is_refused_and_a_wrong_change_too(desk: Desk) -> None:
    desk.write("quorum = 7\n")
    with pytest.raises(SettingsError, match=r"people.toml:1: quorum: 7 must approve"):
        desk.people.rules()

    desk.write(PLAIN)
    desk.people.rules()
    desk.write("quorum = 7\n")
    with pytest.raises(SettingsError, match="7 must approve"):
        desk.people.rules()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda file: file.write_text("quorum = 9\n"), "is wrong (people.toml:1: quorum: 9 must approve"),
        (lambda file: file.write_bytes(b"\xff"), "byte 1 is not UTF-8"),
        (lambda file: file.unlink(), "the people file is gone"),
        (lambda file: file.write_text("#" * 1_000_001), "is over 1000000 bytes"),
        (lambda file: (file.unlink(), file.mkdir()), "cannot be read: Is a directory"),
        (lambda file: file.write_text(f"a = {'[' * 100_000}"), "cannot be read as TOML"),
    ],
)
def test_a_keyed_file_stands_whatever_becomes_of_the_one_that_people_edit(
    desk: Desk, spoil: Callable[[Path], object], words: str
) -> None:
    desk.write(desk.keyed("alice"))
    desk.people.rules()

    spoil(desk.file)

    assert desk.named() == {"alice"}
    proposal = desk.people.state().proposal
    assert proposal is not None
    assert words in proposal.words


def test_a_copy_in_force_that_somebody_spoiled_is_told_and_not_replaced(desk: Desk) -> None:
    desk.write(desk.keyed("alice"))
    desk.people.rules()
    (desk.state_dir / IN_FORCE).write_text("quorum = 9\n")

    with pytest.raises(SettingsError, match=r"people.in-force.toml:1: quorum"):
        desk.people.rules()


def test_where_the_state_folder_is_missing_nothing_is_made(tmp_path: Path) -> None:
    (tmp_path / "people.toml").write_text(PLAIN)
    people = PeopleFile(tmp_path / "people.toml", tmp_path / "var", "acme")

    assert set(people.rules().people) == {"alice"}
    assert not (tmp_path / "var").exists()


def test_the_files_are_read_again_only_when_they_changed(desk: Desk) -> None:
    desk.write(desk.keyed("alice"))
    desk.people.rules()
    first = desk.people.state()

    assert desk.people.state() is first
    os.utime(desk.file, ns=(1, 1))
    assert desk.people.state() is not first
