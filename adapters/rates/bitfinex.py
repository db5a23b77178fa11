"""
Bitfinex v2 tickers.

An answer is a list of rows, and so is an error: ["error", code, text]. Unknown symbols are left
out. It gives no time: bid and ask are of the moment of the answer. USDT is written UST.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from adapters.rates import Feed, number, read, some, symbols_asked, told
from payout.errors import SourceFailed
from payout.quote import Sample

URL: Final = "https://api-pub.bitfinex.com"
PATH: Final = "/v2/tickers"
BID: Final = 1
ASK: Final = 3
LAST_PRICE: Final = 7
ROW_LENGTH: Final = 11


class Bitfinex(Feed):
    """USD pairs, all in one call."""

    name = "bitfinex"

    def fetch(self, asset_codes: frozenset[str]) -> tuple[Sample, ...]:
        asked = symbols_asked(self._symbols, asset_codes)
        if not asked:
            return ()
        rows = _rows(read(self._http, PATH, {"symbols": ",".join(asked.values())}))
        at = self._clock.now()
        found = (self._sample(code, symbol, rows[symbol], at) for code, symbol in asked.items() if symbol in rows)
        return some(self.name, found, asked)

    def _sample(self, code: str, symbol: str, row: list[Any], at: datetime) -> Sample:
        return Sample(
            source=self.name,
            asset_code=code,
            pair=symbol,
            price=number(row[LAST_PRICE], f"bitfinex {symbol} last price"),
            bid=number(row[BID], f"bitfinex {symbol} bid"),
            ask=number(row[ASK], f"bitfinex {symbol} ask"),
            as_of=at,
            received_at=at,
        )


def _rows(body: Any) -> dict[str, list[Any]]:
    """The rows by symbol. Raises SourceFailed for an error, which is a list too."""
    if isinstance(body, dict):
        raise SourceFailed(f"bitfinex: {told(body.get('error'))}")
    if not isinstance(body, list):
        raise SourceFailed("bitfinex: the answer is not a list")
    if body[:1] == ["error"]:
        raise SourceFailed(f"bitfinex: error {told(' '.join(str(each) for each in body[1:]))}")
    rows = {}
    for row in body:
        if not isinstance(row, list) or len(row) < ROW_LENGTH or not isinstance(row[0], str):
            raise SourceFailed("bitfinex: a row of the answer has another form")
        rows[row[0]] = row
    return rows
