"""
KuCoin's best bid and ask, with a time in milliseconds.

Its pairs are in USDT, which is not USD: a sample says so in `currency` and is converted with the
rate of USDT, never taken one to one. All is well only with code "200000" and data.
"""

from __future__ import annotations

from typing import Final

from adapters.rates import Feed, field, mapping, moment, number, one_by_one, read, symbols_asked, told
from payout.errors import SourceFailed
from payout.quote import Sample

URL: Final = "https://api.kucoin.com"
PATH: Final = "/api/v1/market/orderbook/level1"
FINE: Final = "200000"


class KuCoin(Feed):
    """One call a pair. A symbol such as XMR-USDT tells the currency."""

    name = "kucoin"

    def fetch(self, asset_codes: frozenset[str]) -> tuple[Sample, ...]:
        asked = symbols_asked(self._symbols, asset_codes)
        return one_by_one(self.name, asked, self._sample)

    def _sample(self, code: str, symbol: str) -> Sample | None:
        """None where KuCoin does not know the symbol: it then answers well, but with null."""
        what = f"kucoin {symbol}"
        body = mapping(read(self._http, PATH, {"symbol": symbol}), what)
        at = self._clock.now()
        if body.get("code") != FINE:
            fault = f"{body.get('code')} {body.get('msg')}"
            raise SourceFailed(f"{what}: error {told(fault)}")
        if body.get("data") is None:
            return None
        data = mapping(body["data"], what)
        return Sample(
            source=self.name,
            asset_code=code,
            pair=symbol,
            currency=symbol.rpartition("-")[2],
            price=number(field(data, "price", what), f"{what} price"),
            bid=number(field(data, "bestBid", what), f"{what} bestBid"),
            ask=number(field(data, "bestAsk", what), f"{what} bestAsk"),
            as_of=moment(field(data, "time", what), f"{what} time", per_second=1000),
            received_at=at,
        )
