"""What every client is made of: its name, its calls, and what its processor's lists said last."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from adapters.processors.base.access import Access
from adapters.processors.base.answer import Answer, pays, same_address
from adapters.processors.base.calls import Calls
from adapters.processors.base.listing import Contracts, Entry, Listed, Listing, Words, same_contract, survey
from adapters.processors.base.pace import Pace
from payout.asset import XMR, Asset
from payout.errors import OrderRefused, ProcessorGarbled
from payout.money import Money
from payout.order import Order, Said
from payout.ports import Clock
from payout.swaps.offer import Offer

FIND_BEFORE: Final = timedelta(minutes=2)
"""How far its clock may be behind ours when an order is looked for by its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How a processor shows an order in a list: the field of its time, its destination, and the whole of it."""

    made: str
    address: Callable[[Answer], str | None]
    said: Callable[[Answer, Asset], Said]


class Client(ABC):
    """
    The part of the port that is the same for all.

    A subclass gives `entries` and `words`, and the calls. The lists are replaced whole, so that threads which quote
    while they are read see the old or the new ones.
    """

    decimals_max: ClassVar[int] = 8
    """More than eight decimals are not safe to ask for at any of them, whatever the coin has."""
    pace: ClassVar[Pace]

    def __init__(self, access: Access, contracts: Contracts, clock: Clock, headers: Mapping[str, str]) -> None:
        self._calls = Calls(access, headers, self.pace)
        self._access = access
        self._contracts = dict(contracts)
        self._clock = clock
        self._listing: Listing = {}

    @property
    def name(self) -> str:
        return self._access.name

    @abstractmethod
    def entries(self) -> Iterable[Entry]:
        """Its whole list of coins, as it is now. Raises as every call of the port."""

    @abstractmethod
    def words(self, key: tuple[str, str]) -> Words | None:
        """How it writes this asset, or None where its documents have no word for the network."""

    def refresh(self) -> None:
        self._listing = survey(self.name, self.entries(), self._contracts, self.words)

    def refusal(self, asset: Asset) -> str | None:
        if not self._listing:
            return f"the lists of {self.name} were not read yet"
        if self._listing[XMR.key].refusal is not None:
            return self._listing[XMR.key].refusal
        listed = self._listing.get(asset.key)
        if listed is None:
            return f"{asset.code} on {asset.network} is not configured to be paid at {self.name}"
        return listed.refusal

    def memo_needed(self, asset: Asset) -> bool:
        listed = self._listing.get(asset.key)
        return listed is not None and listed.memo_needed

    def hint(self, headers: Mapping[str, str], body: bytes) -> str | None:  # noqa: ARG002  (the port's)
        """No webhook: its documents have none."""
        return None

    def _route(self, receive: Money) -> tuple[Listed, Listed, str]:
        """Monero and the asset in its words, and the amount; raises OrderRefused before anything is asked."""
        why = self.refusal(receive.asset)
        if why is not None:
            raise OrderRefused(why)
        amount = str(receive)
        if receive.units <= 0 or len(amount.partition(".")[2]) > self.decimals_max:
            raise OrderRefused(
                f"{self.name} takes amounts above zero with at most {self.decimals_max} decimals, not {amount}"
            )
        return self._listing[XMR.key], self._listing[receive.asset.key], amount

    def _fits(self, order: Order, offer: Offer) -> None:
        """Raises OrderRefused, before anything is asked, where this is no offer for this order."""
        if offer.processor != self.name or offer.receive != order.receive:
            raise OrderRefused(f"the offer is not one of {self.name} for {order.receive} {order.receive.asset.code}")

    @staticmethod
    def _found(rows: Iterable[Answer], order: Order, since: datetime, shown: Shown) -> tuple[Said, ...]:
        """Those of our own listed orders that pay just what this one does, and are not too old."""
        found = []
        for row in rows:
            # A row of another asset cannot be read as this one, and is not it.
            with contextlib.suppress(ProcessorGarbled):
                made = row.maybe_moment(shown.made)
                recent = made is None or made >= since - FIND_BEFORE
                if recent and same_address(shown.address(row), order.destination):
                    found.append(shown.said(row, order.receive.asset))
        return tuple(said for said in found if pays(said, order))

    def _payable(self, said: Said) -> Said:
        """The same; raises ProcessorGarbled where a new order lacks what it takes to fund it."""
        needed = ("deposit_address", "deposit", "destination", "receive")
        lacking = [field.replace("_", " ") for field in needed if getattr(said, field) is None]
        if lacking:
            raise ProcessorGarbled(f"{self.name}: order {said.processor_id} has no usable {', '.join(lacking)}")
        return said

    def _words_of(self, asset: Asset) -> Words:
        """As it writes this asset, listed now or not: an order is read to its end whatever the lists say."""
        words = self.words(asset.key)
        if words is None:
            raise ProcessorGarbled(f"{self.name} is not known to pay {asset.code} on {asset.network}")
        return words

    def _right_contract(self, asset: Asset, contract: str | None, what: Answer) -> None:
        """Raises ProcessorGarbled where an answer names a contract, and another than the pinned one."""
        if (
            contract is not None
            and asset.key in self._contracts
            and not same_contract(self._contracts[asset.key], contract)
        ):
            raise ProcessorGarbled(f"{what.what} names another contract than the pinned one of {asset.code}")
