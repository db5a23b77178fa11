"""What the engine needs of a real or a paper chain: taking deposits in, and paying out.

Both halves are small on purpose, so that the engine is the same over paper and over real nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from deploy.sandbox.processor.coin import Coin


class NotNow(Exception):
    """It could not be paid now and was not: no coins are free. The next step tries again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """One payment to a deposit address."""

    txid: str
    units: int
    depth: int
    """0 in the pool, 1 in its first block."""


class Vault(Protocol):
    """The coin that is taken in: Monero."""

    def new_address(self) -> str:
        """A deposit address that was never given out before."""
        ...

    def valid(self, address: str) -> bool: ...

    def deposits(self) -> Mapping[str, list[Deposit]]:
        """All payments so far, by deposit address."""
        ...

    def send_back(self, address: str, units: int) -> str:
        """Pay so much to a return address; the transaction's id. Raises NotNow."""
        ...


class Till(Protocol):
    """One network on which customers are paid."""

    def valid(self, coin: Coin, address: str) -> bool: ...

    def pay(self, coin: Coin, address: str, memo: str | None, units: int) -> str:
        """Pay a customer; the transaction's id. Raises NotNow."""
        ...

    def depth(self, txid: str) -> int:
        """How deep a payout is: 0 while it waits, 1 in its first block."""
        ...
