"""Kraken: errors come with status 200, and answers under another name than was asked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adapters.rates.kraken import Kraken
from payout.errors import SourceFailed
from tests.adapters.rates.sources import told
from tests.contracts.rate_source import BookContract
from tests.factories import NOW

SYMBOLS = {"XMR": "XXMRZUSD"}
ROW = '{"a":["331.10","1","1.000"],"b":["330.90","1","1.0"],"c":["331.00","0.4"]}'


class TestKraken(BookContract):
    make = Kraken
    tells_time = False


def test_the_prices_are_the_first_of_each_list_and_the_time_is_ours() -> None:
    with told(Kraken, SYMBOLS, f'{{"error":[],"result":{{"XXMRZUSD":{ROW}}}}}') as source:
        (sample,) = source.fetch(frozenset({"XMR"}))

    assert (sample.price, sample.bid, sample.ask) == (
        Decimal("331.00"),
        Decimal("330.90"),
        Decimal("331.10"),
    )
    assert sample.as_of == sample.received_at == NOW


def test_a_pair_asked_by_its_short_name_is_found_under_its_canonical_one() -> None:
    body = f'{{"error":[],"result":{{"XXMRZUSD":{ROW}}}}}'
    with told(Kraken, {"XMR": "XMRUSD"}, body) as source:
        (sample,) = source.fetch(frozenset({"XMR"}))

    assert sample.price == Decimal("331.00")


def test_a_warning_beside_prices_is_no_failure() -> None:
    body = f'{{"error":["WGeneral:Slow"],"result":{{"XXMRZUSD":{ROW}}}}}'
    with told(Kraken, SYMBOLS, body) as source:
        assert len(source.fetch(frozenset({"XMR"}))) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error":["EService:Unavailable"]}', "EService:Unavailable"),
        ('{"error":["EGeneral:Too many requests"],"result":{}}', "Too many requests"),
        ('{"error":["EQuery:Unknown asset pair"]}', "Unknown asset pair"),
        ('{"result":{}}', "no list of errors"),
        ('{"error":null,"result":{}}', "no list of errors"),
        ('{"error":[]}', "has no result"),
        ('{"error":[],"result":{}}', "knows none of XXMRZUSD"),
        ('{"error":[],"result":{"XXMRZUSD":[]}}', "is not an object"),
        ('{"error":[],"result":{"XXMRZUSD":{"a":["1"],"b":["1"]}}}', "has no c"),
        ('{"error":[],"result":{"XXMRZUSD":{"a":["1"],"b":["1"],"c":[]}}}', "c is not a list"),
        ('{"error":[],"result":{"XXMRZUSD":{"a":["1"],"b":["1"],"c":[true]}}}', "not a number"),
        ('{"error":[],"result":{"XXMRZUSD":{"a":["1"],"b":["1"],"c":["1e99"]}}}', "all sense"),
        ("[]", "is not an object"),
    ],
)
def test_each_answer_without_a_price_says_what_is_wrong(body: str, words: str) -> None:
    with told(Kraken, SYMBOLS, body) as source, pytest.raises(SourceFailed, match=words):
        source.fetch(frozenset({"XMR"}))
