"""The daemon looks at the people file: what is proposed is an alarm once, and what is signed holds."""

from __future__ import annotations

from contextlib import closing

import pytest

from config.people.watch import KIND, PeopleWatch
from config.settings import load
from config.wiring import House
from tests.config.keyed import Keyed
from tests.config.line import Line


@pytest.fixture
def keyed(line: Line) -> Keyed:
    made = Keyed(line)
    made.write("alice", "bob")
    made.line("users")
    return made


def alarms(house: House) -> list[str]:
    return [event.words for event in house.store.events(alarms=True) if event.kind == KIND]


def test_a_proposed_file_is_an_alarm_once_also_after_a_restart(keyed: Keyed) -> None:
    keyed.write("alice")
    for _ in range(2):
        with closing(House(load(keyed.line.file))) as house:
            watch = PeopleWatch(house.people, house.store, house.clock)
            watch.look()
            watch.look()

            (words,) = alarms(house)
            assert "0 of 1 signatures" in words


def test_another_proposed_file_is_another_alarm(keyed: Keyed) -> None:
    with closing(House(load(keyed.line.file))) as house:
        watch = PeopleWatch(house.people, house.store, house.clock)
        watch.look()
        assert alarms(house) == []
        for more in ("# one\n", "# two\n"):
            keyed.write("alice", more=more)
            watch.look()

        assert len(alarms(house)) == 2


def test_a_running_process_takes_what_was_signed_and_says_so(keyed: Keyed) -> None:
    with closing(House(load(keyed.line.file))) as house:
        assert house.approver.rules().people.keys() == {"alice", "bob", "rita", "ada"}
        keyed.write("alice")
        watch = PeopleWatch(house.people, house.store, house.clock)
        watch.look()

        keyed.line("users", "sign", "--key", str(keyed.key("alice")))
        watch.look()

        assert house.approver.rules().people.keys() == {"alice", "rita", "ada"}
        assert house.store.events()[-1].kind == "people.changed"
