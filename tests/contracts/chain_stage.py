"""What the chains' contract needs from a network: somewhere to pay, to mine, and to take blocks back."""

from __future__ import annotations

from typing import Any, Protocol

from payout.asset import Asset
from payout.ports import Chain


class Stage(Protocol):
    """One network and one asset on it. Payments are in no block before `mine` only where the network has a pool."""

    asset: Asset
    unit: int
    """A sensible amount, above any dust limit."""
    deep: int
    """Blocks on top that make a payment final."""
    finds: bool
    """Payments can be searched for by their destination."""
    pools: bool
    """A payment can be seen before it is in a block."""
    batches: bool
    """One transaction can make several payments."""
    apart: bool
    """Several of them to one address can be told apart."""

    def address(self) -> str: ...

    def absent(self) -> str:
        """The id of a transaction that nobody ever made."""
        ...

    def pay(self, *payments: tuple[str, int]) -> str:
        """One transaction that makes these payments; its id."""
        ...

    def mine(self, n: int = 1) -> None: ...

    def reorg(self, depth: int) -> None:
        """Other blocks without any transaction take the place of the last ones."""
        ...

    def again(self, txid: str) -> None:
        """A transaction that a reorganisation dropped is mined after all, in another block."""
        ...

    def chain(self, **changes: Any) -> Chain:
        """A reader of it; `changes` are members of its Node."""
        ...

    def down(self) -> None: ...

    def up(self) -> None: ...
