"""
An exchange: what a swap service does with the deposits that reach it, well or badly.

What it says of an order and what it does are two things. Each order has a fate, drawn when its deposit is seen; when
`kind` is set it is every order's. In the end an exchange pays, or sends back, whatever it took: a thief among
exchanges would leave nothing to judge the worker by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from payout.money import Money
from payout.order import Stage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from adapters.memory.coin import MemoryChain
    from adapters.memory.customer_chain import CustomerChain
    from adapters.memory.processor import Made, SwapService

CONFIRMATIONS = 10
"""So deep it wants a deposit."""
WHILE = 6
"""Turns for which a fate says something else than what is so."""
SHORT_PARTS = (97, 100)
FEE_PARTS = (995, 1000)
"""So much of a deposit it sends back."""


class Kind(StrEnum):
    """What becomes of an order whose deposit came."""

    PAYS = "pays"
    PAYS_SILENTLY = "pays and names no transaction"
    PAYS_AFTER_HOLD = "holds it, then pays"
    CLAIMS_FIRST = "says settled with a wrong transaction, then pays"
    GOES_BACKWARDS = "says sending, then waiting, then pays"
    PAYS_SHORT = "pays less, and says settled"
    VANISHES = "forgets the order, and pays"
    SAYS_EXPIRED = "says expired, and pays late"
    RETURNS = "sends the deposit back"
    CLAIMS_RETURN = "says returned long before it sends it back"
    STAYS_ON_HOLD = "holds it until the storm is over"


PRETENCES: dict[Kind, tuple[Stage, dict[str, Any]]] = {
    Kind.PAYS_AFTER_HOLD: (Stage.HOLD, {"reason": "a check"}),
    Kind.CLAIMS_FIRST: (Stage.SETTLED, {"settle_txids": ("nothing-on-this-chain",)}),
    Kind.GOES_BACKWARDS: (Stage.AWAITING_DEPOSIT, {}),
    Kind.SAYS_EXPIRED: (Stage.EXPIRED, {}),
}
"""What it says for a while, although something else is so."""

GOOD = (Kind.PAYS, Kind.PAYS, Kind.PAYS_SILENTLY)


@dataclass(slots=True)
class Doing:
    """What it does about one order."""

    kind: Kind
    turns: int = 0
    paid: str | None = None
    returned: str | None = None
    hidden: Made | None = None
    missed: int = 0
    """Turns since a reorganisation dropped what it paid."""


@dataclass
class Exchange:
    """One service's deeds. `turn` after each block."""

    service: SwapService
    monero: MemoryChain
    chains: Mapping[str, CustomerChain]
    """By network."""
    dice: Random
    kinds: tuple[Kind, ...] = GOOD
    calm: bool = False
    doings: dict[str, Doing] = field(default_factory=dict)
    paid: list[tuple[str, int]] = field(default_factory=list)
    """(destination, units) of everything that it ever paid to customers."""

    def turn(self) -> None:
        """Look at every order, and do what is next."""
        deposits = self._deposits()
        for processor_id, made in [*self.service.orders.items(), *self._hidden()]:
            found = deposits.get(made.said.deposit_address or "", [])
            if found:
                self._serve(processor_id, made, *min(found))
            elif processor_id in self.doings:
                self._undone(processor_id)

    def _deposits(self) -> dict[str, list[tuple[int, int]]]:
        """By address: (height, units) of each deposit in the chain."""
        found: dict[str, list[tuple[int, int]]] = {}
        for txid, height in self.monero.mined.items():
            if txid in self.monero.first_broadcasts:
                for coin in self.monero.first_broadcasts[txid].outputs:
                    found.setdefault(coin.address, []).append((height, coin.units))
        return found

    def _hidden(self) -> list[tuple[str, Made]]:
        return [(key, doing.hidden) for key, doing in self.doings.items() if doing.hidden is not None]

    def _undone(self, processor_id: str) -> None:
        """A reorganisation took the deposit back, before it was deep."""
        doing = self.doings[processor_id]
        if doing.paid is None and doing.returned is None and doing.hidden is None:
            self.service.set(processor_id, Stage.AWAITING_DEPOSIT)

    def _serve(self, processor_id: str, made: Made, height: int, units: int) -> None:
        doing = self.doings.get(processor_id)
        if doing is None:
            doing = self.doings[processor_id] = Doing(kind=self._draw(made))
        if self.monero.tip - height < CONFIRMATIONS:
            if doing.hidden is None and doing.paid is None and doing.returned is None:
                self.service.set(processor_id, Stage.DEPOSIT_SEEN)
            return
        doing.turns += 1
        self._keep_alive(made, doing)
        self._act(processor_id, made, doing, units)

    def _draw(self, made: Made) -> Kind:
        end = made.said.expires_at
        late = end is not None and self.service.clock.now() >= end
        kinds = (Kind.RETURNS, Kind.SAYS_EXPIRED, Kind.STAYS_ON_HOLD) if late else self.kinds
        return self.dice.choice(kinds)

    def _act(self, key: str, made: Made, doing: Doing, units: int) -> None:
        waits = doing.turns <= WHILE
        if doing.kind in (Kind.RETURNS, Kind.CLAIMS_RETURN):
            self._give_back(key, made, doing, units, waits=waits)
        elif doing.kind is Kind.VANISHES:
            self._vanish(key, made, doing)
        elif waits and doing.kind in PRETENCES:
            stage, facts = PRETENCES[doing.kind]
            backwards = doing.kind is Kind.GOES_BACKWARDS and doing.turns % 2
            self.service.set(key, Stage.SENDING if backwards else stage, **facts)
        elif doing.kind is Kind.STAYS_ON_HOLD and not self.calm:
            self.service.set(key, Stage.HOLD, reason="write to our support")
        else:
            parts = SHORT_PARTS if doing.kind is Kind.PAYS_SHORT else (1, 1)
            self._settle(key, made, doing, named=doing.kind is not Kind.PAYS_SILENTLY, parts=parts)

    def _give_back(self, key: str, made: Made, doing: Doing, units: int, *, waits: bool) -> None:
        if doing.kind is Kind.CLAIMS_RETURN and waits:
            self.service.set(key, Stage.RETURNED)
        else:
            self._send_back(key, made, doing, units, says=not waits)

    def _settle(
        self, key: str, made: Made, doing: Doing, *, named: bool = True, parts: tuple[int, int] = (1, 1)
    ) -> None:
        if doing.paid is None:
            doing.paid = self._pay(made, parts)
        self.service.set(key, Stage.SETTLED, settle_txids=(doing.paid,) if named else ())

    def _vanish(self, key: str, made: Made, doing: Doing) -> None:
        if doing.paid is None:
            doing.paid = self._pay(made, (1, 1))
        if doing.hidden is None:
            doing.hidden = made
            self.service.forget(key)

    def _pay(self, made: Made, parts: tuple[int, int]) -> str:
        said = made.said
        if said.receive is None or said.destination is None:
            raise ValueError("an order without a destination")
        units = said.receive.units * parts[0] // parts[1]
        self.paid.append((said.destination, units))
        chain = self.chains[said.receive.asset.network]
        return chain.pay(said.destination, Money(units, said.receive.asset), said.memo)

    def _send_back(self, key: str, made: Made, doing: Doing, units: int, *, says: bool) -> None:
        if doing.returned is None:
            before = set(self.monero.pool)
            self.monero.fund(made.said.return_address or "", units * FEE_PARTS[0] // FEE_PARTS[1])
            doing.returned = next(iter(self.monero.pool.keys() - before))
        txids = (doing.returned,)
        self.service.set(key, Stage.RETURNED if says else Stage.RETURN_PENDING, return_txids=txids)

    def _keep_alive(self, made: Made, doing: Doing) -> None:
        """What it has paid it sends again, the same bytes, some time after a reorganisation dropped it."""
        if doing.paid is None or made.said.receive is None:
            return
        chain = self.chains[made.said.receive.asset.network]
        there = any(each.txid == doing.paid for each, _ in chain.transactions())
        doing.missed = 0 if there else doing.missed + 1
        if doing.missed > WHILE:
            chain.pool[doing.paid] = chain.ever[doing.paid]
