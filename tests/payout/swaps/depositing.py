"""
Orders that are to be funded, as the tests of funding start from them: a bazaar whose wallet pays.

At every first broadcast a watchman compares what leaves with what the services themselves ask for, with the rows
and with the journal: a test fails where money goes anywhere else, whatever it asserts.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from adapters.memory.coin import MemoryCoin
from adapters.memory.journal import MemoryJournal
from payout.money import Money
from payout.order import Order, OrderStatus
from payout.refund import RefundStatus
from payout.swaps.funding import Swaps
from payout.swaps.readings import Readings
from payout.transfer import TransferKind
from payout.wallet import Wallet
from payout.worker import WalletWorker
from tests.payout.swaps.brokering import Bazaar
from tests.scenarios.boundary import Bounded, Open
from tests.scenarios.plain_sealer import PlainSealer
from tests.scenarios.world import BLOCK, HOT, LEASE

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.memory.coin import Faults
    from adapters.memory.coin.chain import Tx
    from payout.ports import Coin
    from payout.refund import Attempt
    from payout.transfer import Transfer
    from tests.scenarios.boundary import Hook

MARGIN = timedelta(minutes=3)


class Till(Bazaar):
    """A bazaar, and the processes that pay from its wallet."""

    def __init__(self, **rules: Any) -> None:
        super().__init__(**rules)
        self.random = Random(1)
        self.lines: list[str] = []
        self.journal = MemoryJournal(self.lines)
        self.chain.on_first_broadcast = self._watch
        self.in_time = True
        """A first broadcast is never late."""

    # ------------------------------------------------------------ processes

    def coin_of(self, faults: Faults | None) -> Coin:
        """As one process is connected to it."""
        return MemoryCoin(self.purse, faults)

    def wallet_of(self, hook: Hook | None = None, faults: Faults | None = None) -> Wallet:
        """The wallet as one process has it; each of its ports passes the hook."""
        ports: dict[str, Any] = {
            "coin": self.coin_of(faults),
            "store": self.store,
            "journal": MemoryJournal(self.lines),
            "sealer": PlainSealer(),
            "pricing": self.pricing,
            "halts": self.halts,
        }
        bounded: dict[str, Any] = {name: Bounded(port, name, hook or Open()) for name, port in ports.items()}
        return replace(super().wallet(), **bounded)

    def worker(
        self,
        hook: Hook | None = None,
        faults: Faults | None = None,
        *,
        owner: str = "a",
        readings: Readings | None = None,
    ) -> WalletWorker:
        """A process that pays and funds; its readings are the bazaar's, or its own."""
        swaps = Swaps(rules=self.rules, readings=readings or self.readings)
        return WalletWorker(self.wallet_of(hook, faults), owner, LEASE, swaps=swaps)

    # ------------------------------------------------------------ shorthand

    def ordered(self, external_id: str = "E-1", owed: str = "32.00", **facts: Any) -> str:
        """A refund with an order that may be funded; the refund's id."""
        key = self.approved(external_id, owed, **facts)
        self.broker().tick()  # Makes the order.
        self.refresh()
        if self.orders(key)[-1].status is not OrderStatus.UNFUNDED:
            raise ValueError(f"no order was made for {external_id}: {self.waiting(key)}")
        return key

    def refresh(self) -> None:
        """Each service is asked again what it says of its orders."""
        self.broker().tick()

    def refund_in_xmr(self, external_id: str) -> str:
        """A refund that is paid directly."""
        return self.approved(external_id, asset=self.wallet().rules.asset)

    def mine(self, count: int = 1) -> None:
        for _ in range(count):
            self.chain.mine()
            self.clock.time += BLOCK

    def last(self, key: str) -> Order:
        """The newest order of a refund."""
        return self.orders(key)[-1]

    def attempts(self, key: str) -> tuple[Attempt, ...]:
        return self.store.attempts([key])

    def standing(self, key: str) -> tuple[str, str]:
        """Of a refund and its newest order."""
        return (str(self.refund(key).status), str(self.last(key).status))

    def fundings(self) -> tuple[Transfer, ...]:
        """Oldest first."""
        every = reversed(self.store.list_transfers())
        return tuple(each for each in every if each.kind is TransferKind.FUNDING)

    def funding(self) -> Transfer:
        """The only one."""
        (found,) = self.fundings()
        return found

    def entries(self) -> list[tuple[str, str]]:
        """(entry, txid) of each journal line."""
        facts = [json.loads(line.partition(" ")[2]) for line in self.lines]
        return [(each["entry"], each["txid"]) for each in facts if each["entry"] != "adopt"]

    def deposited(self, order: Order) -> list[int]:
        """What is mined at an order's deposit address."""
        return [units for address, units, _ in self.chain.mined_outputs() if address == order.deposit_address]

    def sent_to_services(self) -> list[str]:
        """Addresses of others that were paid in any broadcast."""
        return [
            coin.address for tx in self.chain.first_broadcasts.values() for coin in tx.outputs if coin.address != HOT
        ]

    # ------------------------------------------------------------ the watchman

    def _watch(self, tx: Tx) -> None:
        if not tx.inputs:
            return
        row = self.store.transfer(tx.txid)
        check(row is not None and row.begun, "it was committed and begun")
        check(("commit", tx.txid) in self.entries(), "its line is in the journal")
        if row is None or row.kind is not TransferKind.FUNDING:
            return
        asked = {
            made.said.deposit_address: (made.said.deposit, made.said.expires_at)
            for service in self.services.values()
            for made in service.orders.values()
        }
        for coin in tx.outputs:
            if coin.address == HOT:
                continue
            check(coin.address in asked, f"a service asked for a deposit at {coin.address}")
            deposit, end = asked[coin.address]
            check(deposit == Money(coin.units, self.alpha.coin), "it is the deposit, to the unit")
            late = end is not None and self.clock.now() + MARGIN >= end
            check(not (late and self.in_time), "the order has time left")
        for attempt in self.store.attempts_of([tx.txid]):
            refund = self.refund(attempt.refund_id)
            check(refund.status is RefundStatus.PAYING, "its refund is PAYING")
            live = [each for each in self.store.attempts([refund.id]) if each.status != "FAILED"]
            check(len(live) == 1, "nothing else pays its refund")


def check(truth: object, words: str) -> None:
    """Said when bytes leave: a promise of the watchman is broken, and the test is over."""
    if not truth:
        raise BrokenPromise(words)


class BrokenPromise(BaseException):
    """No Exception: nothing in the program may catch it."""


class Shift:
    """A deed for Watch: the clock moves on, once."""

    def __init__(self, till: Till, **span: float) -> None:
        self._till = till
        self._span: timedelta | None = timedelta(**span)

    def __call__(self) -> None:
        if self._span is not None:
            self._till.clock.time += self._span
            self._span = None


def price(till: Till, code: str, factor: str) -> None:
    """Our own rate of an asset moves."""
    till.pricing.prices[code] *= Decimal(factor)


def twist(till: Till, call: Callable[..., Any]) -> None:
    """Service alpha says something else from now on, when it is read."""
    till.alpha.twist = lambda name, said: call(said) if name == "read" else said
