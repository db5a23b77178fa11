"""Amounts of the demo's coins: decimals, text to the smallest unit, and back."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

DECIMALS: Final = {"XMR": 12, "ETH": 18, "USDT": 6, "BTC": 8}
XMR_DECIMALS: Final = DECIMALS["XMR"]
PLACES_SWAPPED: Final = 8
"""Processors take no more decimals than these."""


def places(asset: str) -> int:
    """Decimals that a refund in this coin can have."""
    return DECIMALS[asset] if asset == "XMR" else min(DECIMALS[asset], PLACES_SWAPPED)


def units_of(text: str, decimals: int) -> int:
    """From coins as they are written."""
    return int(Decimal(text).scaleb(decimals))


def coins(units: int, asset: str = "XMR") -> str:
    """As coins, with all decimals that a refund can have, and more only where there are more."""
    decimals = DECIMALS[asset]
    sign = "-" if units < 0 else ""
    whole, part = divmod(abs(units), 10**decimals)
    digits = f"{part:0{decimals}d}"
    kept = digits[: places(asset)] + digits[places(asset) :].rstrip("0")
    return f"{sign}{whole}.{kept}"
