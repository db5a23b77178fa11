"""
Coinbase Exchange's ticker, with the time of its last trade.

It lists no Monero. It serves for its own coins, and as a leg for USDT.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from adapters.http import Refused
from adapters.rates import Feed, field, mapping, number, one_by_one, read, symbols_asked, told
from payout.errors import SourceFailed
from payout.quote import Sample

URL: Final = "https://api.exchange.coinbase.com"
TEXT_MAX: Final = 40
NOT_FOUND: Final = 404


class Coinbase(Feed):
    """One call a product."""

    name = "coinbase"

    def fetch(self, asset_codes: frozenset[str]) -> tuple[Sample, ...]:
        asked = symbols_asked(self._symbols, asset_codes)
        return one_by_one(self.name, asked, self._sample)

    def _sample(self, code: str, product: str) -> Sample | None:
        """None where Coinbase does not list the product."""
        what = f"coinbase {product}"
        try:
            raw = read(self._http, f"/products/{product}/ticker")
        except SourceFailed as error:
            if _is_unlisted(error.__cause__):
                return None
            raise
        at = self._clock.now()
        body = mapping(raw, what)
        if "message" in body:
            raise SourceFailed(f"{what}: {told(body['message'])}")
        return Sample(
            source=self.name,
            asset_code=code,
            pair=product,
            price=number(field(body, "price", what), f"{what} price"),
            bid=number(field(body, "bid", what), f"{what} bid"),
            ask=number(field(body, "ask", what), f"{what} ask"),
            as_of=_time(field(body, "time", what), f"{what} time"),
            received_at=at,
        )


def _is_unlisted(cause: BaseException | None) -> bool:
    return isinstance(cause, Refused) and cause.status == NOT_FOUND


def _time(value: Any, what: str) -> datetime:
    """ISO 8601 with its zone, or SourceFailed."""
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise SourceFailed(f"{what} is not a time")
    try:
        read_time = datetime.fromisoformat(value)
    except ValueError as error:
        raise SourceFailed(f"{what} is not a time: {value!a}") from error
    if read_time.tzinfo is None:
        raise SourceFailed(f"{what} has no zone: {value!a}")
    return read_time.astimezone(UTC)
