"""What nobody approved has a cap of its own, a changed destination cools off, and a forgery is found in the commit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from adapters.memory.journal import MemoryJournal
from payout.approval import Caps, CoolingOff
from payout.caps import AUTOMATIC_SCOPE, DAY_SCOPE, utc_day
from payout.payer import CANDIDATES_MAX
from payout.refund import RefundStatus
from tests.approvers import EVERYTHING, make_rules
from tests.factories import usd
from tests.payout.governed import FREE, govern, waits, world
from tests.payout.hands import Hands, alarms, refund, status, tables
from tests.scenarios.world import START, World

DAY = utc_day(START)


def automatic(**caps: Any) -> World:
    return world(tiers=FREE, caps=Caps(**{"automatic_day": usd("40.00"), **caps}))


def test_what_nobody_approved_is_paid_within_its_own_cap_and_counted() -> None:
    made = automatic()
    small = [made.request("E1"), made.request("E2")]
    large = made.approved("E3", "100.00")

    Hands(made).pay()

    (left,) = [key for key in small if status(made, key) == "APPROVED"]
    assert status(made, large) == "PAYING"
    assert waits(made, left) == (
        "tomorrow (UTC), or a person who approves it, as caps.automatic_day_usd is used up: "
        "15.00 USD of 40.00 is left today"
    )
    assert tables(made).counters[AUTOMATIC_SCOPE, DAY] == 2_500
    assert sorted(attempt.automatic for attempt in tables(made).attempts.values()) == [False, True]
    assert MemoryJournal(made.lines).view().cents(AUTOMATIC_SCOPE, DAY) == 2_500


def test_over_the_cap_a_person_may_approve_it_and_it_no_longer_counts_as_automatic() -> None:
    made = automatic()
    made.request("E1")
    Hands(made).pay()
    second = made.request("E2")
    Hands(made).pay()
    assert status(made, second) == "APPROVED"
    made.approve(second)

    Hands(made).pay()

    assert status(made, second) == "PAYING"
    assert MemoryJournal(made.lines).view().cents(AUTOMATIC_SCOPE, DAY) == 2_500
    assert MemoryJournal(made.lines).view().cents(DAY_SCOPE, DAY) == 5_000


def test_however_many_wait_for_the_cap_what_a_person_approved_is_paid() -> None:
    made = automatic(automatic_day=usd("25.00"))
    made.request("E1")
    Hands(made).pay()
    waiting = [made.request(f"A{number}") for number in range(CANDIDATES_MAX + 5)]
    made.clock.time += timedelta(minutes=1)
    last = made.approved("E2", "100.00")
    made.mine(11)

    Hands(made).pay()

    assert status(made, last) == "PAYING"
    assert {status(made, key) for key in waiting} == {"APPROVED"}
    assert all("caps.automatic_day_usd is used up" in waits(made, key) for key in waiting)


def test_a_stolen_api_key_gets_no_more_in_a_day_than_the_automatic_cap() -> None:
    made = automatic()
    keys = [made.request(f"E{number}", "5.00", "the thief's address") for number in range(40)]

    for _ in range(12):
        Hands(made).pay()
        made.mine(2)
    tables(made).counters.clear()
    Hands(made).pay()

    paid = [key for key in keys if status(made, key) != "APPROVED"]
    assert sum(refund(made, key).owed.units for key in paid) == 4_000


def test_whoever_makes_a_large_refund_automatic_in_the_database_is_not_paid() -> None:
    made = automatic(automatic_day=usd("4000.00"))
    key = made.request("E1", "100.00")
    planted = made.approver.automatic(replace(refund(made, key), owed=usd("20.00")), made.clock.now())
    assert planted is not None
    rows = tables(made)
    rows.approvals.append(planted)
    until = planted.expires_at
    rows.refunds[key] = replace(
        rows.refunds[key], status=RefundStatus.APPROVED, approved_at=START, approved_until=until
    )

    Hands(made).pay()

    assert status(made, key) == "HELD"
    assert [alarm.kind for alarm in alarms(made)] == ["approval.invalid", "refund.held"]


# ---------------------------------------------------------------- cooling-off

COOL = {"cooling_off": CoolingOff(above=usd("20.00"), wait=timedelta(hours=24))}


def test_a_large_refund_whose_destination_changed_waits_a_day_and_says_until_when() -> None:
    made = world(**COOL)
    key = made.request("E1")
    made.reader.debts["E1"].destinations.append("elsewhere")
    made.desk().amend(key, "elsewhere", None, "alice", "the customer wrote")
    made.approve(key, "bob")
    changed = made.clock.now()

    Hands(made).pay()
    assert status(made, key) == "APPROVED"
    assert waits(made, key) == (
        f"{changed + timedelta(hours=24):%Y-%m-%d %H:%M} UTC: alice changed its destination, "
        "and so large a refund then waits 24 hours"
    )
    assert alarms(made) == []
    made.clock.time = changed + timedelta(hours=24) - timedelta(seconds=1)
    Hands(made).pay()
    assert status(made, key) == "APPROVED"
    made.clock.time = changed + timedelta(hours=24)
    Hands(made).pay()
    assert status(made, key) == "PAYING"


def test_whoever_sets_the_time_of_a_change_back_is_found_out() -> None:
    made = world(**COOL)
    key = made.request("E1")
    made.desk().amend(key, "elsewhere", None, "alice", "the customer wrote")
    made.desk().approve(key, "bob")
    rows = tables(made)
    rows.refunds[key] = replace(rows.refunds[key], amended_at=START - timedelta(days=9))

    Hands(made).pay()

    assert status(made, key) == "HELD"
    assert [alarm.kind for alarm in alarms(made)] == ["approval.invalid", "refund.held"]


# ---------------------------------------------------------------- forged beside true


def test_a_forgery_beside_enough_true_signatures_is_an_alarm_of_the_commit() -> None:
    made = World()
    key = made.approved("E1")
    rows = tables(made)
    rows.approvals.append(replace(rows.approvals[0], signer="bob", signature="0" * 64))

    Hands(made).pay()

    assert status(made, key) == "PAYING"
    assert [(alarm.kind, alarm.refund_id) for alarm in alarms(made)] == [("approval.invalid", key)]


def test_a_person_who_is_taken_off_the_file_counts_no_more_at_once() -> None:
    made = World()
    key = made.approved("E1")
    govern(made, make_rules({"panel": ["requester"], "bob": EVERYTHING}))

    Hands(made).pay()

    assert status(made, key) == "HELD"
    assert "alice is not in the people file" in (refund(made, key).hold_reason or "")
    assert [alarm.kind for alarm in alarms(made)] == ["refund.held"]
