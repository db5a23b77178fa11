"""The sources of rates that there is a feed for, by name. Apart from their feeds, which take long to import."""

from __future__ import annotations

from typing import Final

SOURCES: Final = frozenset({"bitfinex", "coinbase", "coingecko", "kraken", "kucoin"})
