"""The processor port: a service that swaps our coin for another and pays it to a customer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from payout.asset import Asset
    from payout.money import Money
    from payout.order import Order, Said
    from payout.swaps.offer import Offer


class Processor(Protocol):
    """
    One swap processor. Every order is fixed-rate and exact-receive, paid for in Monero.

    Calls keep to the processor's rate limit themselves (they wait for a free slot at most a few seconds) and have a
    deadline in all. Errors of every call: RailUnavailable (nothing was done; later), ProcessorDenied (our key or
    our place is refused: only a person can mend it), ProcessorGarbled (an answer that its protocol does not have).
    """

    @property
    def name(self) -> str:
        """As configured under `[processors]`."""
        ...

    @property
    def decimals_max(self) -> int:
        """The most decimals that it takes in an amount to be received."""
        ...

    def refresh(self) -> None:
        """Read its live lists of coins; before the first time it lists nothing. Raises as every call."""
        ...

    def refusal(self, asset: Asset) -> str | None:
        """
        Why this asset cannot be had here, by its lists: not listed, listed with another contract, switched off.

        None: it can. Asks nothing.
        """
        ...

    def memo_needed(self, asset: Asset) -> bool:
        """Its lists say that destinations of this asset need a memo. Asks nothing."""
        ...

    def quote(self, receive: Money) -> Offer:
        """
        What so much of an asset costs in Monero, at a fixed rate.

        Raises:
            AmountOutOfRange: too little or too much for it; with its bounds, in `receive`'s asset where it says so.
            OrderRefused: it does not want this pair now.
        """
        ...

    def create(self, order: Order, offer: Offer) -> Said:
        """
        Make the order. Sent exactly once, on a fresh connection, without redirects.

        Raises:
            OrderRefused, AmountOutOfRange: a definite no; nothing was made.
            RailUnavailable: it never left; nothing was made.
            OrderUnknown: the answer was lost or cannot be read: it may have been made. Never call again; `find`.
        """
        ...

    def read(self, processor_id: str, secret: str | None, asset: Asset) -> Said:
        """
        What it says of an order now; `asset` is what the customer is to get.

        Raises:
            OrderMissing: it does not know the order (any more).
        """
        ...

    def find(self, order: Order, since: datetime) -> tuple[Said, ...]:
        """
        Orders that may be this one, after a lost answer. Empty: none, or it has no way to look.

        Only those are named that pay this destination exactly this amount.
        """
        ...

    def hint(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """
        The processor_id that a webhook speaks of, where it is genuine; else None.

        It only ever means "look now": nothing else of it is read.
        """
        ...
