"""CoinGecko: unknown coins are left out, and the key goes where nobody logs it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adapters.http import HttpClient
from adapters.rates.coingecko import CoinGecko, key_headers
from payout.errors import SourceFailed
from tests.adapters.rates.sources import told
from tests.adapters.raw_server import RawServer, answering
from tests.clock import HandClock
from tests.contracts.rate_source import RateSourceContract

SYMBOLS = {"XMR": "monero", "BTC": "bitcoin"}
BODY = '{"monero":{"usd":331.3358936566,"last_updated_at":1795348800}}'


class TestCoinGecko(RateSourceContract):
    make = CoinGecko


def test_the_price_is_exact_and_the_time_its_own() -> None:
    with told(CoinGecko, SYMBOLS, BODY) as source:
        (sample,) = source.fetch(frozenset({"XMR", "BTC"}))

    assert sample.price == Decimal("331.3358936566")
    assert sample.as_of == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert (sample.bid, sample.ask) == (None, None)


@pytest.mark.parametrize(
    ("url", "header"),
    [
        ("https://api.coingecko.com/api/v3", b"x-cg-demo-api-key"),
        ("https://pro-api.coingecko.com/api/v3", b"x-cg-pro-api-key"),
    ],
)
def test_the_key_travels_in_the_header_of_its_kind_and_not_in_the_address(url: str, header: bytes) -> None:
    with RawServer(answering("200 OK", BODY.encode())) as server:
        http = HttpClient(server.url, name="coingecko", headers=key_headers(url, "c4nary"))
        CoinGecko(http, SYMBOLS, HandClock()).fetch(frozenset({"XMR"}))

    head, _, headers = server.requests[0].partition(b"\r\n")
    assert header + b": c4nary" in headers
    assert b"c4nary" not in head
    assert key_headers(url, None) == {}


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        ("429 No", '{"status":{"error_code":429,"error_message":"slow down"}}', "429.*slow down"),
        ("401 No", '{"error":{"status":{"error_code":10002}}}', "401.*10002"),
        ("404 No", '{"error":"coin not found"}', "coin not found"),
        ("200 OK", '{"error":"coin not found"}', "coin not found"),
        ("200 OK", '{"status":{"error_code":10005}}', "10005"),
        ("200 OK", "{}", "knows none of monero"),
        ("200 OK", '{"monero":{}}', "knows none of monero"),
        ("200 OK", '{"monero":{"usd":null,"last_updated_at":1795348800}}', "has no usd"),
        ("200 OK", '{"monero":{"usd":331}}', "has no last_updated_at"),
        ("200 OK", '{"monero":{"usd":331,"last_updated_at":1795348800000}}', "this century"),
        ("200 OK", '{"monero":{"usd":331,"last_updated_at":-5}}', "this century"),
        ("200 OK", '{"monero":{"usd":331,"last_updated_at":1.5}}', "not a Unix time"),
        ("200 OK", '{"monero":{"usd":331,"last_updated_at":true}}', "not a Unix time"),
        ("200 OK", '{"monero":{"usd":"331,5","last_updated_at":1795348800}}', "not a number"),
        ("200 OK", '{"monero":331}', "is not an object"),
    ],
)
def test_each_answer_without_a_price_says_what_is_wrong(status: str, body: str, words: str) -> None:
    with (
        told(CoinGecko, SYMBOLS, body, status) as source,
        pytest.raises(SourceFailed, match=words),
    ):
        source.fetch(frozenset({"XMR"}))
