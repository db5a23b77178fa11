"""
Trouble to order: a call that fails, a deed that never arrives, a process that dies, a wallet that sends too early.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adapters.memory.coin import Effect, MemoryCoin, MemoryWallet
from adapters.memory.journal import MemoryJournal
from payout.worker import WalletWorker
from tests.scenarios.boundary import Crash
from tests.scenarios.database import MemoryDatabase
from tests.scenarios.world import COIN, LEASE, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.memory.store.tables import Tables
    from payout.transfer import Transfer, TransferKind


class Deeds:
    """The effect of each call of `point`, in order."""

    def __init__(self, point: str, *effects: Effect) -> None:
        self._point = point
        self._effects = list(effects)

    def at(self, point: str, *, before: bool) -> Effect | None:
        """The next effect, as long as there are any."""
        return self._effects.pop(0) if before and point == self._point and self._effects else None


class Lost:
    """Calls that are made, and whose deeds never arrive."""

    def __init__(self, *points: str) -> None:
        self._points = points

    def at(self, point: str, *, before: bool) -> Effect | None:
        """LOST for each of them."""
        return Effect.LOST if before and point in self._points else None


class CrashAt:
    """The process dies at the first call of `point`."""

    def __init__(self, point: str) -> None:
        self._point = point
        self._dead = False

    def at(self, point: str, *, before: bool) -> None:
        """Once dead, every call meets the crash again."""
        if self._dead or (before and point == self._point):
            self._dead = True
            raise Crash(point)


class Broken:
    """A port call that fails, always or some times."""

    def __init__(self, point: str, error: Exception, times: int = 10**6) -> None:
        self._point, self._error, self._left = point, error, times

    def at(self, point: str, *, before: bool) -> None:
        """Fail, while there are failures left."""
        if before and point == self._point and self._left:
            self._left -= 1
            raise self._error


def status(world: World, key: str) -> str:
    return world.database.rows().refunds[key].status


def early_world() -> World:
    """Its reader does not insist that a commit comes first: here the wallet itself breaks that promise."""
    world = World()
    world.chain.on_first_broadcast = None
    return world


def tables_of(world: World) -> Tables:
    """The rows, as somebody who can write to the database has them."""
    if not isinstance(world.database, MemoryDatabase):
        raise TypeError("these scenarios play on the store in memory")
    return world.database.store._t


def transfers(world: World, kind: TransferKind) -> Sequence[Transfer]:
    found = world.database.store.list_transfers()
    return [each for each in found if each.kind is kind]


def second_wallet(world: World, **more: Any) -> WalletWorker:
    """A process with another wallet of the same installation, whose journal is up to date."""
    purse = MemoryWallet(world.chain, "second-address")
    world.chain.fund("second-address", COIN, outputs=20)
    world.mine(11)
    parts: dict[str, Any] = {"coin": MemoryCoin(purse), "journal": MemoryJournal([]), "store": world.database.store}
    rules = replace(world.rules, name="second")
    return WalletWorker(replace(world.wallet(), rules=rules, **parts, **more), "b", LEASE)


def payments_to(world: World, address: str) -> int:
    """Transactions that ever left and pay this address."""
    sent = world.chain.first_broadcasts.values()
    return sum(any(coin.address == address for coin in tx.outputs) for tx in sent)
