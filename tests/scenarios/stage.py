"""
A stage: plays a script in a world whose processes may die at any boundary, and are started again.

After a crash nothing is left of the process but the database, the journal, the chain and, unless it is lost too, the
wallet's cache. A command that died is looked at by its person, who gives it again where it did not take effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.memory.coin import Effect
from payout.errors import PayoutError
from tests.scenarios.boundary import Crash, Fuse
from tests.scenarios.caretaker import take_care
from tests.scenarios.violation import fail

if TYPE_CHECKING:
    from collections.abc import Callable

    from payout.desk import Desk
    from payout.worker import WalletWorker
    from tests.scenarios.database import TransferRow
    from tests.scenarios.world import World

ROUNDS_MAX = 120


class Stage:
    """One play of one script. `broken` maps a boundary to what it raises; `effects` to what becomes of a deed."""

    verbs: tuple[str, ...] = ("pay", "track")
    """The ticks of a process, once each round."""

    def __init__(self, world: World, fuse: Fuse, *, amnesia: bool = False, second: int | None = None) -> None:
        self.world = world
        self.fuse = fuse
        self.amnesia = amnesia
        self._second = second
        self.generation = 0
        self.broken: dict[str, Exception] = {}
        self.effects: dict[str, Effect] = {}
        self._workers: dict[str, WalletWorker] = {}

    # ------------------------------------------------------------ what a script does

    def tick(self, *ticks: str) -> None:
        """Such as `a.pay`: a worker's tick, which may be its last."""
        for tick in ticks:
            name, _, verb = tick.partition(".")
            try:
                getattr(self._worker(name), verb)()
            except Crash:
                self._start_again()
            self._look_at_books()

    def _look_at_books(self) -> None:
        """Nothing that the wallet has seen mined was relayed to it again."""
        if not self.world.copied and any(sent.phantom for sent in self.world.purse._book.sent.values()):
            fail("a mined transfer was relayed")

    def act(self, deed: Callable[[Desk], object]) -> None:
        """A person's command; refused is refused."""
        self.run(lambda: deed(self.world.desk(_Ports(self))))

    def run(self, command: Callable[[], object]) -> None:
        """A command, given again if its process died."""
        for _ in range(3):
            try:
                command()
            except Crash:
                self._start_again()
                continue
            except PayoutError:
                pass  # A script plays on: what counts is the end.
            return

    def reconcile(self) -> None:
        """The daemon is stopped, its lease runs out, and then `payout reconcile --repair`."""
        self.stop()
        self.run(lambda: self.world.reconciler(_Ports(self)).repair("alice"))

    def open_payouts(self) -> list[TransferRow]:
        """As the raw rows say."""
        transfers = self.world.database.rows().transfers.values()
        return [row for row in transfers if row.kind == "PAYOUT" and row.status == "OPEN"]

    def give_up_all(self) -> None:
        """A person gives up whatever payout is open."""
        for row in self.open_payouts():
            txid = row.id
            self.act(lambda desk, txid=txid: desk.give_up(txid, "alice", "scenario"))  # type: ignore[misc]

    def finish(self, *, blocks: int = 5, owners: tuple[str, ...] = ("a",)) -> None:
        """Faults end, people care, time runs on until nothing moves."""
        self.broken.clear()
        self.effects.clear()
        for _ in range(ROUNDS_MAX):
            self.care()
            self.tick(*(f"{owner}.{verb}" for owner in owners for verb in self.verbs))
            if self._is_done():
                break
            self.pass_time(blocks)
        self.world.reader.settle()

    def pass_time(self, blocks: int) -> None:
        """Between two rounds of the end."""
        self.world.mine(blocks)
        self.world.clock.pass_by(300)

    def care(self) -> None:
        """What people do unasked."""
        take_care(self.world)

    def _is_done(self) -> bool:
        rows = self.world.database.rows()
        ended = {"PAID", "CANCELED", "CREDITED", "PAID_OUTSIDE", "REJECTED"}
        return all(row.status in ended for row in rows.refunds.values()) and all(
            row.watched for row in rows.transfers.values()
        )

    # ------------------------------------------------------------ processes

    def stop(self) -> None:
        """Every process ends in peace, and nobody renews its lease."""
        self._workers.clear()
        self.generation += 1
        self.world.clock.pass_by(31)

    def _worker(self, name: str) -> WalletWorker:
        if name not in self._workers:
            owner = f"{name}{self.generation}"  # Each process has a name of its own.
            self._workers[name] = self.world.worker(owner, _Ports(self), _Deeds(self))
        return self._workers[name]

    def _start_again(self) -> None:
        self.fuse, self._second = Fuse(self._second), None
        if self.amnesia:
            self.world.purse.kill()
            self.world.purse.start()
        self.stop()


class _Ports:
    """Every port call of every process on the stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def at(self, point: str, *, before: bool) -> None:
        self._stage.fuse.at(point, before=before)
        if before and point in self._stage.broken:
            raise self._stage.broken[point]


class _Deeds:
    """What becomes of the coin's deeds."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def at(self, point: str, *, before: bool) -> Any:
        return self._stage.effects.get(point) if before else None
