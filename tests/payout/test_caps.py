"""Caps and the cooling-off: counted in the commit, by the journal too, and looked at before anything is signed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.journal import MemoryJournal
from payout.approval import Approver, Caps, CoolingOff, Rules, Tier
from payout.caps import (
    AUTOMATIC_SCOPE,
    EVER,
    TOTAL_SCOPE,
    CapBook,
    destination_scope,
    wallet_scope,
)
from payout.change import Change
from payout.errors import LimitReached
from payout.limits import DAY_SCOPE, UNCAPPED, Limits, utc_day
from payout.refund import RefundStatus
from payout.vetting import vet
from tests.approvers import EVERYTHING, make_rules
from tests.factories import NOW, make_refund, usd
from tests.payout.hands import Hands, alarms, refund, status, tables
from tests.scenarios.world import START, World

LIMITS = Limits(refund_min=usd("1.00"), refund_max=usd("500.00"), day_max=usd("5000.00"))
PEOPLE = {"panel": ["requester"], "alice": EVERYTHING, "bob": EVERYTHING}
FREE = (Tier(up_to=usd("25.00"), approvals=0), Tier(up_to=None, approvals=1))
DAY = utc_day(START)


def world(**rules: Any) -> World:
    """One whose people file says more."""
    made = World()
    govern(made, make_rules(PEOPLE, **rules))
    return made


def govern(made: World, rules: Rules) -> None:
    made.approver = Approver(
        instance="acme",
        rules=lambda: rules,
        signatures=made.approver.signatures,
        key=made.approver.key,
        intake=made.approver.intake,
    )


def waits(made: World, key: str) -> str:
    return refund(made, key).waiting_for or ""


def scope_of(made: World, key: str) -> str:
    row = refund(made, key)
    return destination_scope(row.asset.key, row.destination)


# ---------------------------------------------------------------- which counters


def book(**caps: Any) -> CapBook:
    return CapBook(limits=LIMITS, caps=Caps(**caps), wallet="hot")


def test_every_payout_raises_the_day_its_wallet_and_the_total_in_sorted_order() -> None:
    uses = book().uses([(make_refund("E-1"), False), (make_refund("E-2"), False)], NOW)

    assert [(use.scope, use.day, use.units, use.cap) for use in uses] == [
        (DAY_SCOPE, "2026-11-22", 5000, 500_000),
        (TOTAL_SCOPE, EVER, 5000, UNCAPPED),
        (wallet_scope("hot"), "2026-11-22", 5000, UNCAPPED),
    ]


def test_the_lower_of_two_caps_of_the_day_holds() -> None:
    day = {name: book(day=usd(name)).uses([(make_refund(), False)], NOW)[0].cap for name in ("4999.99", "5000.01")}

    assert day == {"4999.99": 499_999, "5000.01": 500_000}


def test_only_what_nobody_approved_counts_as_automatic_and_without_a_cap_nothing_does() -> None:
    use, *_ = book(automatic_day=usd("200.00")).uses([(make_refund("E-1"), True), (make_refund("E-2"), False)], NOW)
    none, *_ = book().uses([(make_refund("E-1"), True)], NOW)

    assert (use.scope, use.units, use.cap) == (AUTOMATIC_SCOPE, 2500, 20_000)
    assert (none.scope, none.cap) == (AUTOMATIC_SCOPE, 0)


def test_one_address_is_one_counter_whatever_its_memo_is() -> None:
    capped = book(destination_day=usd("40.00"))
    same = [make_refund("E-1", memo="1"), make_refund("E-2", memo="2")]
    uses = capped.uses([(each, False) for each in same], NOW)
    (found,) = [use for use in uses if use.scope.startswith("destination:")]

    assert (found.units, found.cap) == (5000, 4000)
    assert destination_scope(("XMR", "monero"), "a") != destination_scope(("USDT", "monero"), "a")


# ---------------------------------------------------------------- before the commit

CAPPED: dict[str, tuple[dict[str, Any], str]] = {
    "day": ({"day": usd("40.00")}, "tomorrow (UTC), or a higher caps.day_usd: 15.00 USD of 40.00 is left today"),
    "wallet": (
        {"wallet_day": {"hot": usd("40.00")}},
        "tomorrow (UTC), or a higher caps.wallet_day_usd.hot: 15.00 USD of 40.00 is left today",
    ),
    "total": ({"total": usd("40.00")}, "a higher caps.total_usd: 15.00 USD of 40.00 is left"),
    "destination": (
        {"destination_day": usd("40.00")},
        "tomorrow (UTC), or a higher caps.destination_day_usd: 15.00 USD of 40.00 is left today",
    ),
}


@pytest.mark.parametrize("cap", CAPPED)
def test_a_refund_above_a_cap_waits_and_says_for_what(cap: str) -> None:
    caps, words = CAPPED[cap]
    made = world(caps=Caps(**caps))
    keys = [made.approved(name, destination="one address") for name in ("E1", "E2")]

    Hands(made).pay()

    (left,) = [key for key in keys if status(made, key) == "APPROVED"]
    assert waits(made, left) == words


def test_the_cap_of_an_address_lets_other_addresses_be_paid() -> None:
    made = world(caps=Caps(destination_day=usd("40.00")))
    keys = [made.approved(name, destination=to) for name, to in (("E1", "one"), ("E2", "one"), ("E3", "another"))]

    Hands(made).pay()

    assert sorted(status(made, key) for key in keys[:2]) == ["APPROVED", "PAYING"]
    assert status(made, keys[2]) == "PAYING"


@pytest.mark.parametrize("cap", CAPPED)
def test_whoever_lowers_a_counter_in_the_database_gains_nothing(cap: str) -> None:
    """The spend journal counts the same."""
    made = world(caps=Caps(**CAPPED[cap][0]))
    made.approved("E1", destination="one address")
    Hands(made).pay()
    tables(made).counters.clear()
    second = made.approved("E2", destination="one address")

    Hands(made).pay()

    assert status(made, second) == "APPROVED"
    assert waits(made, second) == CAPPED[cap][1]


@pytest.mark.parametrize("cap", CAPPED)
def test_whoever_loses_the_journal_still_meets_the_counter(cap: str) -> None:
    made = world(caps=Caps(**CAPPED[cap][0]))
    key = made.approved("E1", destination="one address")
    scope = {
        "day": (DAY_SCOPE, DAY),
        "wallet": (wallet_scope("hot"), DAY),
        "total": (TOTAL_SCOPE, EVER),
        "destination": (scope_of(made, key), DAY),
    }[cap]
    tables(made).counters[scope] = 2_500

    Hands(made).pay()

    assert waits(made, key) == CAPPED[cap][1]


@pytest.mark.parametrize("cap", CAPPED)
def test_the_commit_itself_refuses_what_another_worker_used_up_meanwhile(cap: str) -> None:
    made = world(caps=Caps(**CAPPED[cap][0]))
    key = made.approved("E1", destination="one address")
    hands = Hands(made)
    wallet = hands.wallet
    (item,) = vet(
        wallet, wallet.store.payable(made.rules.asset.key, 9), made.pricing.quote("XMR", made.clock.now())
    ).items
    uses = wallet.caps.uses([(item.refund, item.automatic)], made.clock.now())
    capped = [use for use in uses if use.cap == 4_000]
    assert len(capped) == 1
    tables(made).counters[capped[0].scope, capped[0].day] = 1_501

    with pytest.raises(LimitReached, match="would be passed"):
        made.database.store.commit(Change(caps=uses))
    assert status(made, key) == "APPROVED"


def test_the_cap_of_one_refund_holds_it_for_a_person() -> None:
    made = world(caps=Caps(refund=usd("20.00")))
    key = made.request("E1")
    govern(made, make_rules(PEOPLE))
    made.approve(key)
    govern(made, make_rules(PEOPLE, caps=Caps(refund=usd("20.00"))))

    Hands(made).pay()

    assert status(made, key) == "HELD"


# ---------------------------------------------------------------- automatic


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
    assert "alice has not the role approver" in (refund(made, key).hold_reason or "")
    assert [alarm.kind for alarm in alarms(made)] == ["refund.held"]
