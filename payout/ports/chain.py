"""The chain port: a customer's chain, where an order's settlement is verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from payout.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a customer must have received: at least `amount`, in one payment, not before `since`."""

    destination: str
    memo: str | None
    amount: Money
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One payment to the destination, in the right asset (network, contract) and with the right memo."""

    id: str
    """Unique on its chain: `txid`, `txid:output`, `txid:log`. One arrival settles one order."""
    txid: str
    units: int
    height: int | None
    """Block or slot; None while it is not in one."""
    block: str | None
    """Its hash, to be compared at the next look."""
    depth: int
    """1 in its first block."""
    final: bool
    """By the chain's own word ("finalized"), or by the configured depth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a look showed. `words` says what there is to see when there is no arrival."""

    arrivals: tuple[Arrival, ...] = ()
    words: str = ""


class Chain(Protocol):
    """
    One network, read-only.

    Raises RailUnavailable where its node does not answer, or is behind; then nothing may be concluded.
    """

    @property
    def network(self) -> str:
        """As in `config/assets.toml`: ethereum, bitcoin, tron ..."""
        ...

    def look(self, expected: Expected, txid: str) -> Finding:
        """
        The payments to the destination that this transaction makes, largest first.

        A reverted, missing or other transaction has none; amounts below the expected one are listed all the same.
        """
        ...

    def find(self, expected: Expected) -> Finding:
        """
        Payments of at least the amount to the destination since then, newest first, without knowing a transaction.

        No arrivals, and words that say so, where the chain cannot be asked for that.
        """
        ...
