"""
A process of the simulation: a hook on all its ports, where it may meet faults, fall asleep, hand over, or die.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.memory.coin import Effect
from payout.errors import CommitUnknown, JournalBroken, OrderUnknown, RailUnavailable, StoreUnavailable
from tests.scenarios.boundary import Crash

if TYPE_CHECKING:
    from tests.scenarios.simulator import Simulation

SPEECHLESS = {"coin.relay", "coin.owns", "coin.alone", "coin.valid"}
"""Calls that by their contract raise nothing."""
OTHERS = {"processor": 3, "chain": 10}
"""Services that we do not run: so many times as likely to fail as our own wallet. A chain is asked seldom."""
UNASKED = {"processor.refusal", "processor.memo_needed", "processor.hint"}
"""Calls that are answered from memory."""
DEEDS = {"coin.relay", "coin.resubmit", "coin.mend", "coin.rescan", "coin.save"}
NAP_SECONDS = (5, 31, 45, 90, 400)


class Process:
    """One incarnation. Dead, it does nothing more."""

    def __init__(self, name: str, simulation: Simulation, *, pays: bool = False) -> None:
        self.name = name
        self.pays = pays
        self.sim = simulation
        self.dead = False

    def at(self, point: str, *, before: bool) -> None:
        """On both sides of each call of a port."""
        if self.dead:
            raise Crash(self.name)
        sim = self.sim
        if sim.calm:
            sim.world.asked_at = sim.world.running = None
            return
        sim.world.clock.pass_by(0.01)
        if point == "coin.prepare" and not before and sim.dice.random() < sim.mood.acted_midway:
            sim.people.act(Process(f"someone, while {self.name} signs,", sim))
        now = sim.world.clock.now()
        self._rest(point, before=before)
        self._fail(point, before=before)
        sim.world.asked_at = now if before else None
        sim.world.running = self.name if before and self.pays else None

    def deed(self, point: str) -> Effect | None:
        """What becomes of a deed of the wallet."""
        sim = self.sim
        if sim.calm or point not in DEEDS:
            return None
        mood, dice = sim.mood, sim.dice.random()
        for effect, likely in (
            (Effect.LOST, mood.deed_lost),
            (Effect.LATE, mood.deed_late),
            (Effect.TWICE, mood.deed_twice),
        ):
            if dice < likely / 2:
                sim.tell(f"{self.name}: {point} is {effect}")
                return effect
            dice -= likely / 2
        return None

    def _rest(self, point: str, *, before: bool) -> None:
        sim, mood = self.sim, self.sim.mood
        dice = sim.dice.random()
        side = "before" if before else "after"
        if dice < mood.crash:
            self.dead = True
            sim.tell(f"{self.name} dies {side} {point}")
            raise Crash(self.name)
        dice -= mood.crash
        if dice < mood.sleep:
            seconds = sim.dice.choice(NAP_SECONDS)
            sim.tell(f"{self.name} sleeps {seconds} s {side} {point}")
            sim.nap(seconds)
        elif dice - mood.sleep < mood.hand_over:
            sim.hand_over()
        if self.dead:
            raise Crash(self.name)

    def _fail(self, point: str, *, before: bool) -> None:
        sim, mood = self.sim, self.sim.mood
        port, dice = point.partition(".")[0], sim.dice.random()
        error: Exception | None = None
        if port == "store":
            error = self._store_fault(point, dice, before=before)
        elif point == "journal.append" and dice < mood.journal_fails:
            error = JournalBroken("simulated: the disk is full")
        elif port in OTHERS and point not in UNASKED and dice < OTHERS[port] * mood.rail_fails:
            lost = point == "processor.create" and not before
            error = OrderUnknown("simulated: no answer") if lost else RailUnavailable("simulated: no connection")
        elif port == "coin" and point not in SPEECHLESS and dice < mood.rail_fails:
            error = RailUnavailable(f"simulated: {'no connection' if before else 'the answer was lost'}")
        if error is not None:
            sim.tell(f"{self.name}: {type(error).__name__} {'before' if before else 'after'} {point}")
            raise error

    def _store_fault(self, point: str, dice: float, *, before: bool) -> Exception | None:
        mood = self.sim.mood
        if before and (self.sim.store_down or dice < mood.store_fails):
            return StoreUnavailable("simulated: the database is away")
        if point == "store.commit" and dice < mood.commit_unknown / 2:
            return CommitUnknown("simulated: the answer to a COMMIT was lost")
        return None


class Deeds:
    """The same process, as the coin's faults see it."""

    def __init__(self, process: Process) -> None:
        self._process = process

    def at(self, point: str, *, before: bool) -> Any:
        return self._process.deed(point) if before else None
