"""
Whole lives of swaps: brokers, workers and followers of one installation, the services, our chain and the customers'.

Every tick is a new process, so whatever a part keeps in memory alone is lost each time. The watchman of the till looks
at every broadcast; `fair` counts on the chains what customers and services really got.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from adapters.memory.customer_chain import CustomerChain, CustomerNode
from adapters.memory.processor import MemoryProcessor
from payout.desk import Desk
from payout.order import Order, OrderStatus, Stage
from payout.swaps.follower import Follower
from payout.swaps.lookout import Lookout
from payout.swaps.polling import Polling
from payout.transfer import TransferStatus
from tests.payout.swaps.depositing import Till, check
from tests.scenarios.plain_sealer import PlainSealer
from tests.scenarios.world import BLOCK, WALLET
from tests.stores import AUDIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.memory.coin import Faults
    from adapters.memory.coin.chain import Tx
    from adapters.memory.processor import SwapService
    from payout.event import Event
    from payout.ports import Clock, Processor, Store

TICK = timedelta(seconds=20)


class Life(Till):
    """A till whose orders are followed to their ends."""

    def __init__(self, open_store: Callable[[Clock], Store] | None = None, **rules: Any) -> None:
        super().__init__(**rules)
        if open_store is not None:
            self.store: Any = open_store(self.clock)
            self.give_addresses(20)
        self.networks = {name: CustomerChain(name, self.clock) for name in ("bitcoin", "ethereum")}
        self.polling = Polling()

    @property
    def bitcoin(self) -> CustomerChain:
        return self.networks["bitcoin"]

    # ------------------------------------------------------------ processes

    def follower(self, faults: Faults | None = None) -> Follower:
        """As a process has it that has just started, but for its plan."""
        processors: dict[str, Processor] = {name: MemoryProcessor(service) for name, service in self.services.items()}
        lookout = Lookout(
            store=self.store,
            clock=self.clock,
            sealer=PlainSealer(),
            processors=processors,
            chains={name: CustomerNode(chain) for name, chain in self.networks.items()},
            wallets={WALLET: self.wallet_of(faults=faults)},
        )
        return Follower(lookout=lookout, overdue=self.rules.overdue, polling=self.polling)

    def person(self) -> Desk:
        """A process in which a person acts."""
        return Desk(
            store=self.store,
            clock=self.clock,
            approver=self.approver,
            limits=self.wallet().limits,
            check_destination=lambda _asset, _address, _memo: None,
            audit=AUDIT,
        )

    def tick(self, count: int = 1, seconds: float = TICK.total_seconds()) -> None:
        """Each time everything, by new processes."""
        for _ in range(count):
            self.broker().tick()
            worker = self.worker()
            worker.pay()
            worker.track()
            self.follower().tick()
            self.clock.pass_by(seconds)

    # ------------------------------------------------------------ what the world does

    def funded(self, external_id: str = "E-1", **facts: Any) -> str:
        """A refund whose order's deposit is as deep as finality asks; the refund's id."""
        key = self.approved(external_id, **facts)
        self.tick(3)
        self.blocks(11)
        if self.last(key).status is not OrderStatus.FUNDED:
            raise ValueError(f"no order was funded: {self.waiting(key)}")
        return key

    def blocks(self, count: int) -> None:
        """Blocks come on our chain, with ticks between them."""
        for _ in range(count):
            self.chain.mine()
            self.clock.time += BLOCK
            self.tick()

    def service(self, order: Order) -> SwapService:
        return self.services[order.processor]

    def says(self, order: Order, stage: Stage, **facts: Any) -> None:
        """What the order's service says of it from now on."""
        self.service(order).set(order.processor_id or "", stage, **facts)

    def pays(self, order: Order, *, mined: int = 3) -> str:
        """The service really pays the customer; the txid."""
        return self.networks[order.receive.asset.network].pay(order.destination, order.receive, mined=mined)

    def settles(self, order: Order) -> str:
        """The service pays, and says so."""
        txid = self.pays(order)
        self.says(order, Stage.SETTLED, settle_txids=(txid,))
        return txid

    def returns(self, order: Order, parts: int = 95) -> None:
        """The service sends so many hundredths of the deposit back, and says so."""
        units = (order.deposit or order.offered).units * parts // 100
        self.chain.fund(order.return_address, units)
        self.says(order, Stage.RETURNED)

    def wait_for_look(self, count: int = 1) -> None:
        """Long enough that every order is looked at, so many times."""
        for _ in range(count):
            self.clock.time += timedelta(hours=1, minutes=10)
            self.tick()

    # ------------------------------------------------------------ what is true

    def received(self, key: str) -> int:
        """What the customer of a refund really got, in units."""
        refund = self.refund(key)
        chain = self.networks[refund.asset.network]
        return sum(
            paid.amount.units
            for transaction, height in chain.transactions()
            for paid in transaction.payments
            if height is not None and (paid.destination, paid.amount.asset) == (refund.destination, refund.asset)
        )

    def fair(self, key: str) -> None:
        """Each order was deposited to once at most, exactly, and at most one order was settled."""
        orders = self.orders(key)
        for order in orders:
            deposits = self.deposited(order)
            check(len(deposits) <= 1, f"{order.id} was funded once at most")
            check(all(order.deposit is not None and units == order.deposit.units for units in deposits), "exactly")
        settled = [order for order in orders if order.status is OrderStatus.SETTLED]
        check(len(settled) <= 1, "one order settles a refund")
        open_ones = [attempt for attempt in self.attempts(key) if attempt.status != "FAILED"]
        check(len(open_ones) <= 1, "one attempt is not FAILED")

    def alarms(self) -> list[Event]:
        return list(self.store.events(alarms=True, limit=1000))

    # ------------------------------------------------------------ the watchman

    def _watch(self, tx: Tx) -> None:
        """Besides what the till looks at: nothing is paid anew before what was paid is back, or can never land."""
        super()._watch(tx)
        for attempt in self.store.attempts_of([tx.txid]) if tx.inputs else ():
            for order in self.orders(attempt.refund_id):
                if order.id != attempt.order_id and order.transfer_id is not None:
                    check(self._is_over(order), f"{order.id} is over before its refund is paid anew")

    def _is_over(self, order: Order) -> bool:
        funding = self.store.transfer(order.transfer_id or "")
        if order.attested_by is not None or (funding is not None and funding.status is TransferStatus.VOID):
            return True
        deposit = (order.deposit or order.offered).units
        deep = self.chain.blocks[: self.chain.tip - 9]
        back = sum(
            coin.units
            for block in deep
            for tx in block.txs
            for coin in tx.outputs
            if coin.address == order.return_address
        )
        return back * 10 >= deposit * 9
