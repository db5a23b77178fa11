"""Limits: what is outside them, or outside the people file's caps, is refused by name."""

from __future__ import annotations

import pytest

from payout.approval import Caps
from payout.errors import LimitReached
from tests.factories import LIMITS, usd


@pytest.mark.parametrize("owed", ["1.00", "499.99", "500.00"])
def test_what_is_within_the_limits_passes(owed: str) -> None:
    LIMITS.check_refund(usd(owed), Caps(refund=usd("500.00")))


@pytest.mark.parametrize(("owed", "limit"), [("0.99", "refund_min_usd = 1.00"), ("500.01", "refund_max_usd = 500.00")])
def test_what_is_outside_is_refused_by_the_limits_name(owed: str, limit: str) -> None:
    with pytest.raises(LimitReached, match=limit):
        LIMITS.check_refund(usd(owed), Caps())


def test_the_people_files_cap_holds_as_well() -> None:
    with pytest.raises(LimitReached, match=r"100.01 USD is above caps.refund_usd = 100.00"):
        LIMITS.check_refund(usd("100.01"), Caps(refund=usd("100.00")))
