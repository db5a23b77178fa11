"""
Kraken's public ticker.

Errors come with status 200 in `error`. The answer's keys are the canonical pair names whatever was
asked, so the configuration holds those (XXMRZUSD, not XMRUSD). It gives no time: bid and ask
are of the moment of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from adapters.rates import Feed, field, mapping, number, one_by_one, read, some, symbols_asked, told
from payout.errors import SourceFailed
from payout.quote import Sample

URL: Final = "https://api.kraken.com"
PATH: Final = "/0/public/Ticker"


class _UnknownPair(Exception):
    """Among several pairs, one that Kraken does not know. Never leaves this file."""


class Kraken(Feed):
    """USD pairs, all in one call. Kraken allows about one call a second."""

    name = "kraken"

    def fetch(self, asset_codes: frozenset[str]) -> tuple[Sample, ...]:
        asked = symbols_asked(self._symbols, asset_codes)
        if not asked:
            return ()
        try:
            return self._together(asked)
        except _UnknownPair:
            # One pair that Kraken has dropped spoils the answer for all.
            return one_by_one(self.name, asked, self._alone)

    def _alone(self, code: str, pair: str) -> Sample:
        return self._together({code: pair})[0]

    def _together(self, asked: Mapping[str, str]) -> tuple[Sample, ...]:
        result = self._tickers(asked)
        at = self._clock.now()
        if len(asked) == len(result) == 1:
            # Asked by a short name, it still answers under the canonical one.
            result = dict(zip(asked.values(), result.values(), strict=True))
        found = (self._sample(code, pair, result[pair], at) for code, pair in asked.items() if pair in result)
        return some(self.name, found, asked)

    def _tickers(self, asked: Mapping[str, str]) -> Mapping[str, Any]:
        answer = read(self._http, PATH, {"pair": ",".join(asked.values())})
        body = mapping(answer, "kraken: the answer")
        errors = body.get("error")
        # A list of texts <E|W><category>:<text>; those with W are warnings beside a good answer.
        if not isinstance(errors, list):
            raise SourceFailed("kraken: the answer has no list of errors")
        faults = [str(each) for each in errors if not str(each).startswith("W")]
        if faults:
            if len(asked) > 1 and "asset pair" in faults[0]:
                raise _UnknownPair
            raise SourceFailed(f"kraken: {told('; '.join(faults))}")
        return mapping(field(body, "result", "kraken: the answer"), "kraken: the result")

    def _sample(self, code: str, pair: str, raw: Any, at: datetime) -> Sample:
        ticker = mapping(raw, f"kraken {pair}")
        return Sample(
            source=self.name,
            asset_code=code,
            pair=pair,
            price=self._first(ticker, "c", pair),  # The last trade.
            bid=self._first(ticker, "b", pair),
            ask=self._first(ticker, "a", pair),
            as_of=at,
            received_at=at,
        )

    def _first(self, ticker: Mapping[str, Any], key: str, pair: str) -> Any:
        values = field(ticker, key, f"kraken {pair}")
        if not isinstance(values, list) or not values:
            raise SourceFailed(f"kraken {pair}: {key} is not a list")
        return number(values[0], f"kraken {pair} {key}")
