"""What the sandbox's processor can pay out: coins, their networks and their names.

A contract may be replaced (`Coin.at`) where a test chain carries the token elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal, InvalidOperation

MOST_DECIMALS = 8
"""More decimals than this are refused in every amount that a client sends."""
TINY = Decimal("0.0001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """One asset on one network, by the worker's own names for both."""

    code: str
    network: str
    name: str
    decimals: int
    memo: bool = False
    """Destinations may need one: XRP's tag, Stellar's memo."""
    contract: str | None = None

    @property
    def key(self) -> str:
        return f"{self.code}-{self.network}"

    @property
    def places(self) -> int:
        return min(self.decimals, MOST_DECIMALS)

    def at(self, contract: str) -> Coin:
        return replace(self, contract=contract)

    def units(self, amount: object) -> int:
        """A positive amount in coins, as text or number, in the smallest unit.

        Raises ValueError for anything else, more decimals than the processor takes included.
        """
        try:
            value = Decimal(str(amount))
        except InvalidOperation:
            raise ValueError(f"{amount!r} is not an amount") from None
        if not value.is_finite() or value <= 0:
            raise ValueError(f"{amount!r} is not a positive amount")
        if value != value.quantize(Decimal(1).scaleb(-self.places), rounding=ROUND_DOWN):
            raise ValueError(f"{amount!r} has more than {self.places} decimals")
        return int(value.scaleb(self.decimals))

    def coins(self, units: int) -> Decimal:
        return Decimal(units).scaleb(-self.decimals)


MONERO = Coin(code="XMR", network="monero", name="Monero", decimals=12)

COINS = {
    coin.key: coin
    for coin in (
        Coin(code="BTC", network="bitcoin", name="Bitcoin", decimals=8),
        Coin(code="LTC", network="litecoin", name="Litecoin", decimals=8),
        Coin(code="DOGE", network="dogecoin", name="Dogecoin", decimals=8),
        Coin(code="ETH", network="ethereum", name="Ethereum", decimals=18),
        Coin(code="SOL", network="solana", name="Solana", decimals=9),
        Coin(code="TRX", network="tron", name="Tron", decimals=6),
        Coin(code="XRP", network="ripple", name="XRP", decimals=6, memo=True),
        Coin(code="XLM", network="stellar", name="Stellar Lumens", decimals=7, memo=True),
        Coin(
            code="USDT",
            network="ethereum",
            name="Tether",
            decimals=6,
            contract="0xdAC17F958D2ee523a2206206994597C13D831ec7",
        ),
        Coin(
            code="USDC",
            network="ethereum",
            name="USD Coin",
            decimals=6,
            contract="0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48",
        ),
        Coin(
            code="USDT",
            network="tron",
            name="Tether",
            decimals=6,
            contract="TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        ),
        Coin(
            code="USDC",
            network="solana",
            name="USD Coin",
            decimals=6,
            contract="EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v",
        ),
    )
}
"""Everything that is paid out, by key; Monero alone is taken in."""
