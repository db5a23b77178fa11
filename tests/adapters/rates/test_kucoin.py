"""KuCoin: all is well only with its own code and data, and its dollars are tethers."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.rates.kucoin import KuCoin
from payout.errors import SourceFailed
from tests.adapters.rates.sources import told
from tests.contracts.rate_source import BookContract

SYMBOLS = {"XMR": "XMR-USDT"}
DATA = '"price":"331.00","bestBid":"330.9","bestAsk":"331.1"'


class TestKuCoin(BookContract):
    make = KuCoin


def test_the_price_is_in_usdt_and_its_time_in_milliseconds() -> None:
    body = f'{{"code":"200000","data":{{"time":1795348800123,{DATA}}}}}'
    with told(KuCoin, SYMBOLS, body) as source:
        (sample,) = source.fetch(frozenset({"XMR"}))

    assert sample.currency == "USDT"
    assert sample.price == Decimal("331.00")
    assert sample.as_of == datetime(2026, 11, 22, 12, 0, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        ("200 OK", '{"code":"400100","msg":"Bad symbol"}', "400100 Bad symbol"),
        ("200 OK", '{"code":200000,"data":{}}', "error 200000"),
        ("429 No", '{"code":"429000","msg":"Too many"}', "429"),
        ("200 OK", '{"code":"200000","data":null}', "knows none of XMR-USDT"),
        ("200 OK", f'{{"code":"200000","data":{{{DATA}}}}}', "has no time"),
        ("200 OK", f'{{"code":"200000","data":{{"time":"x",{DATA}}}}}', "not a Unix time"),
        ("200 OK", '{"code":"200000","data":{"time":1795348800123,"price":"1"}}', "no bestBid"),
        ("200 OK", '{"code":"200000","data":[]}', "is not an object"),
    ],
)
def test_each_answer_without_a_price_says_what_is_wrong(status: str, body: str, words: str) -> None:
    with told(KuCoin, SYMBOLS, body, status) as source, pytest.raises(SourceFailed, match=words):
        source.fetch(frozenset({"XMR"}))
