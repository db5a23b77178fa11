"""The Pricing in memory keeps the contract of the one that polls."""

from __future__ import annotations

import pytest

from adapters.memory.pricing import MemoryPricing
from payout.errors import RateUnavailable
from payout.ports import Pricing
from payout.quote.rate_book import RateBook
from tests.contracts.pricing import PRICE, PricingContract
from tests.factories import NOW
from tests.payout.quote.quote_factories import make_sample


class TestMemoryPricing(PricingContract):
    @pytest.fixture
    def priced(self) -> Pricing:
        return MemoryPricing(PRICE)

    @pytest.fixture
    def unpriced(self) -> Pricing:
        pricing = MemoryPricing(PRICE)
        pricing.refusal = RateUnavailable("one source is too few")
        return pricing


class TestRateBook(PricingContract):
    @pytest.fixture
    def priced(self) -> Pricing:
        book = RateBook(("kraken", "bitfinex"))
        book.record(make_sample(source, PRICE, age=0, now=NOW) for source in ("kraken", "bitfinex"))
        return book

    @pytest.fixture
    def unpriced(self) -> Pricing:
        return RateBook(("kraken", "bitfinex"))


def test_every_quote_that_was_given_is_kept_for_a_reader() -> None:
    pricing = MemoryPricing(PRICE)

    quote = pricing.quote("XMR", NOW)

    assert pricing.given == {quote.id: quote}
