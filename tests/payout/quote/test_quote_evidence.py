"""A quote as evidence: kept whole, bound to its id, and for one asset."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from payout.asset import USD, XMR, Asset
from payout.money import Money
from payout.quote import Quote, QuoteRules, Sample, combine
from tests.payout.quote.quote_factories import NOW, make_sample


def quote(*samples: Sample) -> Quote:
    return combine("XMR", samples, NOW, QuoteRules())


def test_a_quote_survives_json_and_its_id_is_that_of_its_content() -> None:
    made = quote(
        make_sample("a", "330.10", bid="330", ask="331"),
        make_sample("k", "330", currency="USDT"),
        make_sample("a", "0.999", code="USDT"),
        make_sample("b", "0.997", code="USDT"),
        make_sample("c", "900"),
    )

    again = Quote.from_json(made.to_json())

    assert again == made
    assert again.id == made.id
    assert len(made.id) == 64


@pytest.mark.parametrize(("key", "value"), [("rate", "331"), ("asset", "BTC"), ("method", "x")])
def test_a_quote_that_was_changed_on_record_is_refused(key: str, value: str) -> None:
    body = quote(make_sample("a", "330"), make_sample("b", "330")).to_json()

    with pytest.raises(ValueError, match="does not match its content"):
        Quote.from_json({**body, key: value})


def test_a_quote_prices_only_its_own_asset() -> None:
    made = quote(make_sample("a", "150"), make_sample("b", "150"))

    assert made.amount_for(Money(2500, USD), XMR) == Money(166_666_666_666, XMR)
    with pytest.raises(ValueError, match="cannot price BTC"):
        made.amount_for(Money(1, USD), Asset(code="BTC", network="bitcoin", decimals=8))


@pytest.mark.parametrize("price", ["NaN", "Infinity", "1e19", "1e-19", "1" * 41])
def test_a_number_beyond_all_sense_never_becomes_a_sample(price: str) -> None:
    with pytest.raises(ValueError, match="no sane number"):
        make_sample("a", price)


def test_a_time_without_zone_never_becomes_a_sample() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001

    with pytest.raises(ValueError, match="must be in UTC"):
        replace(make_sample("a", "1"), as_of=naive)
