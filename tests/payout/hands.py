"""
Hands on a wallet, for tests of one part of the business at a time, in the world of the scenarios.

No worker stands around them: what a part raises, the test meets. The world's reader looks at every commit and at
every broadcast, so a test that breaks a promise fails even where it asserts something else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.memory.coin import Effect
from adapters.memory.store import MemoryStore
from payout.delivery import finish
from payout.give_up import give_up_requested
from payout.guard import adopt, guard
from payout.payer import Payer
from payout.tracker import Tracker
from payout.transfer import TransferKind
from tests.scenarios.plain_sealer import PlainSealer
from tests.scenarios.world import LEASE, WALLET, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.memory.coin import Faults, MemoryWallet
    from adapters.memory.store.tables import Tables
    from payout.change import Lease
    from payout.event import Event
    from payout.ports import Standing
    from payout.refund import Attempt, Refund
    from payout.transfer import Payload, Transfer
    from tests.scenarios.boundary import Hook


class Watch:
    """A hook that writes each port call down; `before` and `after` say what happens at which."""

    def __init__(
        self,
        before: dict[str, Callable[[], object]] | None = None,
        after: dict[str, Callable[[], object]] | None = None,
    ) -> None:
        self.calls: list[str] = []
        self.before = before or {}
        self.after = after or {}

    def at(self, point: str, *, before: bool) -> None:
        """One side of one call."""
        if before:
            self.calls.append(point)
        deed = (self.before if before else self.after).get(point)
        if deed is not None:
            deed()


class Deeds:
    """What becomes of the coin's deeds; a test clears it when the network works again."""

    def __init__(self, **effects: Effect) -> None:
        self.effects = {f"coin.{name}": effect for name, effect in effects.items()}

    def at(self, point: str, *, before: bool) -> Effect | None:
        """The same at each call."""
        return self.effects.get(point) if before else None


class Once:
    """A deed that is done at the first call, and not again."""

    def __init__(self, deed: Callable[[], object]) -> None:
        self._deed: Callable[[], object] | None = deed

    def __call__(self) -> None:
        deed, self._deed = self._deed, None
        if deed is not None:
            deed()


def failing(error: Exception) -> Callable[[], object]:
    """A deed for Watch: the call fails."""

    def fail() -> None:
        raise error

    return fail


class Hands:
    """One process's hands on the wallet of a world: adopted and leased, as each part finds it."""

    def __init__(
        self, world: World, *, hook: Hook | None = None, faults: Faults | None = None, owner: str = "a"
    ) -> None:
        self.wallet = world.wallet(hook, faults)
        self._owner = owner
        self._tracker = Tracker(wallet=self.wallet)
        adopt(self.wallet, self.check(), self.lease())

    def check(self) -> Standing:
        """Open and refresh the wallet."""
        return self.wallet.coin.check()

    def lease(self) -> Lease:
        """Taken, or kept."""
        lease = self.wallet.store.claim_lease(WALLET, self._owner, LEASE)
        if lease is None:
            raise ValueError("the test lets another process hold the wallet")
        return lease

    def pay(self) -> None:
        """What the payer does in one tick."""
        standing = self.check()
        Payer(wallet=self.wallet, tip=standing.tip, address=standing.address).pay(self.lease())

    def track(self) -> None:
        """What the tracker does in one tick."""
        self.check()
        self._tracker.track(self.lease())

    def give_up(self) -> None:
        """What is done in one tick about what people gave up."""
        self.check()
        give_up_requested(self.wallet, self.lease())

    def finish(self) -> None:
        """What is done in each tick about what was committed and never left."""
        self.check()
        finish(self.wallet, self.lease())

    def guard(self) -> None:
        """What is checked before anything may be spent."""
        guard(self.wallet, self.check(), self.lease())


def sent(world: World, *, lost: bool = False) -> tuple[str, Hands]:
    """A refund that is being paid, and whose hands pay it; with `lost`, the broadcast never arrived."""
    key = world.approved("E1")
    faults = Deeds(relay=Effect.LOST) if lost else Deeds()
    hands = Hands(world, faults=faults)
    hands.pay()
    faults.effects.clear()
    return key, hands


def steal(world: World, purse: MemoryWallet | None = None) -> str:
    """Somebody else with our keys spends what the wallet would spend next; the txid."""
    seen, world.chain.on_first_broadcast = world.chain.on_first_broadcast, None
    txid = (purse or world.purse).foreign_spend("a thief's address", 10**9)
    world.chain.on_first_broadcast = seen
    world.reader.foreign.add(txid)
    return txid


# ---------------------------------------------------------------- what is on record


def tables(world: World) -> Tables:
    """The rows themselves, for tests in which somebody edits them."""
    store = world.database.store
    if not isinstance(store, MemoryStore):
        raise TypeError("only the store in memory can be edited")
    return store._t


def refund(world: World, key: str) -> Refund:
    """As it stands."""
    return tables(world).refunds[key]


def status(world: World, key: str) -> str:
    """Of a refund."""
    return refund(world, key).status.value


def waiting(world: World, key: str) -> str:
    """What an APPROVED refund says that it waits for."""
    return refund(world, key).waiting_for or ""


def attempts(world: World, key: str) -> tuple[Attempt, ...]:
    """Of a refund, oldest first."""
    return world.database.store.attempts([key])


def transfers(world: World, kind: TransferKind = TransferKind.PAYOUT) -> tuple[Transfer, ...]:
    """Of one kind, oldest first."""
    return tuple(each for each in reversed(world.database.store.list_transfers()) if each.kind is kind)


def payout(world: World) -> Transfer:
    """The only one."""
    (found,) = transfers(world)
    return found


def payload(transfer: Transfer) -> Payload:
    """Its bytes."""
    return PlainSealer().unseal(transfer.sealed)


def alarms(world: World) -> list[Event]:
    """What a person was to see, oldest first."""
    return [event for event in tables(world).events if event.alarm]
