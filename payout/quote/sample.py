"""
Samples: what one source said about one coin, and what was made of it.

A sample is kept as it came. A price in USDT stays in USDT until `consensus` converts it, and the
legs that it was converted through stay with it as evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from payout.asset import USD

DIGITS_MAX: Final = 40
MAGNITUDE_MAX: Final = 18
"""No coin costs 10**19 dollars or less than 10**-18: beyond this it is an error or an attack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """
    One price of one coin at one source.

    `pair` is the source's own name for the market. `price`, `bid` and `ask` are in `currency` a
    coin. `as_of` is the source's time of the price, or `received_at` where it tells none. `via` is
    None until a price in another currency has been converted: then it holds the samples of that
    currency whose median was used.
    """

    source: str
    asset_code: str
    pair: str
    price: Decimal
    as_of: datetime
    received_at: datetime
    bid: Decimal | None = None
    ask: Decimal | None = None
    currency: str = USD.code
    via: tuple[Sample, ...] | None = None

    def __post_init__(self) -> None:
        if self.as_of.utcoffset() != timedelta(0) or self.received_at.utcoffset() != timedelta(0):
            raise ValueError(f"{self.source} {self.pair}: the times of a sample must be in UTC")
        for number in (self.price, self.bid, self.ask):
            if number is not None and not is_sane(number):
                raise ValueError(f"{self.source} {self.pair}: a price is no sane number")

    @property
    def held_at(self) -> datetime:
        """When the price was surely true: a source's clock ahead of ours must not keep it young."""
        times = [min(leg.as_of, leg.received_at) for leg in self.via or ()]
        return min(self.as_of, self.received_at, *times)

    def to_json(self) -> dict[str, Any]:
        """Strings, None and lists only, so that the digest of a quote is the same everywhere."""
        return {
            "source": self.source,
            "asset": self.asset_code,
            "pair": self.pair,
            "price": plain(self.price),
            "bid": None if self.bid is None else plain(self.bid),
            "ask": None if self.ask is None else plain(self.ask),
            "currency": self.currency,
            "as_of": utc_text(self.as_of),
            "received_at": utc_text(self.received_at),
            "via": None if self.via is None else [leg.to_json() for leg in self.via],
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Sample:
        via = body["via"]
        return cls(
            source=body["source"],
            asset_code=body["asset"],
            pair=body["pair"],
            price=Decimal(body["price"]),
            bid=None if body["bid"] is None else Decimal(body["bid"]),
            ask=None if body["ask"] is None else Decimal(body["ask"]),
            currency=body["currency"],
            as_of=datetime.fromisoformat(body["as_of"]),
            received_at=datetime.fromisoformat(body["received_at"]),
            via=None if via is None else tuple(cls.from_json(leg) for leg in via),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What was made of one source, in words for a person.

    `price` is in USD and `age_seconds` whole; both are None where the source gave nothing usable.
    `why` is never empty: for a taken sample it says how it was taken.
    """

    source: str
    pair: str | None = None
    price: Decimal | None = None
    age_seconds: int | None = None
    taken: bool = False
    why: str

    def to_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "pair": self.pair,
            "price": None if self.price is None else plain(self.price),
            "age_seconds": None if self.age_seconds is None else str(self.age_seconds),
            "taken": "yes" if self.taken else "no",
            "why": self.why,
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Verdict:
        age = body["age_seconds"]
        return cls(
            source=body["source"],
            pair=body["pair"],
            price=None if body["price"] is None else Decimal(body["price"]),
            age_seconds=None if age is None else int(age),
            taken=body["taken"] == "yes",
            why=body["why"],
        )


def is_sane(number: Decimal) -> bool:
    """Finite, and small enough to be written out: 1e999999 would be a million digits."""
    if not number.is_finite():
        return False
    short = len(number.as_tuple().digits) <= DIGITS_MAX
    return short and abs(number.adjusted()) <= MAGNITUDE_MAX


def plain(number: Decimal) -> str:
    """Digits without an exponent, each as it came: 330.10 stays 330.10."""
    return f"{number:f}"


def utc_text(moment: datetime) -> str:
    """ISO 8601 in UTC to the microsecond, the one spelling that digests are made of."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
