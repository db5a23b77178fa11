"""
The simulator with swaps: refunds in three coins, two services of bad manners, and chains that reorganise.

A life is one refund, as in the other simulator; here most are owed in coins that only a service can pay.
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.memory.processor import Outcome
from payout.errors import PayoutError, ProcessorDenied, RailUnavailable
from tests.scenarios.people import People
from tests.scenarios.simulator import Simulation
from tests.scenarios.swaps.exchange import GOOD, Kind
from tests.scenarios.swaps.swap_stage import ENDED, WATCHED_SECONDS, attest
from tests.scenarios.swaps.swap_world import BTC, PRICES, USDT, Hands, SwapWorld
from tests.scenarios.weather import Weather

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.memory.processor import SwapService
    from payout.worker import WalletWorker

COINS = {asset.code: asset for asset in (BTC, USDT)}
LAST_DEPTH = 20
"""So much of their chains is undone once more when every refund has ended: what was final is so no longer."""
SHARED = "an address of two customers"


class SwapSimulation(Simulation):
    """One run of one installation that also swaps."""

    soaked_by = f"{Simulation.soaked_by} --swaps"
    world: SwapWorld
    _last_reorg = False

    def __init__(self, seed: int, *, rounds: int = 70, **facts: Any) -> None:
        super().__init__(seed, rounds=rounds, **facts)

    def _make_world(self, **facts: Any) -> SwapWorld:
        world = SwapWorld(self.seed, **facts)
        for exchange in world.exchanges:
            # Honest in one run of three; else anything may become of a deposit.
            exchange.kinds = GOOD if self.dice.random() < 0.33 else tuple(Kind)
        return world

    def _make_weather(self) -> Weather:
        return SwapWeather(self)

    def _make_people(self) -> People:
        return SwapPeople(self)

    def _jobs(self, worker: WalletWorker) -> tuple[Callable[[], object], ...]:
        if not isinstance(worker, Hands):
            raise TypeError("a process of this world makes orders")
        return (worker.track, worker.orders, worker.pay, worker.orders)

    def _care(self) -> None:
        super()._care()
        attest(self.world)

    def _pass_time(self) -> None:
        # Orders live for twenty minutes: time goes slowly enough to fund some.
        self.world.mine(2)
        self.world.clock.pass_by(30)
        if not all(row.status in ENDED for row in self.world.database.rows().refunds.values()):
            return
        if self._last_reorg:
            self.world.clock.pass_by(WATCHED_SECONDS)
            return
        self._last_reorg = True
        for chain in self.world.chains.values():
            chain.reorg(min(LAST_DEPTH, len(chain.blocks) - 1), drop=True)
        self.tell("both their chains are undone, and forgotten")

    def _is_done(self) -> bool:
        orders = self.world.database.rows().orders.values()
        return all(row.watched or row.status == "DROPPED" for row in orders) and super()._is_done()


class SwapPeople(People):
    """A panel that hands in refunds in several coins, and people who cancel and amend them."""

    def hand_in(self, number: int) -> None:
        dice = self.sim.dice
        if dice.random() < 0.3:
            super().hand_in(number)
            return
        external_id, code = f"E{number}", dice.choice(sorted(COINS))
        usd = f"{Decimal(dice.choice((500, 2500, 4999, dice.randint(300, 20_000)))) / 100:.2f}"
        destination = f"{code} {SHARED}" if dice.random() < 0.2 else f"{code} address of {external_id}"
        self.asked.append((external_id, usd, destination))
        with suppress(PayoutError):
            self.again(external_id, usd, destination)

    def again(self, external_id: str, usd: str, destination: str) -> None:
        """Also where the first time came to nothing."""
        code = destination.partition(" ")[0]
        if isinstance(self.world, SwapWorld) and code in COINS:
            self.world.request_swap(external_id, usd, COINS[code], destination)
        else:
            super().again(external_id, usd, destination)


class SwapWeather(Weather):
    """What services and the customers' chains do besides."""

    def blow(self) -> None:
        super().blow()
        world = self.sim.world
        if not isinstance(world, SwapWorld):
            raise TypeError("this weather needs services")
        self._services(world)
        self._their_chains(world)

    def clear(self) -> None:
        super().clear()
        world = self.sim.world
        if isinstance(world, SwapWorld):
            for exchange in world.exchanges:
                exchange.calm = True
                exchange.service.script.clear()
                exchange.service.can_find = True
                exchange.service.prices = dict(PRICES)
            world.turn()

    def _services(self, world: SwapWorld) -> None:
        dice = self.sim.dice
        world.turn()
        for service in world.services.values():
            if self._happens(0.1):
                service.script.update(self._trouble(service))
            if self._happens(0.05):
                service.can_find = not service.can_find
            if self._happens(0.1):
                service.prices = {**PRICES, "XMR": PRICES["XMR"] * dice.randint(70, 110) / 100}

    def _trouble(self, service: SwapService) -> dict[str, list[Exception | Outcome]]:
        dice = self.sim.dice
        call = dice.choice(("create", "create", "quote", "read", "refresh"))
        if call == "create":
            step: Exception | Outcome = dice.choice((Outcome.LOST, Outcome.NEVER))
        else:
            step = dice.choice((RailUnavailable("away"), ProcessorDenied("no such key")))
        self.sim.tell(f"{service.name}: the next {call} is {step}")
        return {call: [step]}

    def _their_chains(self, world: SwapWorld) -> None:
        for network, chain in world.chains.items():
            if self._happens(self.sim.mood.reorganised):
                depth = min(self.sim.dice.randint(1, 6), len(chain.blocks) - 1)
                drop = self._happens(0.5)
                chain.reorg(depth, drop=drop)
                self.sim.tell(f"{network}: {depth} blocks are undone{', and forgotten' if drop else ''}")
