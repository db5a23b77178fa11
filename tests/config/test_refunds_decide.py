"""Deciding about refunds: who may, what each verb does, and that the worst exit code counts."""

from __future__ import annotations

import pytest

from tests.config.line import OTHER, Line

TWO = """\
[people.alice]
roles = ["approver"]
[people.bob]
roles = ["requester", "approver"]
"""


def test_an_approved_refund_may_be_paid_for_a_week(line: Line) -> None:
    line.add()

    said = line("refunds", "approve", "E-1")

    assert (said.code, said.out) == (0, "E-1: APPROVED\n")
    shown = line("refunds", "show", "E-1", "--json").json
    assert shown["approved_at"] < shown["approved_until"]
    assert "signature" not in str(shown)


def test_approving_twice_is_no_error(line: Line) -> None:
    line.add()
    line("refunds", "approve", "E-1")

    assert line("refunds", "approve", "E-1").code == 0
    assert len(line("refunds", "show", "E-1", "--json").json["approvals"]) == 1


def test_each_of_many_is_reported_and_the_worst_exit_code_counts(line: Line) -> None:
    for number in (1, 2, 3):
        line.add(f"E-{number}")
    line("refunds", "cancel", "E-2", "--why", "no")

    said = line("refunds", "approve", "E-1", "E-2", "E-3")
    assert said.code == 3
    assert said.out == "E-1: APPROVED\nE-3: APPROVED\n"
    assert "E-2 is CANCELED" in said.err

    assert line("refunds", "hold", "E-1", "nobody", "--why", "x").code == 2
    assert line.status_of("E-1") == "HELD"


def test_a_refund_is_found_by_its_own_id_too(line: Line) -> None:
    refund_id = line.add("E-1", "--json").json["id"]

    assert line("refunds", "approve", refund_id).code == 0


def test_where_two_people_are_configured_nobody_approves_what_they_requested(line: Line) -> None:
    line.people(TWO)
    line.add("E-1", "--as", "bob")

    said = line("refunds", "approve", "E-1", "--as", "bob")

    assert said.code == 3
    assert "another person must approve" in said.err
    assert line("refunds", "approve", "E-1", "--as", "alice").code == 0


def test_a_stranger_approves_nothing(line: Line) -> None:
    line.people(TWO)
    line.add("E-1", "--as", "bob")

    said = line("refunds", "approve", "E-1", "--as", "mallory")

    assert said.code == 3
    assert "E-1: " in said.err
    assert line.status_of() == "REQUESTED"


def test_a_quorum_of_two_takes_two(line: Line) -> None:
    line.people("quorum = 2\n" + TWO + '[people.carol]\nroles = ["approver"]\n')
    line.add("E-1", "--as", "bob")

    assert line("refunds", "approve", "E-1", "--as", "alice").out == "E-1: REQUESTED, 1 of 2 approvals (alice)\n"
    assert line("refunds", "approve", "E-1", "--as", "carol").out == "E-1: APPROVED\n"


def test_a_people_file_that_is_wrong_stops_approvals(line: Line) -> None:
    line.add()
    line.people("[people.a]\nroles = [3]\n")

    assert line("refunds", "approve", "E-1").code == 2
    assert line.status_of() == "REQUESTED"


@pytest.mark.parametrize(
    ("verb", "more", "status"),
    [
        ("reject", (), "REJECTED"),
        ("cancel", (), "CANCELED"),
        ("resolve", ("--how", "credited"), "CREDITED"),
        ("resolve", ("--how", "paid-outside"), "PAID_OUTSIDE"),
        ("hold", (), "HELD"),
    ],
)
def test_every_ending_is_kept_with_who_and_why(line: Line, verb: str, more: tuple[str, ...], status: str) -> None:
    line.add()

    assert line("refunds", verb, "E-1", *more, "--why", "ticket 77", "--as", "alice").code == 0

    assert line.status_of() == status
    last = line("refunds", "show", "E-1", "--json").json["events"][-1]
    assert last["who"] == "alice"
    assert "ticket 77" in last["words"]


def test_a_hold_is_released_to_where_its_approvals_stand(line: Line) -> None:
    line.add("E-1")
    line.add("E-2")
    line("refunds", "approve", "E-1")
    line("refunds", "hold", "E-1", "E-2", "--why", "look")

    said = line("refunds", "release", "E-1", "E-2")

    assert said.out == "E-1: APPROVED\nE-2: REQUESTED\n"
    assert line("refunds", "release", "E-1").code == 3


def test_amending_changes_the_destination_and_voids_approvals(line: Line) -> None:
    line.add()
    line("refunds", "approve", "E-1")

    assert line("refunds", "amend", "E-1", "--destination", OTHER, "--why", "asked").code == 0

    shown = line("refunds", "show", "E-1", "--json").json
    assert (shown["status"], shown["revision"], shown["destination"]) == ("REQUESTED", 2, OTHER)


def test_amending_to_what_is_no_address_changes_nothing(line: Line) -> None:
    line.add()

    assert line("refunds", "amend", "E-1", "--destination", "x", "--why", "asked").code == 2
    assert line("refunds", "show", "E-1", "--json").json["revision"] == 1


def test_what_has_ended_stays_ended(line: Line) -> None:
    line.add()
    line("refunds", "reject", "E-1", "--why", "no")

    for verb in ("approve", "release"):
        assert line("refunds", verb, "E-1").code == 3
    for verb in ("hold", "cancel"):
        assert line("refunds", verb, "E-1", "--why", "x").code == 3
    assert line.status_of() == "REJECTED"


def test_a_program_gets_what_became_of_each(line: Line) -> None:
    line.add()

    told = line("refunds", "approve", "E-1", "nobody", "--json").json

    assert told[0]["status"] == "APPROVED"
    assert "not on record" in told[1]["error"]
