"""
The people of the simulation: a merchant's panel that hands refunds in, and persons who decide, meddle and mistake.

Each act is a process of its own, as a command is: it meets the same faults as a worker, and may die half-way.
"""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal
from typing import TYPE_CHECKING

from payout.errors import PayoutError
from payout.resolution import Resolution
from tests.scenarios.world import WALLET

if TYPE_CHECKING:
    from collections.abc import Callable

    from payout.desk import Desk
    from tests.scenarios.process import Process
    from tests.scenarios.simulator import Simulation

SHARED = "an address of two customers"


class People:
    """Acts, each drawn by the dice."""

    def __init__(self, simulation: Simulation) -> None:
        self.sim = simulation
        self.world = simulation.world
        self.asked: list[tuple[str, str, str]] = []
        """external_id, USD, destination of every refund that was handed in."""

    def hand_in(self, number: int) -> None:
        """The panel hands in a refund, sometimes with more facts."""
        dice = self.sim.dice
        external_id = f"E{number}"
        cents = dice.choice((100, 500, 2500, 4999, 10_000, dice.randint(100, 20_000)))
        usd = f"{Decimal(cents) / 100:.2f}"
        destination = SHARED if dice.random() < 0.2 else f"address of {external_id}"
        if dice.random() < 0.1:
            destination = f"integrated {external_id}"
            self.world.purse.integrated_addresses.add(destination)
        if dice.random() < 0.05:
            self.world.purse.refused_addresses.add(destination)
        more = {"amount_max": f"{dice.randint(1, 50) / 100:.2f}"} if dice.random() < 0.2 else {}
        self.asked.append((external_id, usd, destination))
        with suppress(PayoutError):
            self.world.request(external_id, usd, destination, **more)

    def again(self, external_id: str, usd: str, destination: str) -> None:
        """The panel does not find it on record, because the database was away."""
        self.world.request(external_id, usd, destination)

    def act(self, process: Process) -> None:
        """One act of one person."""
        dice = self.sim.dice
        meddle = dice.random() < self.sim.mood.meddled
        deed = dice.choice(self._meddling() if meddle else self._duties())
        with suppress(PayoutError):
            deed(process)

    def _duties(self) -> list[Callable[[Process], None]]:
        return [self._approve, self._approve, self._approve, self._release, self._resume, self._expire, self._classify]

    def _meddling(self) -> list[Callable[[Process], None]]:
        return [
            *(self._hold, self._hold, self._release, self._approve, self._cancel, self._reject, self._resolve),
            *(self._amend, self._give_up, self._give_up, self._give_up, self._pause, self._resume),
        ]

    # ------------------------------------------------------------ what a person can do

    def _approve(self, process: Process) -> None:
        for key in self._those("REQUESTED"):
            self.world.approve(key, self.sim.dice.choice(("alice", "bob")), process)

    def _expire(self, process: Process) -> None:
        self._desk(process).expire()

    def _release(self, process: Process) -> None:
        for key in self._those("HELD", "PAYING"):
            with suppress(PayoutError):
                self._desk(process).release(key, "bob")

    def _hold(self, process: Process) -> None:
        self._desk(process).hold(self._one("REQUESTED", "APPROVED", "PAYING", "PAID"), "alice", "a doubt")

    def _cancel(self, process: Process) -> None:
        self._desk(process).cancel(self._one("REQUESTED", "APPROVED", "HELD", "PAYING"), "alice", "withdrawn")

    def _reject(self, process: Process) -> None:
        self._desk(process).reject(self._one("REQUESTED", "APPROVED", "PAYING"), "bob", "not ours")

    def _resolve(self, process: Process) -> None:
        how = self.sim.dice.choice(tuple(Resolution))
        self._desk(process).resolve(self._one("HELD", "APPROVED", "PAYING"), how, "bob", "done by hand")

    def _amend(self, process: Process) -> None:
        key = self._one("REQUESTED", "APPROVED", "HELD", "PAYING")
        row = self.world.database.rows().refunds.get(key)
        if row is None:
            return
        address = f"address {row.revision + 1} of {row.external_id}"
        self.world.reader.debts[row.external_id].destinations.append(address)
        self._desk(process).amend(key, address, None, "alice", "the customer wrote")

    def _give_up(self, process: Process) -> None:
        settled = self.world.once_final()
        transfers = self.world.database.rows().transfers.values()
        open_ones = [row.id for row in transfers if row.status == "OPEN" and row.id not in settled]
        if open_ones:
            txid = self.sim.dice.choice(open_ones)
            self.sim.tell(f"alice gives up {txid[:8]}")
            self._desk(process).give_up(txid, "alice", "it takes too long")

    def _pause(self, process: Process) -> None:
        self.sim.tell("bob pauses")
        self._desk(process).pause(self.sim.dice.choice(("all", WALLET)), "bob", "lunch")

    def _resume(self, process: Process) -> None:
        for scope in sorted(self.world.database.rows().paused):
            self._desk(process).resume(scope, "alice")

    def _classify(self, process: Process) -> None:
        for txid in sorted(self.world.reader.foreign):
            self._desk(process).classify(WALLET, txid, "bob", "our own test")

    # ------------------------------------------------------------ inner works

    def _desk(self, process: Process) -> Desk:
        return self.world.desk(process)

    def _those(self, *statuses: str) -> list[str]:
        refunds = self.world.database.rows().refunds.values()
        return [row.id for row in refunds if row.status in statuses]

    def _one(self, *statuses: str) -> str:
        return self.sim.dice.choice(self._those(*statuses) or self._those("REQUESTED") or [""])
