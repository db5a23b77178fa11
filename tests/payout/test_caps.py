"""Caps: counted in the commit, by the journal too, and looked at before anything is signed."""

from __future__ import annotations

from typing import Any

import pytest

from payout.approval import Caps
from payout.caps import (
    AUTOMATIC_SCOPE,
    DAY_SCOPE,
    EVER,
    TOTAL_SCOPE,
    UNCAPPED,
    CapBook,
    day_ceiling,
    destination_scope,
    utc_day,
    wallet_scope,
)
from payout.change import Change
from payout.errors import LimitReached
from payout.vetting import vet
from tests.approvers import make_rules
from tests.factories import LIMITS, NOW, make_refund, usd
from tests.payout.governed import PEOPLE, govern, waits, world
from tests.payout.hands import Hands, refund, status, tables
from tests.scenarios.world import START, World

DAY = utc_day(START)


def scope_of(made: World, key: str) -> str:
    row = refund(made, key)
    return destination_scope(row.asset.key, row.destination)


# ---------------------------------------------------------------- which counters


def book(**caps: Any) -> CapBook:
    return CapBook(limits=LIMITS, caps=Caps(**caps), wallet="hot")


def test_the_day_ends_at_the_lower_of_both_files_and_what_is_left_of_it_is_never_below_nothing() -> None:
    own, lowered = day_ceiling(LIMITS, Caps(), DAY), day_ceiling(LIMITS, Caps(day=usd("90.00")), DAY)

    assert (own.setting, own.left(499_000), own.left(600_000)) == ("limits.day_max_usd", usd("10.00"), usd("0.00"))
    assert (lowered.setting, lowered.left(1_000)) == ("caps.day_usd", usd("80.00"))
    assert day_ceiling(LIMITS, Caps(day=usd("9000.00")), DAY).cap == LIMITS.day_max


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


def test_an_address_has_one_counter_in_whatever_case_it_is_written() -> None:
    spellings = ("0xAb5801a7D398351b8bE11C439e05C5B3259aeC9B", "0xab5801a7d398351b8be11c439e05c5b3259aec9b")
    assert len({destination_scope(("ETH", "ethereum"), each) for each in spellings}) == 1


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


def test_what_is_above_a_lowered_cap_of_one_refund_is_not_approved() -> None:
    made = world()
    key = made.request("E1")
    govern(made, make_rules(PEOPLE, caps=Caps(refund=usd("20.00"))))

    with pytest.raises(LimitReached, match=r"caps\.refund_usd"):
        made.approve(key)

    assert status(made, key) == "REQUESTED"
