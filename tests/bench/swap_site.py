"""
A site that pays through processors too: the real broker, funder and follower, with the real clients of two
protocols, at a sandbox's processor on loopback.

The customers' chain is the processor's own book of payouts: what is timed is our work and the processor's answers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from adapters.http import Timeouts
from adapters.memory.customer_chain import CustomerChain, CustomerNode
from adapters.processors.base import Access, Pace
from adapters.processors.exolix import Exolix
from adapters.processors.stealthex import StealthEx
from deploy.sandbox.market import PRICES
from deploy.sandbox.processor import COINS, ProcessorServer
from deploy.sandbox.processor.paper import monero_address
from payout.asset import USD, Asset
from payout.change import Change, ReturnAddress
from payout.money import Money
from payout.order import OrderStatus
from payout.ports import Processor
from payout.swaps.broker import Broker
from payout.swaps.errands import Errands, ThreadErrands
from payout.swaps.follower import Follower
from payout.swaps.funding import Swaps
from payout.swaps.lookout import Lookout
from payout.swaps.readings import Readings
from payout.swaps.rules import ProcessorRules, SwapAsset, SwapRules
from payout.worker import WalletWorker
from tests.bench.ticks import LEASE, NAME, Site

UNPACED: Final = Pace(per_second=100_000, burst=10_000)
"""A processor's own rate limit would be all that is measured."""

PATIENCE: Final = Timeouts(connect=2, read=5, total=5)
CONTRACTS: Final = {(coin.code, coin.network): coin.contract for coin in COINS.values()}
FIRST: Final = "exolix"
SECOND: Final = "stealthex"
OF_FIRST: Final = Asset(code="USDT", network="tron", decimals=6)
OF_SECOND: Final = Asset(code="USDT", network="ethereum", decimals=6)
OF_BEST: Final = Asset(code="USDC", network="ethereum", decimals=6)
"""Refunds in one asset go to one processor; in the last, to whichever offers more."""

DESTINATIONS: Final = {
    OF_FIRST.key: "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf",
    OF_SECOND.key: "0x52908400098527886E0F7030069857D2E4169EE7",
    OF_BEST.key: "0x52908400098527886E0F7030069857D2E4169EE7",
}
NO_CAP: Final = Money(10**10, USD)
ADDRESSES_MIN: Final = 200
TICKS_MAX: Final = 60


class SwapSite(Site):
    """A site whose wallet also pays for orders at two processors."""

    prices: Mapping[str, str] = {code: PRICES[code] for code in ("XMR", "USDT", "USDC")}

    def __init__(self, folder: Path, server: ProcessorServer) -> None:
        super().__init__(folder, paid=30)
        self.server = server
        self.rules = _rules()
        self.readings = Readings()
        wallet = self.worker.wallet
        swaps = Swaps(rules=self.rules, readings=self.readings)
        self.worker = WalletWorker(wallet, "bench", LEASE, swaps=swaps)
        kinds: Mapping[str, Callable[..., Processor]] = {FIRST: Exolix, SECOND: StealthEx}
        self.processors = {name: make(self._access(name), CONTRACTS, self.clock) for name, make in kinds.items()}
        self.broker = self.new_broker()

    def new_broker(self) -> Broker:
        """As a process has it that has just started."""
        return Broker(self.worker.wallet, self.rules, self.processors, self.readings)

    def new_follower(self, errands: Errands | None = None) -> Follower:
        """As a process has it that has just started: every order is due."""
        chains = {network: CustomerNode(CustomerChain(network, self.clock)) for network in ("tron", "ethereum")}
        lookout = Lookout(
            store=self.store,
            clock=self.clock,
            sealer=self.worker.wallet.sealer,
            processors=self.processors,
            chains=chains,
            wallets={NAME: self.worker.wallet},
        )
        return Follower(lookout=lookout, errands=errands or ThreadErrands())

    def ask_for(self, count: int, asset: Asset) -> None:
        """So many approved refunds in an asset that is swapped for, and return addresses for their orders."""
        self.take_rates()
        self._give_addresses()
        self.queue(count, asset, DESTINATIONS[asset.key])

    def fund(self, count: int, asset: Asset) -> None:
        """So many more orders, FUNDED; their processor is exchanging, and stays so."""
        wanted = len(self.funded()) + count
        self.ask_for(count, asset)
        for _ in range(TICKS_MAX):
            self.broker.tick()
            self.worker.pay()
            self.chain.mine(11)
            self.worker.track()
            if len(self.funded()) == wanted:
                break
            self._give_addresses()
        else:
            raise RuntimeError(f"{len(self.funded())} of {wanted} orders are FUNDED: nothing can be measured")
        for order_id in self.funded():
            if self.server.order(order_id).deposit_txid is None:
                self.server.engine.fault("stuck", order_id)
                self.server.complete(order_id)

    def funded(self) -> list[str]:
        """Of the FUNDED orders, the processors' ids."""
        return [str(order.processor_id) for order in self.store.open_orders((OrderStatus.FUNDED,), 1000)]

    def waiting(self) -> int:
        """How many orders were made and are not funded yet."""
        return len(self.store.open_orders((OrderStatus.UNFUNDED,), 1000))

    @contextmanager
    def fault(self, kind: str, *, seconds: float = 0, processor: str | None = None) -> Iterator[None]:
        """Every call of a processor, or of all, goes wrong so."""
        faults = self.server.engine.faults
        faults.plan_call(kind, processor=processor, times=None, seconds=seconds)
        try:
            yield
        finally:
            faults.clear()

    def _give_addresses(self) -> None:
        """Real ones, which the wallet in memory does not make."""
        free = len(self.store.free_return_addresses(NAME, ADDRESSES_MIN))
        rows = []
        for _ in range(ADDRESSES_MIN - free):
            address = monero_address()
            self.purse.subaddresses.append(address)
            self.purse.view.addresses |= {address}
            index = len(self.purse.subaddresses)
            rows.append(ReturnAddress(address=address, wallet=NAME, index=index, made_at=self.clock.now()))
        self.store.commit(Change(return_addresses=tuple(rows)))

    def _access(self, name: str) -> Access:
        server = self.server
        return Access(name=name, url=server.base_url(name), api_key=server.api_key, timeouts=PATIENCE, pace=UNPACED)


class Finishes:
    """Errands in threads, and when the last one of each lane was done."""

    def __init__(self) -> None:
        self._threads = ThreadErrands()
        self._lock = threading.Lock()
        self.done: dict[str, tuple[int, float]] = {}
        """By processor: how many errands, and when the last of them ended."""

    def begin(self, lane: str, key: str, work: Callable[[], None]) -> bool:
        processor = lane.partition(" ")[0]

        def noted() -> None:
            work()
            with self._lock:
                self.done[processor] = (self.done.get(processor, (0, 0.0))[0] + 1, time.perf_counter())

        return self._threads.begin(lane, key, noted)

    def wait(self, seconds: float) -> bool:
        """Until all are done, so long at most; whether all are done."""
        return self._threads.wait(seconds)


def _rules() -> SwapRules:
    routes = {OF_FIRST: (FIRST,), OF_SECOND: (SECOND,), OF_BEST: ()}
    return SwapRules(
        wallet=NAME,
        processors={name: ProcessorRules(name=name, order_max=NO_CAP, day_max=NO_CAP) for name in (FIRST, SECOND)},
        assets={
            asset.key: SwapAsset(asset=asset, dust=Money(10_000, asset), route=route) for asset, route in routes.items()
        },
    )
