"""
Evidence about an order: what the customer's chain shows, and what came back to our wallet.

Nothing here decides or writes. What could not be asked is told apart from what is not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.errors import RailUnavailable
from payout.order import OrderStatus, Stage
from payout.ports import Expected

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.money import Money
    from payout.order import Order
    from payout.ports import Arrival, Chain, Coin, Store

OVER_PARTS = 100
"""A payment counts as the order's if it is at most one part in so many above what was agreed, whoever names it:
customers get other payments too, and the amount is fixed."""

RETURN_PARTS = (9, 10)
"""So much of the deposit, at least, must have come back."""

DUST_PARTS = (1, 100)
"""Less than so much of the deposit is nobody's return: anyone may send to an address of ours."""

SEARCHED = frozenset(
    {Stage.SETTLED, Stage.VANISHED, Stage.RETURNED, Stage.FAILED, Stage.EXPIRED, Stage.CANCELED, Stage.UNKNOWN}
)
"""Where the chain is searched for a payment that no transaction names: it may have been made all the same."""

PROVING = frozenset({Stage.SETTLED, Stage.VANISHED})
"""Where a payment so found settles the order."""

RIVALS_MAX = 1000
"""Funded orders among which those are looked for that the same payment may be meant for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the customer's chain shows."""

    settles: Arrival | None = None
    """Final, at least the amount, and of no other order."""
    seen: Arrival | None = None
    """The best of what the named transactions pay so far: not final, or short."""
    stray: Arrival | None = None
    """A payment that may be this order's, and that nothing ties to it."""
    taken: bool = False
    """What its transaction pays settles another order already."""
    answered: bool = True
    """The chain was asked, and answered."""
    words: str = ""

    @property
    def nothing(self) -> bool:
        """The chain answered, and shows nothing that could be this order's."""
        return self.answered and not (self.settles or self.seen or self.stray)


NO_CHAIN = Proof(answered=False, words="no verifier is configured for its chain")


def expected_of(order: Order) -> Expected:
    """What the customer must have received."""
    return Expected(
        destination=order.destination,
        memo=order.memo,
        amount=order.receive,
        since=order.asked_at,
    )


def prove(
    chain: Chain,
    order: Order,
    txids: Sequence[str],
    store: Store,
    *,
    searching: bool = True,
) -> Proof:
    """
    Look at the named transactions, and search where the order's stage asks for that (never without `searching`).

    `store` knows which arrivals settle another order already, and for which orders others may be meant.
    """
    try:
        named = _named(chain, order, txids, store)
        if named.settles is not None or not searching or order.stage not in SEARCHED:
            return named
        return _found(chain, order, named, txids, store)
    except RailUnavailable as error:
        return Proof(answered=False, words=f"its chain cannot be asked: {error}")


def _named(chain: Chain, order: Order, txids: Sequence[str], store: Store) -> Proof:
    expected = expected_of(order)
    words = "" if txids else "no transaction is named"
    arrivals: list[Arrival] = []
    for txid in txids:
        finding = chain.look(expected, txid)
        arrivals.extend(finding.arrivals)
        words = finding.words or words
    gone = _gone(order, arrivals, store)
    free = [arrival for arrival in arrivals if arrival.id not in gone]
    whole = [arrival for arrival in free if order.receive.units <= arrival.units <= most_of(order)]
    return Proof(
        settles=_closest([arrival for arrival in whole if arrival.final]),
        seen=max(free, key=lambda arrival: arrival.units, default=None),
        taken=bool(gone),
        words=words,
    )


def _found(chain: Chain, order: Order, named: Proof, txids: Sequence[str], store: Store) -> Proof:
    finding = chain.find(expected_of(order))
    gone = _gone(order, finding.arrivals, store)
    free = [each for each in finding.arrivals if each.id not in gone]
    near = [each for each in free if order.receive.units <= each.units <= most_of(order)]
    # What it names and the customer got is the order's, short as it may be: another payment is then another order's.
    proving = order.stage in PROVING and named.seen is None
    return Proof(
        settles=_surely(order, near, store) if near and proving else None,
        seen=named.seen,
        stray=near[-1] if near else None,
        taken=named.taken,
        words=named.words if txids or not finding.words else finding.words,
    )


def _surely(order: Order, near: Sequence[Arrival], store: Store) -> Arrival | None:
    """One of these payments, if each other order that one of them may be meant for has its own, or finds one too."""
    rivals = [each for each in store.open_orders((OrderStatus.FUNDED,), RIVALS_MAX) if _is_rival(each, order)]
    named = {_bare(rival.settle_txid) for rival in rivals if rival.settle_txid}
    free = [arrival for arrival in near if arrival.final and _bare(arrival.txid) not in named]
    unpaid = [rival for rival in rivals if rival.settle_height is None]
    return _closest(free[::-1]) if len(free) > len(unpaid) else None  # The oldest: later ones may be others'.


def _is_rival(other: Order, order: Order) -> bool:
    """What reached this order's customer may be the other's payment, whole or short."""
    return (
        other.id != order.id
        and (other.destination, other.memo) == (order.destination, order.memo)
        and other.receive.asset == order.receive.asset
        and most_of(other) >= order.receive.units
        and not _at_least(other.returned_units or 0, (other.deposit or other.offered).units, RETURN_PARTS)
    )


def _closest(arrivals: Sequence[Arrival]) -> Arrival | None:
    """The smallest, and of equal ones the first: a larger one may be what another order waits for."""
    return min(arrivals, key=lambda arrival: arrival.units, default=None)


def most_of(order: Order) -> int:
    """The most units that a payment may have to be the order's."""
    return order.receive.units + order.receive.units // OVER_PARTS


def attested_arrival(txid: str, destination: str) -> str:
    """What stands for a payment that people named: the chain's own id of it is not known then."""
    return f"{_bare(txid)} to {destination.lower()}"


def _bare(txid: str) -> str:
    """However it is written."""
    return txid.lower().removeprefix("0x")


def _gone(order: Order, arrivals: Sequence[Arrival], store: Store) -> frozenset[str]:
    """Ids of those arrivals that settle another order, by a chain or by people's word."""
    claims = {
        each.id: {each.id, *(attested_arrival(name, order.destination) for name in (each.id, each.txid))}
        for each in arrivals
    }
    found = store.arrivals_taken(sorted(set().union(*claims.values()))) if claims else frozenset()
    return frozenset(each for each, its in claims.items() if its & found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """What came to an order's return address."""

    deep: int = 0
    """Units that are as deep as finality asks."""
    units: int = 0
    """All that is there, unmined too."""
    deposit: Money
    txid: str | None = None
    """The largest payment."""

    @property
    def whole(self) -> bool:
        """Enough of the deposit, deep enough."""
        return _at_least(self.deep, self.deposit.units, RETURN_PARTS)

    @property
    def coming(self) -> bool:
        """Enough of it, and not all deep enough yet."""
        return not self.whole and _at_least(self.units, self.deposit.units, RETURN_PARTS)

    @property
    def something(self) -> bool:
        """More than dust, deep enough."""
        return _at_least(self.deep, self.deposit.units, DUST_PARTS)


def _at_least(units: int, of: int, parts: tuple[int, int]) -> bool:
    return units > 0 and units * parts[1] >= of * parts[0]


def come_back(coin: Coin, order: Order, confirmations: int) -> Back | None:
    """What came to its return address; None where the wallet cannot be asked now."""
    try:
        receipts = coin.received(order.return_index)
    except RailUnavailable:
        return None
    deep = sum(receipt.units for receipt in receipts if receipt.depth >= confirmations)
    largest = max(receipts, key=lambda receipt: receipt.units, default=None)
    return Back(
        deep=deep,
        units=sum(receipt.units for receipt in receipts),
        deposit=order.deposit or order.offered,
        txid=largest.txid if largest else None,
    )
