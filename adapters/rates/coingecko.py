"""
CoinGecko's simple price: an average over many markets, with its own time.

Coins that it does not know are silently left out of the answer. Its answer is cached for up to a
minute without a paid key. The key travels in a header, never in the address, which gets logged.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from adapters.rates import Feed, field, mapping, moment, number, read, some, symbols_asked, told
from payout.errors import SourceFailed
from payout.quote import Sample

URL: Final = "https://api.coingecko.com/api/v3"
PRO_HOST: Final = "pro-api.coingecko.com"
PATH: Final = "/simple/price"


def key_headers(url: str, api_key: str | None) -> dict[str, str]:
    """The header for a key. Paid keys only work at the paid address and free ones at the free."""
    if api_key is None:
        return {}
    paid = urlsplit(url).hostname == PRO_HOST
    return {"x-cg-pro-api-key" if paid else "x-cg-demo-api-key": api_key}


class CoinGecko(Feed):
    """USD prices by coin id, all in one call."""

    name = "coingecko"

    def fetch(self, asset_codes: frozenset[str]) -> tuple[Sample, ...]:
        asked = symbols_asked(self._symbols, asset_codes)
        if not asked:
            return ()
        params = {
            "ids": ",".join(asked.values()),
            "vs_currencies": "usd",
            "include_last_updated_at": "true",
            "precision": "full",
        }
        body = mapping(read(self._http, PATH, params), "coingecko: the answer")
        at = self._clock.now()
        fault = body.get("error") or body.get("status")
        if fault:
            raise SourceFailed(f"coingecko: {told(fault)}")
        # A coin without a price now is there, but empty.
        found = (self._sample(code, coin, body[coin], at) for code, coin in asked.items() if body.get(coin))
        return some(self.name, found, asked)

    def _sample(self, code: str, coin: str, raw: Any, at: datetime) -> Sample:
        what = f"coingecko {coin}"
        row = mapping(raw, what)
        return Sample(
            source=self.name,
            asset_code=code,
            pair=coin,
            price=number(field(row, "usd", what), f"{what} usd"),
            as_of=moment(field(row, "last_updated_at", what), f"{what} last_updated_at"),
            received_at=at,
        )
