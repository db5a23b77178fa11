"""Rate feeds by name. A new one is a file in adapters/rates/ and a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from adapters.http import HttpClient
from adapters.rates import RateSource as RateFeed
from adapters.rates import bitfinex, coinbase, coingecko, kraken, kucoin
from config.settings import RateSource
from payout.ports import Clock

Maker = Callable[[HttpClient, Mapping[str, str], Clock], RateFeed]

FEEDS: Final[dict[str, tuple[str, Maker]]] = {
    "bitfinex": (bitfinex.URL, bitfinex.Bitfinex),
    "coinbase": (coinbase.URL, coinbase.Coinbase),
    "coingecko": (coingecko.URL, coingecko.CoinGecko),
    "kraken": (kraken.URL, kraken.Kraken),
    "kucoin": (kucoin.URL, kucoin.KuCoin),
}


def make_feed(source: RateSource, symbols: Mapping[str, str], clock: Clock) -> RateFeed:
    """The feed of a configured source, at its own public address unless another is given."""
    public, make = FEEDS[source.name]
    url = source.url or public
    headers = {}
    if source.name == "coingecko":
        key = source.api_key.reveal() if source.api_key else None
        headers = coingecko.key_headers(url, key)
    return make(HttpClient(url, name=source.name, headers=headers), symbols, clock)
