"""Coinbase: no Monero, and the time is that of its last trade."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.rates.coinbase import Coinbase
from config.assets import load_assets
from payout.errors import SourceFailed
from tests.adapters.rates.sources import told
from tests.contracts.rate_source import BookContract

SYMBOLS = {"BTC": "BTC-USD"}
PRICES = '"price":"60000.01","bid":"60000","ask":"60000.02"'


class TestCoinbase(BookContract):
    make = Coinbase
    coin = "BTC"
    other = "LTC"


def test_it_is_not_asked_for_monero() -> None:
    assert "XMR" not in load_assets().symbols("coinbase")


def test_the_time_is_read_with_its_zone() -> None:
    with told(Coinbase, SYMBOLS, f'{{{PRICES},"time":"2026-11-22T13:00:00.5+01:00"}}') as source:
        (sample,) = source.fetch(frozenset({"BTC"}))

    assert sample.price == Decimal("60000.01")
    assert sample.as_of == datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        ("404 No", '{"message":"NotFound"}', "knows none of BTC-USD"),
        ("400 No", '{"message":"bad product"}', "bad product"),
        ("429 No", '{"message":"limit"}', "limit"),
        ("200 OK", '{"message":"Service unavailable"}', "Service unavailable"),
        ("200 OK", f"{{{PRICES}}}", "has no time"),
        ("200 OK", f'{{{PRICES},"time":"yesterday"}}', "not a time"),
        ("200 OK", f'{{{PRICES},"time":"2026-11-22T13:00:00"}}', "has no zone"),
        ("200 OK", f'{{{PRICES},"time":5}}', "not a time"),
        ("200 OK", '{"price":"","bid":"1","ask":"1","time":"2026-11-22T13:00:00Z"}', "not a numb"),
        ("200 OK", "[]", "is not an object"),
    ],
)
def test_each_answer_without_a_price_says_what_is_wrong(status: str, body: str, words: str) -> None:
    with told(Coinbase, SYMBOLS, body, status) as source, pytest.raises(SourceFailed, match=words):
        source.fetch(frozenset({"BTC"}))
