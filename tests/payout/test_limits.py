"""Limits: refused by name, counted by the UTC day."""

from __future__ import annotations

import pytest

from payout.errors import LimitReached
from payout.limits import Limits, utc_day
from tests.factories import NOW, usd

LIMITS = Limits(refund_min=usd("1.00"), refund_max=usd("500.00"), day_max=usd("5000.00"))


@pytest.mark.parametrize("owed", ["1.00", "499.99", "500.00"])
def test_what_is_within_the_limits_passes(owed: str) -> None:
    LIMITS.check_refund(usd(owed))


@pytest.mark.parametrize(("owed", "limit"), [("0.99", "refund_min_usd = 1.00"), ("500.01", "refund_max_usd = 500.00")])
def test_what_is_outside_is_refused_by_the_limits_name(owed: str, limit: str) -> None:
    with pytest.raises(LimitReached, match=limit):
        LIMITS.check_refund(usd(owed))


def test_a_day_is_a_day_in_utc() -> None:
    assert utc_day(NOW) == "2026-11-22"
    assert utc_day(NOW.replace(hour=23, minute=59)) == "2026-11-22"
