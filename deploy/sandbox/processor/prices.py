"""The processor's own prices: what it asks in Monero for what a customer receives.

All rounding is against the client: deposits up, what is received down.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal, InvalidOperation

from deploy.sandbox.market import PRICES
from deploy.sandbox.processor.coin import MONERO, Coin

SPREAD = Decimal("0.01")
FEE_USD = Decimal("0.25")
LEAST_USD = Decimal(2)
MOST_USD = Decimal(5000)


class Prices:
    """USD prices, and what each processor adds to them."""

    def __init__(self) -> None:
        self.usd = {code: Decimal(price) for code, price in PRICES.items()}
        self.spreads: dict[str, Decimal] = {}
        self.fee_usd = FEE_USD
        self.least_usd = LEAST_USD
        self.most_usd = MOST_USD

    def set_price(self, code: str, usd: str | Decimal) -> None:
        try:
            price = Decimal(usd)
        except InvalidOperation:
            price = Decimal("NaN")
        if not price.is_finite() or price <= 0:
            raise ValueError(f"a price is a positive number of USD, not {usd}")
        self.usd[code.upper()] = price

    def set_spread(self, processor: str, fraction: str | Decimal) -> None:
        """How much dearer than the market: "0.03" is 3 %."""
        self.spreads[processor] = Decimal(fraction)

    def deposit(self, processor: str, coin: Coin, receive: int) -> int:
        """Piconero for so many units received."""
        worth = coin.coins(receive) * self.usd[coin.code] * (1 + self._spread(processor)) + self.fee_usd
        return _units(worth / self.usd[MONERO.code], MONERO, ROUND_UP)

    def receive(self, processor: str, coin: Coin, deposit: int) -> int:
        """Units received for so much piconero; not below zero."""
        worth = MONERO.coins(deposit) * self.usd[MONERO.code] - self.fee_usd
        coins = max(worth, Decimal(0)) / (1 + self._spread(processor)) / self.usd[coin.code]
        return _units(coins, coin, ROUND_DOWN)

    def bounds(self, coin: Coin) -> tuple[int, int]:
        """The least and the most of a coin that is exchanged at once, in its units."""
        price = self.usd[coin.code]
        return _units(self.least_usd / price, coin, ROUND_UP), _units(self.most_usd / price, coin, ROUND_DOWN)

    def rate(self, processor: str, coin: Coin) -> Decimal:
        """How many coins one XMR buys, before the fixed fee."""
        bought = self.usd[MONERO.code] / self.usd[coin.code] / (1 + self._spread(processor))
        return bought.quantize(Decimal(1).scaleb(-8))

    def _spread(self, processor: str) -> Decimal:
        return self.spreads.get(processor, SPREAD)


def _units(coins: Decimal, coin: Coin, rounding: str) -> int:
    """At most eight decimals, as processors give their amounts."""
    return int(coins.quantize(Decimal(1).scaleb(-coin.places), rounding=rounding).scaleb(coin.decimals))
