"""Worlds of the scenarios that a people file governs: tiers, caps, a cooling-off."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from payout.approval import Rules, Tier
from tests.approvers import EVERYTHING, make_rules
from tests.factories import usd
from tests.payout.hands import refund
from tests.scenarios.world import World

PEOPLE = {"panel": ["requester"], "alice": EVERYTHING, "bob": EVERYTHING}
FREE = (Tier(up_to=usd("25.00"), approvals=0), Tier(up_to=None, approvals=1))


def world(**rules: Any) -> World:
    """One whose people file says more."""
    made = World()
    govern(made, make_rules(PEOPLE, **rules))
    return made


def govern(made: World, rules: Rules) -> None:
    """From now on these rules are in force."""
    made.approver = replace(made.approver, rules=lambda: rules)


def waits(made: World, key: str) -> str:
    return refund(made, key).waiting_for or ""
