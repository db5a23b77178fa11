"""
The Pricing port in memory: one price that a test sets, or a refusal.

It keeps every quote that it gave, so that a reader can check a payment against the price of the day and not against
what the database says that the price was.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from payout.quote import Quote, Sample

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from payout.errors import RateError

SOURCES = ("kraken", "bitfinex")


class MemoryPricing:
    """`price` is USD a coin and may be changed at any time; while `refusal` is set, it is raised."""

    def __init__(self, price: Decimal, life: timedelta = timedelta(seconds=120)) -> None:
        self.price = price
        self.prices: dict[str, Decimal] = {}
        """By asset code, where it is another price than that."""
        self.life = life
        self.refusal: RateError | None = None
        self.refusals: dict[str, RateError] = {}
        """By asset code, where only that one has no rate."""
        self.given: dict[str, Quote] = {}
        """Every quote ever given, by its id."""

    def quote(self, asset_code: str, now: datetime) -> Quote:
        """Two sources that agree. Raises the refusal."""
        refusal = self.refusals.get(asset_code, self.refusal)
        if refusal is not None:
            raise refusal
        price = self.prices.get(asset_code, self.price)
        samples = tuple(
            Sample(
                source=source,
                asset_code=asset_code,
                pair=f"{asset_code}USD",
                price=price,
                as_of=now,
                received_at=now,
            )
            for source in SOURCES
        )
        quote = Quote(
            asset_code=asset_code,
            rate=price,
            samples=samples,
            verdicts=(),
            taken_at=now,
            expires_at=now + self.life,
        )
        self.given[quote.id] = quote
        return quote
