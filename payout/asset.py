"""
Assets: what an amount is counted in.

An asset is its code on one network: USDT on Tron and USDT on Ethereum are two assets. Never
compare assets by code alone; use `key`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DECIMALS_MAX: Final = 30
FIAT: Final = "fiat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One currency on one network. `decimals` is the power of ten between it and its unit."""

    code: str
    network: str
    decimals: int

    def __post_init__(self) -> None:
        if not self.code or not self.network:
            raise ValueError("an asset needs a code and a network")
        if not 0 <= self.decimals <= DECIMALS_MAX:
            raise ValueError(f"{self.code}: decimals must be 0 to {DECIMALS_MAX}")

    @property
    def key(self) -> tuple[str, str]:
        """What tells this asset from every other."""
        return (self.code, self.network)

    @property
    def is_fiat(self) -> bool:
        """Amounts of fiat are always written with all their decimals: 25.00, never 25."""
        return self.network == FIAT


USD: Final = Asset(code="USD", network=FIAT, decimals=2)
XMR: Final = Asset(code="XMR", network="monero", decimals=12)
