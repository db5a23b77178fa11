"""
Customers' chains: what settles an order is seen there, by nodes that we only read.

`ChainReader` is what all kinds share: nothing is said about a payment before the node has shown that it is on the
right chain and not behind, and nothing is called final that is not in a block of the chain as it stands now. The
kinds (`evm`, `esplora`, `bitcoind`, `tron`, `solana`) only translate.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from adapters.http import HttpClient, HttpFailed, Timeouts
from adapters.http.json_rpc import RpcSaid
from adapters.http.shape import Garbled
from payout.asset import Asset
from payout.errors import RailUnavailable
from payout.ports import Arrival, Clock, Expected, Finding
from payout.text import spoken

CANDIDATES_MAX: Final = 20
"""Transactions that one search reads, newest first."""

BODY_BYTES_MAX: Final = 32_000_000
"""A full block with its transactions stays below this on every network here."""

OWN: Final = "transaction {} was made by the destination itself, so it is no payment to it"
HASH: Final = re.compile(r"[0-9a-f]{64}")
TIP_AGE_MAX: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node of one network: where it is, and what it must be."""

    network: str
    """As in `config/assets.toml`."""
    tokens: Mapping[Asset, str | None]
    """What it is asked about, with the contract or mint of each; None for the network's own coin."""
    url: str = field(repr=False)
    """Part of its path may be a key, so it is never shown."""
    identity: str
    """The chain's id in decimal (EVM), or the hash of its first block."""
    depth: int | None = None
    """Blocks until a payment is final, 1 in its first; None: by the chain's own word."""
    tip_age_max: timedelta | None = TIP_AGE_MAX
    """With no newer block than that the node is behind; None: never."""
    login: str | None = field(default=None, repr=False)
    """user:password"""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    timeouts: Timeouts = field(default_factory=lambda: Timeouts(connect=3, read=10, total=20))

    def __post_init__(self) -> None:
        if not self.tokens:
            raise ValueError(f"no asset of {self.network} is configured")
        if any(asset.network != self.network for asset in self.tokens):
            raise ValueError(f"an asset of another network is configured for {self.network}")
        if self.depth is not None and self.depth < 1:
            raise ValueError(f"confirmations of {self.network} must be 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tip:
    """The newest block that the node has."""

    height: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment to the destination within a transaction; `mark` tells it from the others in there."""

    mark: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What a node shows of one transaction, as far as it concerns one destination and asset."""

    txid: str
    payments: tuple[Payment, ...] = ()
    words: str = ""
    """Why there are none."""
    height: int | None = None
    block: str | None = None
    """Compared with the chain's own block at that height."""
    at: datetime | None = None
    final: bool = False
    """By the chain's own word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Transactions that may pay a destination, newest first; `words` says what the search did not cover."""

    txids: tuple[str, ...] = ()
    words: str = ""


class ChainReader(ABC):
    """The port `Chain`, save for what a kind of node speaks. Opens no connection before it is asked something."""

    memos: ClassVar[bool] = False
    """Can a payment carry a memo there?"""
    slack: ClassVar[timedelta] = timedelta(minutes=2)
    """How far a block's time may lie before the true time."""

    def __init__(self, node: Node, clock: Clock) -> None:
        self._node = node
        self._clock = clock
        self._recognised = False

    @property
    def network(self) -> str:
        return self._node.network

    def check(self) -> str:
        """
        Where the node stands, in words.

        Raises:
            RailUnavailable: It is down, behind, or on another chain.
        """
        with self._asking():
            tip = self._stand()
        return f"{self.network}: block {tip.height}, {max(0, int((self._clock.now() - tip.at).total_seconds()))} s old"

    def look(self, expected: Expected, txid: str) -> Finding:
        mute = self._mute(expected)
        if mute is not None:
            return Finding(words=mute)
        with self._asking():
            name = self._txid(txid)
            if name is None:
                return Finding(words=f"{txid[:100]!a} is not a transaction id of {self.network}")
            tip = self._stand()
            return self._finding(self._read(expected, name), expected, tip)

    def find(self, expected: Expected) -> Finding:
        mute = self._mute(expected)
        if mute is not None:
            return Finding(words=mute)
        with self._asking():
            tip = self._stand()
            found = self._search(expected)
            looks = [self._read(expected, txid) for txid in found.txids[:CANDIDATES_MAX]]
            all_seen = [arrival for seen in looks for arrival in self._finding(seen, expected, tip).arrivals]
        seen = [arrival for arrival in all_seen if arrival.units >= expected.amount.units]
        seen.sort(key=lambda arrival: tip.height + 1 if arrival.height is None else arrival.height, reverse=True)
        nothing = f"no payment of {expected.amount} {expected.amount.asset.code} or more to it was found"
        partial = f"only the newest {CANDIDATES_MAX} transactions were read" if len(looks) < len(found.txids) else ""
        said = filter(None, ["" if seen else nothing, found.words, partial])
        return Finding(arrivals=tuple(seen), words="; ".join(said))

    @abstractmethod
    def _identify(self) -> str:
        """Which chain the node is on, in the form of `Node.identity`."""

    @abstractmethod
    def _recognise(self) -> None:
        """Further checks of a node that is on the right chain, made once. Raises RailUnavailable in words."""

    @abstractmethod
    def _tip(self) -> Tip:
        """Its newest block. Raises RailUnavailable where the node itself says that it is behind."""

    @abstractmethod
    def _txid(self, txid: str) -> str | None:
        """The id as this chain writes it; None if it cannot be one."""

    @abstractmethod
    def _read(self, expected: Expected, txid: str) -> Transaction:
        """What this transaction pays to the destination, in a block of the present chain or in none."""

    @abstractmethod
    def _search(self, expected: Expected) -> Found:
        """Transactions since then that may pay the destination."""

    def _contract(self, expected: Expected) -> str | None:
        return self._node.tokens[expected.amount.asset]

    def _unavailable(self, words: object) -> RailUnavailable:
        return RailUnavailable(f"the node of {self.network}: {words}; see [chains.{self.network}]")

    def _mute(self, expected: Expected) -> str | None:
        """Why this chain can say nothing about such a payment, or None."""
        asset = expected.amount.asset
        if asset not in self._node.tokens:
            return f"{asset.code} on {asset.network} is not among the assets that this node is asked about"
        if expected.memo and not self.memos:
            return f"a payment on {self.network} carries no memo, so none can be seen to have one"
        return None

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Everything that can go wrong with a node is one thing to the business, and proves nothing."""
        try:
            yield
        except (RailUnavailable, HttpFailed, RpcSaid, Garbled) as error:
            # Behind the same address another node may answer next time.
            self._recognised = False
            if isinstance(error, RailUnavailable):
                raise
            raise self._unavailable(error) from error

    def _stand(self) -> Tip:
        """The tip of a node that is on the right chain and not behind."""
        if not self._recognised:
            identity = self._identify()
            if identity != self._node.identity:
                raise self._unavailable(f"is on the chain {identity[:80]}, not on {self._node.identity}")
            self._recognise()
            self._recognised = True
        tip = self._tip()
        limit = self._node.tip_age_max
        if limit is not None and self._clock.now() - tip.at > limit:
            raise self._unavailable(f"is behind: its newest block, {tip.height}, is of {spoken(tip.at)}")
        return tip

    def _finding(self, seen: Transaction, expected: Expected, tip: Tip) -> Finding:
        if not seen.payments:
            return Finding(words=seen.words)
        if seen.at is not None and seen.at < expected.since - self.slack:
            return Finding(words=f"transaction {seen.txid} is of {spoken(seen.at)}, older than the order")
        # The tip was read first, so a transaction may lie in a block that is newer than it.
        depth = 0 if seen.height is None else max(1, tip.height - seen.height + 1)
        needed = self._node.depth
        final = seen.height is not None and (seen.final if needed is None else depth >= needed)
        arrivals = [
            Arrival(
                id=seen.txid + payment.mark,
                txid=seen.txid,
                units=payment.units,
                height=seen.height,
                block=seen.block,
                depth=depth,
                final=final,
            )
            for payment in seen.payments
        ]
        return Finding(arrivals=tuple(sorted(arrivals, key=lambda arrival: -arrival.units)))


def client(node: Node, **options: Any) -> HttpClient:
    """The connection to a node. Raises ValueError if its address is none."""
    return HttpClient(
        node.url,
        name=f"{node.network} node",
        headers=node.headers,
        timeouts=node.timeouts,
        body_bytes_max=BODY_BYTES_MAX,
        **options,
    )


def hash_txid(txid: str) -> str | None:
    """A transaction id of 32 bytes in lower-case hex, without 0x; None if it cannot be one."""
    bare = txid.lower().removeprefix("0x")
    return bare if HASH.fullmatch(bare) else None


def same_address(shown: object, destination: str) -> bool:
    """
    Is this what a node calls the destination?

    bech32 may be written in capitals all through, and nodes show it in small letters; base58 never is.
    """
    return shown == destination or (destination.isupper() and shown == destination.lower())
