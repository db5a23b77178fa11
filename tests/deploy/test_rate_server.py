"""Each rate source of the sandbox speaks as the real one does, and goes wrong as told."""

from __future__ import annotations

import http.client
import json
import time
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from deploy.sandbox import RateServer

PATIENCE = 10
XMR_PATHS = {
    "coingecko": "/simple/price?ids=monero&vs_currencies=usd&include_last_updated_at=true",
    "kraken": "/0/public/Ticker?pair=XMRUSD",
    "bitfinex": "/v2/tickers?symbols=tXMRUSD",
    "kucoin": "/api/v1/market/orderbook/level1?symbol=XMR-USDT",
    "coinbase": "/products/BTC-USD/ticker",
}


def get(server: RateServer, source: str, path: str = "") -> requests.Response:
    url = server.base_url(source) + (path or XMR_PATHS[source])
    return requests.get(url, timeout=PATIENCE, allow_redirects=False)


def body(server: RateServer, source: str, path: str = "") -> Any:
    return json.loads(get(server, source, path).text, parse_float=Decimal)


def price(server: RateServer, source: str) -> Decimal:
    """The last price in each protocol's own place."""
    answer = body(server, source)
    match source:
        case "coingecko":
            found = answer["monero"]["usd"]
        case "kraken":
            found = answer["result"]["XXMRZUSD"]["c"][0]
        case "bitfinex":
            found = answer[0][7]
        case "kucoin":
            found = answer["data"]["price"]
        case _:
            found = answer["price"]
    return Decimal(found)


def test_all_xmr_sources_report_the_price_that_was_set(rate_server: RateServer) -> None:
    rate_server.set_price("XMR", "161.25")
    rate_server.set_price("USDT", "1")
    for source in ("coingecko", "kraken", "bitfinex", "kucoin"):
        assert price(rate_server, source) == Decimal("161.25"), source
    assert rate_server.requests == dict.fromkeys(("coingecko", "kraken", "bitfinex", "kucoin"), 1)


def test_kraken_answers_with_the_canonical_pair_whatever_was_asked(rate_server: RateServer) -> None:
    answer = body(rate_server, "kraken", "/0/public/Ticker?pair=XMRUSD,USDTUSD")
    assert set(answer["result"]) == {"XXMRZUSD", "USDTZUSD"}
    assert answer["error"] == []
    ticker = answer["result"]["XXMRZUSD"]
    assert Decimal(ticker["b"][0]) < Decimal(ticker["c"][0]) < Decimal(ticker["a"][0])


def test_kraken_refuses_an_unknown_pair_with_http_200(rate_server: RateServer) -> None:
    reply = get(rate_server, "kraken", "/0/public/Ticker?pair=XMRUSD,NOPE")
    assert reply.status_code == 200
    assert reply.json() == {"error": ["EQuery:Unknown asset pair"]}


def test_coingecko_leaves_unknown_ids_out_and_prints_plain_numbers(rate_server: RateServer) -> None:
    path = "/simple/price?ids=monero,nope,tether&vs_currencies=usd"
    assert body(rate_server, "coingecko", path) == {
        "monero": {"usd": Decimal("150.00")},
        "tether": {"usd": Decimal("1.0003")},
    }


def test_bitfinex_leaves_unknown_symbols_out_and_its_errors_are_lists(
    rate_server: RateServer,
) -> None:
    assert body(rate_server, "bitfinex", "/v2/tickers?symbols=tNOPE") == []
    row = body(rate_server, "bitfinex", "/v2/tickers?symbols=tUSTUSD")[0]
    assert (row[0], len(row)) == ("tUSTUSD", 11)
    single = body(rate_server, "bitfinex", "/v2/ticker/tUSTUSD")
    assert single == row[1:]
    assert body(rate_server, "bitfinex", "/v2/ticker/tNOPE") == [*("error", 10020, "symbol: invalid")]


def test_kucoin_quotes_in_usdt_and_has_no_data_for_an_unknown_symbol(
    rate_server: RateServer,
) -> None:
    rate_server.set_price("XMR", "200")
    rate_server.set_price("USDT", "0.8")
    assert price(rate_server, "kucoin") == 250
    unknown = body(rate_server, "kucoin", "/api/v1/market/orderbook/level1?symbol=XMR-USD")
    assert unknown == {"code": "200000", "data": None}


def test_coinbase_trades_no_xmr_and_wants_to_know_who_asks(rate_server: RateServer) -> None:
    reply = get(rate_server, "coinbase", "/products/XMR-USD/ticker")
    assert (reply.status_code, reply.json()) == (404, {"message": "NotFound"})
    # http.client names no agent of its own accord.
    plain = http.client.HTTPConnection(urlsplit(rate_server.url).netloc, timeout=PATIENCE)
    plain.request("GET", "/coinbase" + XMR_PATHS["coinbase"])
    assert plain.getresponse().status == 400
    plain.close()
    assert get(rate_server, "coinbase").status_code == 200


def test_ages_show_in_each_protocols_own_unit(rate_server: RateServer) -> None:
    now = time.time()
    for source in ("coingecko", "kucoin"):
        rate_server.set_age(source, 1000)
    seconds = body(rate_server, "coingecko")["monero"]["last_updated_at"]
    milliseconds = body(rate_server, "kucoin")["data"]["time"]
    assert now - 1001 <= seconds <= now - 900
    assert (now - 1001) * 1000 <= milliseconds <= (now - 900) * 1000
    assert body(rate_server, "coinbase")["time"].endswith("Z")


def test_an_offset_moves_one_source_only(rate_server: RateServer) -> None:
    rate_server.set_price("XMR", "100")
    rate_server.set_offset("kraken", "0.05")
    assert price(rate_server, "kraken") == 105
    assert price(rate_server, "bitfinex") == 100


@pytest.mark.parametrize(("kind", "status"), [("429", 429), ("500", 500), ("html", 200), ("redirect", 302)])
@pytest.mark.parametrize("source", sorted(XMR_PATHS))
def test_a_transport_fault_shows_in_the_answer(rate_server: RateServer, source: str, kind: str, status: int) -> None:
    rate_server.fault(source, kind)
    reply = get(rate_server, source)
    assert reply.status_code == status
    if kind == "html":
        assert reply.text.startswith("<!DOCTYPE html>")
    rate_server.fault(source, "none")
    assert get(rate_server, source).status_code == 200


@pytest.mark.parametrize("source", sorted(XMR_PATHS))
def test_an_answer_can_break_off_or_never_come(rate_server: RateServer, source: str) -> None:
    rate_server.fault(source, "truncated")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        get(rate_server, source)
    rate_server.fault(source, "down")
    with pytest.raises(requests.ConnectionError):
        get(rate_server, source)
    rate_server.fault(source, "hang")
    with pytest.raises(requests.ReadTimeout):
        requests.get(rate_server.base_url(source) + XMR_PATHS[source], timeout=0.3)


def test_each_source_can_refuse_inside_a_200(rate_server: RateServer) -> None:
    for source in XMR_PATHS:
        rate_server.fault(source, "error")
        reply = get(rate_server, source)
        assert reply.status_code == 200
        assert "150" not in reply.text
        assert "60000" not in reply.text


@pytest.mark.parametrize(("kind", "seen"), [("zero", "0"), ("negative", "-150"), ("x10", "1500"), ("none", "150")])
def test_a_price_can_be_absurd(rate_server: RateServer, kind: str, seen: str) -> None:
    rate_server.fault("kraken", kind)
    assert price(rate_server, "kraken") == Decimal(seen)


def test_a_price_can_be_no_number_missing_crossed_or_wide(rate_server: RateServer) -> None:
    rate_server.fault("kraken", "nan")
    assert price(rate_server, "kraken").is_nan()
    rate_server.fault("kraken", "missing")
    assert body(rate_server, "kraken") == {"error": ["EQuery:Unknown asset pair"]}
    rate_server.fault("kraken", "crossed")
    ticker = body(rate_server, "kraken")["result"]["XXMRZUSD"]
    assert Decimal(ticker["b"][0]) > Decimal(ticker["a"][0])
    rate_server.fault("kraken", "wide")
    ticker = body(rate_server, "kraken")["result"]["XXMRZUSD"]
    assert (Decimal(ticker["a"][0]) - Decimal(ticker["b"][0])) / 150 == Decimal("0.1")


def test_times_can_be_stale_or_from_the_future(rate_server: RateServer) -> None:
    rate_server.fault("coingecko", "stale")
    assert body(rate_server, "coingecko")["monero"]["last_updated_at"] < time.time() - 800
    rate_server.fault("coingecko", "future")
    assert body(rate_server, "coingecko")["monero"]["last_updated_at"] > time.time() + 500


def test_a_fault_can_concern_one_asset(rate_server: RateServer) -> None:
    rate_server.fault("kraken", "zero", asset="USDT")
    answer = body(rate_server, "kraken", "/0/public/Ticker?pair=XMRUSD,USDTUSD")["result"]
    assert Decimal(answer["USDTZUSD"]["c"][0]) == 0
    assert Decimal(answer["XXMRZUSD"]["c"][0]) == 150


def control(server: RateServer, wish: dict[str, Any]) -> requests.Response:
    return requests.post(f"{server.url}/control", json=wish, timeout=PATIENCE)


def test_the_control_endpoint_changes_what_the_sources_say(rate_server: RateServer) -> None:
    assert control(rate_server, {"prices": {"XMR": "99.5"}}).ok
    assert control(rate_server, {"source": "bitfinex", "fault": "x10", "offset": "0.02"}).ok
    assert price(rate_server, "kraken") == Decimal("99.5")
    assert price(rate_server, "bitfinex") == Decimal("1014.9")
    state = requests.get(f"{rate_server.url}/control", timeout=PATIENCE).json()
    assert state["sources"]["bitfinex"]["faults"] == {"all": "x10"}
    assert control(rate_server, {"reset": True}).ok
    assert price(rate_server, "bitfinex") == 150


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({"prices": {"XMR": "-1"}}, "positive"),
        ({"prices": {"XMR": "lots"}}, "positive"),
        ({"prices": {"XMR": "Infinity"}}, "positive"),
        ({"source": "krakn", "fault": "500"}, "kraken"),
        ({"source": "kraken", "fault": "sulking"}, "no fault sulking"),
        ({"source": "kraken", "fault": "500", "asset": "XMR"}, "whole answer"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_in_words(
    rate_server: RateServer, wish: dict[str, Any], word: str
) -> None:
    reply = control(rate_server, wish)
    assert reply.status_code == 400
    assert word in reply.json()["error"]
    assert price(rate_server, "kraken") == 150
