"""
A world in which refunds are also owed in other coins: two services, what they do, and the customers' chains.

Everything that lasts belongs to it; a process's hands, with its readings, polling plan and health of processors, are
made anew by `worker`.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from adapters.memory.customer_chain import CustomerChain, CustomerNode
from adapters.memory.processor import MemoryProcessor, SwapService
from payout.asset import USD, XMR, Asset
from payout.errors import StoreError
from payout.intake import Intake, Request
from payout.money import Money
from payout.swaps.broker import Broker
from payout.swaps.follower import Follower
from payout.swaps.funding import Swaps
from payout.swaps.lookout import Lookout
from payout.swaps.readings import Readings
from payout.swaps.rules import ProcessorRules, SwapAsset, SwapRules
from payout.worker import WalletWorker
from tests.scenarios.boundary import Bounded, Hook, Open
from tests.scenarios.reader import Debt
from tests.scenarios.swaps.exchange import Exchange
from tests.scenarios.swaps.eyes import SwapEyes
from tests.scenarios.witness import Witnessed
from tests.scenarios.world import LEASE, PRICE, START, WALLET, World, check_destination

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from adapters.memory.coin import Faults
    from payout.wallet import Wallet

BTC = Asset(code="BTC", network="bitcoin", decimals=8)
USDT = Asset(code="USDT", network="tron", decimals=6)
PRICES = {"XMR": PRICE, "BTC": Decimal(64000), "USDT": Decimal(1)}
FINAL_DEPTH = 3
THEIR_BLOCK = timedelta(minutes=10)
BLOCKS_MAX = 60


class Hands(WalletWorker):
    """A process that pays, and makes and follows orders."""

    def __init__(self, wallet: Wallet, owner: str, swaps: Swaps, broker: Broker, follower: Follower) -> None:
        super().__init__(wallet, owner, LEASE, swaps=swaps)
        self._broker = broker
        self._follower = follower

    def orders(self) -> None:
        """The orders tick, as the daemon has it: a database that is away ends it, and the next one goes on."""
        for tick in (self._broker.tick, self._follower.tick):
            with suppress(StoreError):
                tick()


class SwapWorld(World):
    """One installation with one wallet, two processors, and two customers' chains."""

    def __init__(self, seed: int = 1, **facts: Any) -> None:
        self.services: dict[str, SwapService] = {}
        self.exchanges: list[Exchange] = []
        self._turned_at = START
        super().__init__(seed, **facts)
        self.pricing.prices.update({code: price for code, price in PRICES.items() if code != "XMR"})
        self.chains = {asset.network: CustomerChain(asset.network, self.clock) for asset in (BTC, USDT)}
        for name, spread in (("alpha", 1), ("beta", 2)):
            self.services[name] = SwapService(name, self.clock, dict(PRICES), spread=Decimal(spread))
        self.exchanges += [
            Exchange(service, self.chain, self.chains, Random(f"{seed} {name}"))
            for name, service in self.services.items()
        ]
        self.swap_rules = swap_rules(self.services)
        self.eyes = SwapEyes(self.reader, self.services, self.chains, self.exchanges)
        self.reader.swaps = self.eyes

    # ------------------------------------------------------------ processes

    def worker(self, owner: str, hook: Hook | None = None, faults: Faults | None = None) -> Hands:
        wallet, hook = self.wallet(hook, faults), hook or Open()
        processors: dict[str, Any] = {
            name: Bounded(MemoryProcessor(service), "processor", hook) for name, service in self.services.items()
        }
        chains: dict[str, Any] = {
            name: Bounded(CustomerNode(chain, depth=FINAL_DEPTH), "chain", hook) for name, chain in self.chains.items()
        }
        readings = Readings()
        lookout = Lookout(
            store=wallet.store,
            clock=self.clock,
            sealer=wallet.sealer,
            processors=processors,
            chains=chains,
            wallets={WALLET: wallet},
        )
        return Hands(
            wallet,
            owner,
            Swaps(rules=self.swap_rules, readings=readings),
            Broker(wallet, self.swap_rules, processors, readings),
            Follower(lookout=lookout, overdue=self.swap_rules.overdue),
        )

    def intake(self, hook: Hook | None = None) -> Intake:
        store: Any = Bounded(Witnessed(self.database, self.reader), "store", hook or Open())
        return Intake(
            store=store,
            clock=self.clock,
            instance="acme",
            limits=self.limits,
            assets={asset.key: asset for asset in (XMR, BTC, USDT)},
            check_destination=check_destination,
            approver=self.approver,
        )

    # ------------------------------------------------------------ shorthand

    def request_swap(self, external_id: str, usd: str, asset: Asset, destination: str | None = None) -> str:
        """A refund in another coin comes in; its id."""
        to = destination or f"{asset.code} address of {external_id}"
        asked = Request(external_id=external_id, usd=usd, asset=asset.code, network=asset.network, destination=to)
        intake = self.intake()
        refund, problems = intake.read(asked, "panel")
        if refund is None:
            raise ValueError(f"the scenario asks for what cannot be: {problems}")
        self.reader.owe(external_id, Debt(refund.id, int(Decimal(usd).scaleb(2)), [to], asset=asset.code))
        return intake.add([refund])[0].refund.id

    def approved_swap(self, external_id: str, usd: str = "25.00", asset: Asset = BTC, to: str | None = None) -> str:
        """A refund in another coin comes in and is approved; its id."""
        key = self.request_swap(external_id, usd, asset, to)
        self.approve(key)
        return key

    def traces(self) -> Hashable:
        """What the services have on their books."""
        return tuple(
            (key, made.said.stage) for service in self.services.values() for key, made in service.orders.items()
        )

    def mine(self, count: int = 1) -> None:
        for _ in range(count):
            super().mine()
            self.turn()

    def turn(self) -> None:
        """The services look at their deposits, and the customers' chains go on."""
        for exchange in self.exchanges:
            exchange.turn()
        since, self._turned_at = self._turned_at, self.clock.now()
        blocks = max(1, min(BLOCKS_MAX, int((self._turned_at - since) / THEIR_BLOCK)))
        for chain in getattr(self, "chains", {}).values():
            chain.mine(blocks)


def swap_rules(names: Mapping[str, Any]) -> SwapRules:
    """The best quote of both, for both coins; no threads."""
    rules = {name: ProcessorRules(name=name, order_max=_usd(400), day_max=_usd(4000)) for name in names}
    assets = {
        BTC.key: SwapAsset(asset=BTC, dust=Money(546, BTC)),
        USDT.key: SwapAsset(asset=USDT, dust=Money(10_000, USDT)),
    }
    return SwapRules(wallet=WALLET, processors=rules, assets=assets, lanes=1, spread_max=Decimal(25))


def _usd(whole: int) -> Money:
    return Money(whole * 100, USD)
