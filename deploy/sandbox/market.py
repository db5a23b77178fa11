"""The prices that the sandbox's rate sources report, and what is wrong with each source.

Prices are Decimal from end to end. A fault changes what one source says, never the market itself.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from deploy.sandbox.rate_protocols import PROTOCOLS, Tick

PRICES = {
    "XMR": "150.00",
    "BTC": "60000.00",
    "ETH": "2500.00",
    "LTC": "80.00",
    "DOGE": "0.12",
    "SOL": "140.00",
    "XRP": "0.55",
    "XLM": "0.11",
    "TRX": "0.16",
    "USDT": "1.0003",
    "USDC": "0.9999",
}
SPREAD = "0.001"
STALE_SECONDS = 900
FUTURE_SECONDS = 600
WIDE_SPREAD = Decimal("0.10")
PRICE_DIGITS = Decimal("0.00000001")

# What the HTTP answer itself suffers.
TRANSPORT_FAULTS = frozenset({"429", "500", "html", "truncated", "hang", "redirect", "error", "down"})
# What happens to the prices inside a well-formed answer.
PRICE_FAULTS = frozenset({"zero", "negative", "nan", "x10", "stale", "future", "missing", "crossed", "wide"})
FAULTS = TRANSPORT_FAULTS | PRICE_FAULTS


@dataclass(slots=True)
class Source:
    """How one source differs from the market."""

    offset: Decimal = Decimal(0)
    spread: Decimal = Decimal(SPREAD)
    age: float = 0.0
    faults: dict[str | None, str] = field(default_factory=dict)
    """Fault by asset; None stands for all assets."""


class Market:
    """Prices and sources, set by tests and commands while the server answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Back to the first prices, all sources sound, nothing counted."""
        with self._lock:
            self.prices = {asset: Decimal(price) for asset, price in PRICES.items()}
            self.sources = {name: Source() for name in PROTOCOLS}
            self.requests: Counter[str] = Counter()

    def set_price(self, asset: str, usd: str | Decimal) -> None:
        try:
            price = Decimal(usd)
        except InvalidOperation:
            price = Decimal("NaN")
        if not price.is_finite() or price <= 0:
            raise ValueError(f"a price is a positive number of USD, not {usd}")
        with self._lock:
            self.prices[asset.upper()] = price

    def source(self, name: str) -> Source:
        if name not in self.sources:
            raise ValueError(f"no source {name}: there are {', '.join(sorted(self.sources))}")
        return self.sources[name]

    def fault(self, name: str, kind: str, asset: str | None = None) -> None:
        """Make a source go wrong, for one asset or for all; "none" mends it again."""
        if kind not in FAULTS | {"none"}:
            raise ValueError(f"no fault {kind}: there are none, {', '.join(sorted(FAULTS))}")
        if asset is not None and kind in TRANSPORT_FAULTS:
            raise ValueError(f"{kind} concerns a whole answer, not one asset")
        faults = self.source(name).faults
        with self._lock:
            faults.pop(asset, None)
            if kind == "none" and asset is None:
                faults.clear()
            elif kind != "none":
                faults[asset] = kind

    def count(self, name: str) -> None:
        with self._lock:
            self.requests[name] += 1

    def transport_fault(self, name: str) -> str | None:
        kind = self.source(name).faults.get(None)
        return kind if kind in TRANSPORT_FAULTS else None

    def tick(self, name: str, asset: str) -> Tick | None:
        """What this source says about this asset; None where it does not trade it."""
        with self._lock:
            source = self.sources[name]
            kind = source.faults.get(asset, source.faults.get(None))
            if asset not in self.prices or kind == "missing":
                return None
            price = self.prices[asset] * (1 + source.offset)
            if name == "kucoin":
                price /= self.prices["USDT"]  # Its pairs are quoted in USDT.
            return _tick(price, source, kind)


def _tick(price: Decimal, source: Source, kind: str | None) -> Tick:
    price *= {"zero": 0, "negative": -1, "x10": 10}.get(kind or "", 1)
    half = price * (WIDE_SPREAD if kind == "wide" else source.spread) / 2
    if kind == "crossed":
        half = -half
    age = {"stale": STALE_SECONDS, "future": -FUTURE_SECONDS}.get(kind or "", source.age)
    at = time.time() - age
    if kind == "nan":
        return Tick(bid="NaN", ask="NaN", last="NaN", at=at)
    return Tick(bid=_text(price - half), ask=_text(price + half), last=_text(price), at=at)


def _text(price: Decimal) -> str:
    return f"{price.quantize(PRICE_DIGITS):f}"
