"""
A customer's chain in memory, and the Chain port on it: blocks, a pool, late and wrong payments, reorganisations.

It shows what was paid and nothing else: a test pays, and no processor's word ever becomes a payment by itself.

    chain = CustomerChain("tron", clock)
    txid = chain.pay("the customer", Money(25_000_000, USDT), mined=3)
    CustomerNode(chain, depth=3)        the port
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.errors import RailUnavailable
from payout.ports import Arrival, Expected, Finding

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from payout.money import Money
    from payout.ports import Clock

SHOWN_MAX = 80
"""Characters of a transaction's id that words show: a processor may name anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """One payment to somebody."""

    destination: str
    amount: Money
    memo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """A transaction: its payments, in order."""

    txid: str
    payments: tuple[Paid, ...]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block; its height is its place."""

    hash: str
    at: datetime
    transactions: tuple[Transaction, ...]


class CustomerChain:
    """One network: what is in its blocks and its pool."""

    def __init__(self, network: str, clock: Clock, *, identity: str = "genesis") -> None:
        self.network = network
        self.identity = identity
        self.clock = clock
        self.blocks: list[Block] = []
        self.pool: dict[str, Transaction] = {}
        self.ever: dict[str, Transaction] = {}
        """Every transaction that was ever made, also those that a reorganisation dropped."""
        self.running = True
        self.can_search = True
        """Payments can be found without knowing a transaction."""
        self.asked: list[str] = []
        """Every question, in order: a txid, or "find"."""
        self._made = 0
        self.mine()

    def pay(self, destination: str, amount: Money, memo: str | None = None, *, mined: int = 0) -> str:
        """Somebody pays; so many blocks follow. The txid."""
        return self.pay_all(Paid(destination=destination, amount=amount, memo=memo), mined=mined)

    def pay_all(self, *payments: Paid, mined: int = 0) -> str:
        """Several payments in one transaction, as processors make them."""
        txid = self._new_id("tx")
        self.ever[txid] = Transaction(txid=txid, payments=payments, at=self.clock.now())
        self.pool[txid] = self.ever[txid]
        self.mine(mined)
        return txid

    def mine(self, count: int = 1) -> None:
        """Blocks come; the first takes all of the pool."""
        for _ in range(count):
            transactions = tuple(self.pool.values())
            self.pool.clear()
            self.blocks.append(Block(hash=self._new_id("block"), at=self.clock.now(), transactions=transactions))

    def reorg(self, depth: int, *, drop: bool = False, longer: int = 1) -> None:
        """Another branch wins by `longer` blocks. What it lacks returns to the pool, or with `drop` is forgotten."""
        undone = [transaction for block in self.blocks[-depth:] for transaction in block.transactions]
        del self.blocks[-depth:]
        pool, self.pool = self.pool, {}
        self.mine(depth + longer)
        self.pool = pool if drop else {**pool, **{each.txid: each for each in undone}}

    def again(self, txid: str) -> None:
        """What was dropped is mined after all."""
        self.pool[txid] = self.ever[txid]
        self.mine()

    def transactions(self) -> Iterator[tuple[Transaction, int | None]]:
        """Each with its block's height, oldest first; those in no block last."""
        for height, block in enumerate(self.blocks):
            yield from ((transaction, height) for transaction in block.transactions)
        yield from ((transaction, None) for transaction in self.pool.values())

    def _new_id(self, what: str) -> str:
        self._made += 1
        return f"{self.network}{what}{self._made}"


class CustomerNode:
    """The Chain port, on a node of that network. `depth` blocks make a payment final."""

    def __init__(
        self, chain: CustomerChain, *, depth: int = 3, identity: str | None = None, tip_age_max: timedelta | None = None
    ) -> None:
        self.depth = depth
        self._chain = chain
        self._identity = identity or chain.identity
        self._tip_age_max = tip_age_max

    @property
    def network(self) -> str:
        return self._chain.network

    def look(self, expected: Expected, txid: str) -> Finding:
        self._ask(txid)
        found = [each for each in self._chain.transactions() if each[0].txid == txid]
        arrivals = [
            arrival for transaction, height in found for arrival in self._arrivals(expected, transaction, height)
        ]
        arrivals.sort(key=lambda arrival: -arrival.units)
        words = "" if arrivals else self._words(expected, found[0][0] if found else None, txid)
        return Finding(arrivals=tuple(arrivals), words=words)

    def find(self, expected: Expected) -> Finding:
        self._ask("find")
        if not self._chain.can_search:
            asked = f"payments of {expected.amount.asset.code}"
            return Finding(words=f"{self.network} cannot be searched for {asked}: name the transaction")
        arrivals = [
            arrival
            for transaction, height in self._chain.transactions()
            for arrival in self._arrivals(expected, transaction, height)
            if arrival.units >= expected.amount.units
        ]
        words = "" if arrivals else f"no payment of {expected.amount} {expected.amount.asset.code} or more"
        return Finding(arrivals=tuple(reversed(arrivals)), words=words)

    def _ask(self, question: str) -> None:
        chain = self._chain
        chain.asked.append(question)
        if not chain.running:
            raise RailUnavailable(f"the node of {self.network} does not answer: start it")
        if chain.identity != self._identity:
            raise RailUnavailable(f"the node of {self.network} is on {chain.identity}, not on {self._identity}")
        age = chain.clock.now() - chain.blocks[-1].at
        if self._tip_age_max is not None and age > self._tip_age_max:
            raise RailUnavailable(f"the node of {self.network} is behind: its newest block is {age} old")

    def _arrivals(self, expected: Expected, transaction: Transaction, height: int | None) -> Iterator[Arrival]:
        blocks = self._chain.blocks
        depth = 0 if height is None else len(blocks) - height
        if transaction.at < expected.since:
            return
        for place, paid in enumerate(transaction.payments):
            if _kind(paid) == (expected.destination, expected.memo, expected.amount.asset):
                yield Arrival(
                    id=f"{transaction.txid}:{place}",
                    txid=transaction.txid,
                    units=paid.amount.units,
                    height=height,
                    block=None if height is None else blocks[height].hash,
                    depth=depth,
                    final=depth >= self.depth,
                )

    def _words(self, expected: Expected, transaction: Transaction | None, txid: str) -> str:
        """Why this transaction is not what was expected."""
        if transaction is None:
            return f"{self.network} has no transaction {txid[:SHOWN_MAX]!r}"
        asset = expected.amount.asset
        mine = [paid for paid in transaction.payments if paid.destination == expected.destination]
        if not mine:
            return f"{txid} pays somebody else"
        if all(paid.amount.asset != asset for paid in mine):
            return f"{txid} pays something else than {asset.code} on {asset.network}"
        if all(_kind(paid) != (expected.destination, expected.memo, asset) for paid in mine):
            return f"{txid} pays with another memo"
        return f"{txid} is older than the order"


def _kind(paid: Paid) -> tuple[str, str | None, object]:
    return (paid.destination, paid.memo, paid.amount.asset)
