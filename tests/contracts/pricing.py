"""
What every Pricing promises. A subclass gives the fixtures `priced`, which was told 330.10 USD for XMR at NOW by two
sources, and `unpriced`, which can vouch for nothing.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from payout.asset import XMR
from payout.errors import RateError
from payout.ports import Pricing
from payout.quote import Quote
from tests.factories import NOW, usd

PRICE = Decimal("330.10")


class PricingContract:
    def test_a_quote_pays_what_is_owed_at_its_price_rounded_down(self, priced: Pricing) -> None:
        quote = priced.quote("XMR", NOW)

        assert (quote.asset_code, quote.rate) == ("XMR", PRICE)
        assert quote.amount_for(usd("25.00"), XMR).units == 2500 * 10**12 // 33010

    def test_a_quote_is_fresh_for_two_minutes_and_no_longer(self, priced: Pricing) -> None:
        quote = priced.quote("XMR", NOW)

        assert quote.is_fresh(NOW)
        assert quote.is_fresh(NOW + timedelta(seconds=120))
        assert not quote.is_fresh(NOW + timedelta(seconds=121))

    def test_a_quote_carries_its_evidence_and_reads_back_as_itself(self, priced: Pricing) -> None:
        quote = priced.quote("XMR", NOW)

        assert {sample.price for sample in quote.samples} == {PRICE}
        assert len({sample.source for sample in quote.samples}) >= 2
        assert Quote.from_json(quote.to_json()) == quote

    def test_what_nobody_can_vouch_for_is_refused(self, unpriced: Pricing) -> None:
        with pytest.raises(RateError):
            unpriced.quote("XMR", NOW)
