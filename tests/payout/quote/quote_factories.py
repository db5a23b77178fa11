"""Samples for tests: one moment, and everything in words that matter to the test alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from payout.quote import Sample

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def make_sample(
    source: str,
    price: str | Decimal,
    *,
    code: str = "XMR",
    currency: str = "USD",
    age: float = 5,
    ahead: float = 0,
    bid: str | None = None,
    ask: str | None = None,
    now: datetime = NOW,
) -> Sample:
    """A sample received `age` seconds ago, whose own time is `ahead` of the time of receipt."""
    received = now - timedelta(seconds=age)
    return Sample(
        source=source,
        asset_code=code,
        pair=f"{code}-{currency}",
        price=Decimal(price),
        bid=None if bid is None else Decimal(bid),
        ask=None if ask is None else Decimal(ask),
        currency=currency,
        as_of=received + timedelta(seconds=ahead),
        received_at=received,
    )
