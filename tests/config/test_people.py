"""The people file: roles and quorum, outside the database."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.people import People, load_people
from payout.errors import SettingsError


def read(folder: Path, text: str) -> People:
    file = folder / "people.toml"
    file.write_text(text)
    return load_people(file)


def test_no_file_is_a_one_person_install(tmp_path: Path) -> None:
    assert load_people(tmp_path / "people.toml") == People(roles={}, quorum=1)


def test_names_roles_and_quorum_are_read(tmp_path: Path) -> None:
    text = 'quorum = 2\n[people.a]\nroles = ["approver"]\n[people.b]\nroles = ["requester", "approver"]\n'

    people = read(tmp_path, text)

    assert people.quorum == 2
    assert people.roles == {"a": frozenset({"approver"}), "b": frozenset({"requester", "approver"})}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("quorum = 0\n", "people.toml:1: quorum: must be a whole number from 1 to 10"),
        ("quorum = true\n", "must be a whole number"),
        ('[people.a]\nroles = ["aprover"]\n', "'aprover' is not known; did you mean approver?"),
        ("[people.a]\nrole = []\n", "role: is not a known key; did you mean roles?"),
        ("quorum = 2\n", "2 must approve, but 0 have the role approver"),
        ('[people.a]\nroles = ["requester"]\n', "1 must approve, but 0 have the role approver"),
        ("[person.a]\n", "person: is not a known key"),
        ("people = [\n", "cannot be read as TOML"),
    ],
)
def test_a_file_by_which_nothing_could_be_approved_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read(tmp_path, text)

    assert words in "\n".join(caught.value.problems)
