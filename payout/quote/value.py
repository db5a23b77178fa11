"""
The quote: a rate with every sample behind it and the moment when it stops being fresh.

A quote is evidence. Its id is the digest of all that it says, so a record that was changed
afterwards no longer matches its own id.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from payout.asset import Asset
from payout.canonical import canonical_json
from payout.money import Money, units_for
from payout.quote.sample import Sample, Verdict, plain, utc_text

METHOD: Final = "median-of-agreeing-sources/1"
"""The rules that made the quote. Raise the number when a change could give another rate."""

CLOCK_SLACK: Final = timedelta(seconds=5)
"""A clock that is being disciplined steps back by less than this; more is a clock set back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """`rate` is USD for one whole coin. `samples` are all that were looked at, taken or not."""

    asset_code: str
    rate: Decimal
    samples: tuple[Sample, ...]
    verdicts: tuple[Verdict, ...]
    taken_at: datetime
    expires_at: datetime
    method: str = METHOD

    def is_fresh(self, now: datetime) -> bool:
        """May a payment still be committed at this rate? No, too, when our clock was set back."""
        return self.taken_at - CLOCK_SLACK <= now <= self.expires_at

    def amount_for(self, owed: Money, asset: Asset) -> Money:
        """The units of `asset` that pay `owed` USD, rounded down."""
        if asset.code != self.asset_code:
            raise ValueError(f"a quote for {self.asset_code} cannot price {asset.code}")
        return units_for(owed, self.rate, asset)

    @property
    def id(self) -> str:
        """SHA-256 in hex of the canonical JSON of the content."""
        return hashlib.sha256(canonical_json(self._content()).encode("ascii")).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """The content and its id: strings, None, lists and dicts only."""
        return {"id": self.id, **self._content()}

    def _content(self) -> dict[str, Any]:
        return {
            "asset": self.asset_code,
            "rate": plain(self.rate),
            "samples": [sample.to_json() for sample in self.samples],
            "verdicts": [verdict.to_json() for verdict in self.verdicts],
            "taken_at": utc_text(self.taken_at),
            "expires_at": utc_text(self.expires_at),
            "method": self.method,
        }

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> Quote:
        """
        The quote that `to_json` wrote.

        Raises:
            ValueError: The record does not match its id: somebody changed it.
        """
        quote = cls(
            asset_code=body["asset"],
            rate=Decimal(body["rate"]),
            samples=tuple(Sample.from_json(each) for each in body["samples"]),
            verdicts=tuple(Verdict.from_json(each) for each in body["verdicts"]),
            taken_at=datetime.fromisoformat(body["taken_at"]),
            expires_at=datetime.fromisoformat(body["expires_at"]),
            method=body["method"],
        )
        if quote.id != body["id"]:
            raise ValueError(f"quote {body['id']} does not match its content: it was changed")
        return quote
