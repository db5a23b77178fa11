"""A refund on its way, as the tests of the promises start from it; and what may happen while a process works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.memory.coin import Effect
from tests.payout.hands import Deeds, Once, Watch, payout, status
from tests.scenarios.boundary import Crash
from tests.scenarios.world import LEASE, WALLET, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from payout.worker import WalletWorker


class Paying:
    """A world in which one refund is on its way, and the process that sent it."""

    def __init__(self, *, lost: bool = False) -> None:
        self.world = World()
        self.key = self.world.approved("E1")
        self.network = Deeds(**({"relay": Effect.LOST, "resubmit": Effect.LOST} if lost else {}))
        self.worker = self.world.worker("a", faults=self.network)
        self.worker.pay()

    def mine_and_track(self, count: int) -> None:
        self.world.mine(count)
        self.worker.track()

    def give_up(self) -> None:
        self.world.desk().give_up(payout(self.world).id, "alice", "it never arrived")
        self.network.effects.clear()
        self.worker.track()

    @property
    def status(self) -> str:
        return status(self.world, self.key)


def signing(world: World, deed: Callable[[], object]) -> WalletWorker:
    """A process during whose first prepare something happens."""
    return world.worker("a", Watch(after={"coin.prepare": Once(deed)}))


def die() -> None:
    """A deed for Watch: the process is gone."""
    raise Crash


def taken_over(world: World) -> None:
    """The lease runs out, and another process takes the wallet."""
    world.clock.pass_by(31)
    assert world.database.store.claim_lease(WALLET, "b", LEASE)


def stopped_because(world: World) -> str:
    """Why the wallet is paused."""
    return " ".join(pause.why for pause in world.database.store.pauses() if pause.scope == WALLET)


def is_stopped(world: World) -> bool:
    """The wallet, and nothing else, is paused."""
    return world.database.rows().paused == frozenset({WALLET})
