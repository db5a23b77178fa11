"""The coin port: one wallet whose keys we hold, and its node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payout.transfer import Output, Payload, Prepared, Sighting, Traced


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One unspent output of the wallet."""

    key_image: str
    units: int
    unlocked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """What the wallet holds, in the smallest unit."""

    balance: int
    unlocked: int
    holdings: tuple[Holding, ...]
    blocks_to_unlock: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spend:
    """One outgoing transaction that the wallet lists."""

    txid: str
    height: int | None
    """None while it is not mined."""
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One incoming payment to one of our subaddresses."""

    txid: str
    units: int
    height: int | None
    """None while it is not mined."""
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where wallet and node stand: a chain of `tip` blocks on `network`, the wallet of `address` open."""

    tip: int
    network: str
    address: str


class Coin(Protocol):
    """
    A rail whose keys we hold: one wallet and its node.

    No answer of the wallet is evidence; only `look` is. Calls that find the wallet or node out of reach raise
    RailUnavailable, and then nothing was done, save for `relay`, whose effect is never known from its answer.
    """

    def check(self) -> Standing:
        """
        Make the wallet ready: open after a restart, and refreshed.

        Raises:
            RailUnavailable: wallet or node down, or the node is not synchronised.
        """
        ...

    def owns(self, address: str) -> bool:
        """This address is one of our own wallet's."""
        ...

    def alone(self, address: str) -> bool:
        """A transfer to this address can have no other destination (Monero: an integrated address)."""
        ...

    def new_address(self, label: str) -> tuple[str, int]:
        """
        A subaddress that was never given out, and its index; on the wallet's disk when this returns.

        Changes the wallet: under the lease. Raises RailUnavailable.
        """
        ...

    def received(self, index: int) -> tuple[Receipt, ...]:
        """Incoming payments to the subaddress of this index, oldest first. Raises RailUnavailable."""
        ...

    def valid(self, address: str) -> bool:
        """An address of this coin, on the network of its node. Needs no connection."""
        ...

    def funds(self) -> Funds:
        """Balance and outputs. Raises RailUnavailable."""
        ...

    def fee_hint(self) -> int:
        """About what the next full transfer costs, in units. Raises RailUnavailable."""
        ...

    def prepare(self, outputs: Sequence[Output]) -> Prepared:
        """
        Sign a transfer and hold it back.

        Raises:
            RailUnavailable: try again later.
            TransferRefused: this content can never be prepared.
            FundsShort: not enough unlocked money.
            SentTooEarly: it is out; `.prepared` must be committed as sent.
        """
        ...

    def prepare_give_up(self, key_image: str) -> Prepared:
        """
        Sign a transfer that spends exactly this output, to ourselves, and hold it back.

        Raises as `prepare`.
        """
        ...

    def relay(self, payload: Payload) -> None:
        """Hand the bytes to the network through the wallet. Raises nothing: neither answer proves anything."""
        ...

    def resubmit(self, payload: Payload) -> str | None:
        """
        Hand the bytes to the node itself; the words of its refusal if it calls them invalid, else None.

        Raises:
            RailUnavailable: the node did not answer.
        """
        ...

    def look(self, transfers: Sequence[Traced]) -> Mapping[str, Sighting]:
        """
        What the node says about each, by txid; key images are asked for those that it misses.

        Raises:
            RailUnavailable: the node did not answer, or is behind.
        """
        ...

    def inputs(self, txid: str) -> tuple[str, ...]:
        """Key images that a transaction on the chain spends; empty if the node misses it. Raises RailUnavailable."""
        ...

    def spends(self, since_height: int) -> tuple[Spend, ...]:
        """
        The outgoing transactions that the wallet counts: mined from this height on, and unmined ones.

        Those that it calls failed are left out (it has freed their inputs). One listed both mined and unmined was
        relayed after it was mined: `mend` it. Raises RailUnavailable.
        """
        ...

    def prove(self, txid: str, address: str, message: str) -> str:
        """A signature that this transaction paid this address. Raises RailUnavailable."""
        ...

    def mend(self, txid: str) -> None:
        """Let the wallet look at a mined transaction again, after it was told of it twice. Raises RailUnavailable."""
        ...

    def rescan(self) -> None:
        """Let the wallet ask which of its outputs are really spent. Raises RailUnavailable."""
        ...

    def save(self) -> None:
        """Let the wallet write its cache to disk. Raises RailUnavailable."""
        ...
