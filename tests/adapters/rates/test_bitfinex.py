"""Bitfinex: an answer is a list, and so is an error."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.rates.bitfinex import Bitfinex
from payout.errors import SourceFailed
from tests.adapters.rates.sources import told
from tests.contracts.rate_source import BookContract
from tests.factories import NOW

SYMBOLS = {"XMR": "tXMRUSD"}


class TestBitfinex(BookContract):
    make = Bitfinex
    tells_time = False


def test_the_columns_are_read_by_their_place() -> None:
    body = '[["tXMRUSD",330.9,10,331.1,11,-2,-0.01,331.05,500,340,320]]'
    with told(Bitfinex, SYMBOLS, body) as source:
        (sample,) = source.fetch(frozenset({"XMR"}))

    assert (sample.bid, sample.ask, sample.price) == (
        Decimal("330.9"),
        Decimal("331.1"),
        Decimal("331.05"),
    )
    assert sample.as_of == NOW


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        ("500 No", '["error",10020,"symbol: invalid"]', "10020.*symbol: invalid"),
        ("200 OK", '["error",11010,"ratelimit: error"]', "11010 ratelimit"),
        ("200 OK", '["error",20060,"maintenance"]', "20060 maintenance"),
        ("200 OK", '{"error":"ERR_RATE_LIMIT"}', "ERR_RATE_LIMIT"),
        ("200 OK", "[]", "knows none of tXMRUSD"),
        ("200 OK", '[["tXMRUSD",1,2,3]]', "another form"),
        ("200 OK", "[331.0]", "another form"),
        ("200 OK", '[["tXMRUSD",null,1,1,1,1,1,1,1,1,1]]', "bid is not a number"),
        ("200 OK", "331.0", "is not a list"),
    ],
)
def test_each_answer_without_a_price_says_what_is_wrong(status: str, body: str, words: str) -> None:
    with told(Bitfinex, SYMBOLS, body, status) as source, pytest.raises(SourceFailed, match=words):
        source.fetch(frozenset({"XMR"}))
