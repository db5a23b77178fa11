"""Rules: how many must approve, what an approver agrees to with them, and how long a changed destination cools off."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payout.approval import LIMITS_ONLY, Caps, CoolingOff, Role, Rules, Tier
from tests.approvers import make_approver, make_rules
from tests.factories import NOW, make_refund, usd

TIERS = (
    Tier(up_to=usd("25.00"), approvals=0),
    Tier(up_to=usd("200.00"), approvals=1),
    Tier(up_to=None, approvals=2),
)


@pytest.mark.parametrize(
    ("owed", "needed"), [("1.00", 0), ("25.00", 0), ("25.01", 1), ("200.00", 1), ("200.01", 2), ("500.00", 2)]
)
def test_the_amount_says_how_many_must_approve(owed: str, needed: int) -> None:
    approver = make_approver(make_rules(tiers=TIERS))

    assert approver.needed(make_refund(owed=usd(owed))) == needed
    assert approver.needed(make_refund(owed=usd(owed), revision=2)) == max(1, needed)


def test_a_change_of_the_rules_takes_as_many_as_the_largest_payment_and_at_least_one() -> None:
    assert Rules(tiers=TIERS).most_approvals == 2
    assert Rules(tiers=(Tier(up_to=None, approvals=0),)).most_approvals == 1


def test_a_file_that_says_nothing_of_tiers_or_caps_is_plain() -> None:
    assert Rules().policy() == LIMITS_ONLY
    assert make_rules({"ann": ["approver"]}, quorum=2, rp_id="console.example").policy() == LIMITS_ONLY


CHANGES: list[dict[str, Any]] = [
    {"tiers": TIERS},
    {"tiers": (*TIERS[:2], Tier(up_to=None, approvals=3))},
    {"tiers": (Tier(up_to=usd("26.00"), approvals=0), *TIERS[1:])},
    {"caps": Caps(refund=usd("900.00"))},
    {"caps": Caps(automatic_day=usd("900.00"))},
    {"caps": Caps(destination_day=usd("900.00"))},
    {"caps": Caps(day=usd("900.00"))},
    {"caps": Caps(total=usd("900.00"))},
    {"caps": Caps(wallet_day={"hot": usd("900.00")})},
    {"caps": Caps(wallet_day={"cold": usd("900.00")})},
    {"caps": Caps(day=usd("901.00"))},
    {"cooling_off": CoolingOff(above=usd("100.00"), wait=timedelta(hours=24))},
    {"cooling_off": CoolingOff(above=usd("100.00"), wait=timedelta(hours=1))},
    {"cooling_off": CoolingOff(above=usd("101.00"), wait=timedelta(hours=24))},
]


def test_every_tier_cap_and_waiting_time_is_signed_for() -> None:
    policies = [replace(Rules(), **changes).policy() for changes in CHANGES]

    assert len({LIMITS_ONLY, *policies}) == 1 + len(CHANGES)


def test_people_may_come_and_go_without_voiding_approvals() -> None:
    rules = make_rules({"ann": ["approver"]}, tiers=TIERS)

    assert rules.policy() == make_rules({"bob": list(Role)}, tiers=TIERS).policy()


def test_only_a_large_refund_whose_destination_changed_cools_off() -> None:
    rule = CoolingOff(above=usd("100.00"), wait=timedelta(hours=24))
    large = make_refund(owed=usd("100.01"))

    assert rule.waits(large, NOW) is None
    assert rule.waits(make_refund(owed=usd("100.00"), amended_at=NOW), NOW) is None
    assert rule.waits(replace(large, amended_at=NOW), NOW + timedelta(hours=23)) is not None
    assert rule.waits(replace(large, amended_at=NOW), NOW + timedelta(hours=24)) is None


def test_only_another_destination_makes_it_wait() -> None:
    refund = make_refund()
    same = refund.amend(refund.destination, refund.memo, by="ann", at=NOW)
    other = refund.amend("4elsewhere", None, by="ann", at=NOW)

    assert (same.revision, same.amended_at, same.amended_by) == (2, None, None)
    assert (other.revision, other.amended_at, other.amended_by) == (2, NOW, "ann")
    assert refund.amend(refund.destination, "7", by="ann", at=NOW).amended_at == NOW
