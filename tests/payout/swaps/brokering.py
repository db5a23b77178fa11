"""
A market for tests of order making: a wallet, a database, two services that swap, and refunds in other coins.

Everything that lasts belongs to the bazaar; `broker` makes a process's hands anew, so dropping one is a crash.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from adapters.memory.coin import MemoryChain, MemoryCoin, MemoryWallet
from adapters.memory.journal import MemoryJournal
from adapters.memory.pricing import MemoryPricing
from adapters.memory.processor import MemoryProcessor, SwapService
from adapters.memory.store import MemoryStore
from payout.asset import Asset
from payout.audit.reader import ChainReader
from payout.change import Change, ReturnAddress
from payout.money import Money
from payout.order import Order, OrderStatus, Said, Stage
from payout.ports import Processor
from payout.refund import Refund
from payout.swaps.broker import Broker
from payout.swaps.readings import Readings
from payout.swaps.rules import ProcessorRules, SwapAsset, SwapRules
from payout.wallet import Wallet
from tests.factories import digest, make_refund, usd, xmr
from tests.scenarios.plain_sealer import PlainSealer
from tests.scenarios.world import HOT, WALLET, Calendar, PauseFiles, approver, limits, wallet_rules
from tests.stores import AUDIT

if TYPE_CHECKING:
    from payout.event import Event
    from payout.ports import Store

BTC = Asset(code="BTC", network="bitcoin", decimals=8)
ETH = Asset(code="ETH", network="ethereum", decimals=18)
PRICES = {"XMR": Decimal(160), "BTC": Decimal(64000), "ETH": Decimal(3200)}
DUST = {BTC: Money(546, BTC), ETH: Money(10**13, ETH)}


class Bazaar:
    """One installation that pays through `alpha` (spread 1 %) and `beta` (spread 2 %)."""

    def __init__(
        self, *, addresses: int = 20, units: int = 10**12, clock: Calendar | None = None, **rules: Any
    ) -> None:
        self.clock = clock or Calendar()
        self.chain = MemoryChain(Random(1))
        self.purse = MemoryWallet(self.chain, HOT)
        self.store = MemoryStore(self.clock, audit=AUDIT)
        self.pricing = MemoryPricing(PRICES["XMR"])
        self.pricing.prices.update(PRICES)
        self.halts = PauseFiles()
        self.approver = approver()
        self.services = {
            name: SwapService(name, self.clock, dict(PRICES), spread=Decimal(spread))
            for name, spread in (("alpha", 1), ("beta", 2))
        }
        self.rules = swap_rules(**rules)
        self.journal = MemoryJournal([])
        self.chain.fund(HOT, units, outputs=10)
        self.chain.mine(11)
        self.coin = MemoryCoin(self.purse)
        self.coin.check()
        self.readings = Readings()
        self.give_addresses(addresses)

    # ------------------------------------------------------------ processes

    @property
    def alpha(self) -> SwapService:
        return self.services["alpha"]

    @property
    def beta(self) -> SwapService:
        return self.services["beta"]

    def wallet(self, store: Store | None = None) -> Wallet:
        return Wallet(
            rules=wallet_rules(),
            coin=self.coin,
            store=store or self.store,
            journal=self.journal,
            sealer=PlainSealer(),
            pricing=self.pricing,
            approver=self.approver,
            limits=limits(),
            halts=self.halts,
            clock=self.clock,
            history=ChainReader(key=AUDIT),
        )

    def broker(self, store: Store | None = None) -> Broker:
        """A process's hands; its readings are those of the bazaar."""
        processors: dict[str, Processor] = {name: MemoryProcessor(service) for name, service in self.services.items()}
        return Broker(self.wallet(store), self.rules, processors, self.readings)

    def tick(self, count: int = 1, seconds: float = 10) -> None:
        """A new process, for each of so many ticks."""
        broker = self.broker()
        for _ in range(count):
            broker.tick()
            self.clock.pass_by(seconds)

    # ------------------------------------------------------------ what is given

    def give_addresses(self, count: int) -> None:
        made = [self.purse.new_address() for _ in range(count)]
        rows = tuple(
            ReturnAddress(address=address, wallet=WALLET, index=index, made_at=self.clock.now())
            for address, index in made
        )
        self.store.commit(Change(return_addresses=rows))

    def approved(self, external_id: str = "E-1", owed: str = "32.00", asset: Asset = BTC, **facts: Any) -> str:
        """A refund that was approved as it stands; its id."""
        given = {"destination": f"customer {external_id}", "asset": asset, "owed": usd(owed), **facts}
        refund = self.approver.sealed(make_refund(external_id, **given))
        now = self.clock.now()
        approval = self.approver.sign(refund, "alice", now)
        self.store.commit(Change(refunds=(refund,), approvals=(approval,)))
        self.store.commit(Change(refunds=(refund.approve(now, approval.expires_at),)))
        self.clock.pass_by(1)
        return refund.id

    def edit(self, key: str, **changes: Any) -> None:
        """Somebody writes to the database."""
        tables = self.store._t
        tables.refunds[key] = replace(tables.refunds[key], **changes)

    def edit_order(self, order: Order, **changes: Any) -> None:
        tables = self.store._t
        tables.orders[order.id] = replace(tables.orders[order.id], **changes)

    # ------------------------------------------------------------ what is on record

    def refund(self, key: str) -> Refund:
        found = self.store.refund(key)
        if found is None:
            raise ValueError(key)
        return found

    def waiting(self, key: str) -> str:
        return self.refund(key).waiting_for or ""

    def orders(self, key: str) -> tuple[Order, ...]:
        return self.store.orders_of([key])

    def order(self, key: str) -> Order:
        """The only one."""
        (found,) = self.orders(key)
        return found

    def statuses(self, key: str) -> list[str]:
        return [order.status.value for order in self.orders(key)]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.store._t.events]

    def alarms(self) -> list[Event]:
        return [event for event in self.store._t.events if event.alarm]


def swap_rules(**rules: Any) -> SwapRules:
    """Both processors, for BTC and ETH; no threads, and each tick reads each order again."""
    processors = {
        name: ProcessorRules(name=name, order_max=usd("400.00"), day_max=usd("1000.00")) for name in ("alpha", "beta")
    }
    assets = {asset.key: SwapAsset(asset=asset, dust=DUST[asset]) for asset in (BTC, ETH)}
    facts: dict[str, Any] = {"wallet": WALLET, "processors": processors, "assets": assets, "lanes": 1}
    return SwapRules(**{**facts, "reread": timedelta(microseconds=-1), **rules})


# ---------------------------------------------------------------- values for the pure parts


def make_order(**changes: Any) -> Order:
    """An order of alpha for 0.0005 BTC, made and not funded."""
    now = Calendar().now()
    refund = make_refund("E-1")
    facts: dict[str, Any] = {
        "refund_id": refund.id,
        "number": 1,
        "processor": "alpha",
        "wallet": WALLET,
        "revision": 1,
        "status": OrderStatus.UNFUNDED,
        "destination": "customer",
        "receive": Money(50_000, BTC),
        "rate": PRICES["BTC"],
        "quote_id": digest("quote"),
        "offered": xmr("0.202"),
        "return_address": f"{HOT}-1",
        "return_index": 1,
        "processor_id": "alpha-1",
        "deposit": xmr("0.202"),
        "deposit_address": "deposit-alpha-1",
        "expires_at": now + timedelta(minutes=20),
        "stage": Stage.AWAITING_DEPOSIT,
        "asked_at": now,
    }
    return Order(**{**facts, **changes})


def make_said(order: Order | None = None, **changes: Any) -> Said:
    """What its processor says of it, all as it should be."""
    order = order or make_order()
    facts: dict[str, Any] = {
        "processor_id": "alpha-1",
        "stage": Stage.AWAITING_DEPOSIT,
        "status_text": "waiting",
        "deposit_address": "deposit-alpha-1",
        "deposit": order.offered,
        "destination": order.destination,
        "memo": order.memo,
        "receive": order.receive,
        "return_address": order.return_address,
        "expires_at": order.asked_at + timedelta(minutes=20),
    }
    return Said(**{**facts, **changes})
