"""
The simulator: a seeded run of one installation with two workers, in bad weather and among meddling people.

A life is one refund. After the storm faults stop, people care and time runs on; then the reader settles: each refund
was paid exactly once, or a person ended it and it was not paid. All that happens follows from the seed.
"""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from tests.scenarios.baton import Actor
from tests.scenarios.caretaker import take_care
from tests.scenarios.database import MemoryDatabase
from tests.scenarios.mood import Mood
from tests.scenarios.people import People
from tests.scenarios.process import Deeds, Process
from tests.scenarios.violation import Violation
from tests.scenarios.weather import Weather
from tests.scenarios.world import COIN, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from payout.event import Event
    from payout.ports import Clock
    from payout.worker import WalletWorker
    from tests.scenarios.database import Database

CALM_ROUNDS_MAX = 250
STORY_LINES = 120
ENDED = {"PAID", "CANCELED", "CREDITED", "PAID_OUTSIDE", "REJECTED"}


class Simulation:
    """One run. `lives` refunds are handed in over `rounds` rounds."""

    soaked_by = "python tests/scenarios/soak.py"
    """What runs its kind."""

    def __init__(
        self,
        seed: int,
        *,
        lives: int = 10,
        rounds: int = 40,
        database: Callable[[Clock], Database] = MemoryDatabase,
    ) -> None:
        self.seed = seed
        self.dice = Random(seed)
        self.mood = Mood.draw(self.dice)
        poor = self.dice.random() < self.mood.poor
        self.world = self._make_world(
            outputs=self.dice.choice((1, 2)) if poor else self.dice.choice((1, 4, 9, 20)),
            units=COIN // 2 if poor else 4 * COIN,
            day_max="400.00" if self.dice.random() < self.mood.small_cap else "5000.00",
            database=database,
        )
        self.world.chain.rings_regrow = self.dice.random() >= self.mood.ring_lost
        self.world.reader.nap = timedelta(days=9)
        self.lives = lives
        self.rounds = rounds
        self.calm = False
        self.store_down = False
        self.story: list[str] = []
        self.weather = self._make_weather()
        self.people = self._make_people()
        self._handed_in = 0
        self._processes: dict[str, Process] = {}
        self._workers: dict[str, WalletWorker] = {}
        self._actors: dict[str, Actor] = {}
        self._running: Actor | None = None

    # ------------------------------------------------------------ what another kind of run has otherwise

    def _make_world(self, **facts: Any) -> World:
        return World(self.seed, **facts)

    def _make_weather(self) -> Weather:
        return Weather(self)

    def _make_people(self) -> People:
        return People(self)

    def _jobs(self, worker: WalletWorker) -> tuple[Callable[[], object], ...]:
        """What a process may do next, each as likely as the others."""
        return (worker.pay, worker.pay, worker.track)

    def _care(self) -> None:
        """What people do unasked, in the calm."""
        take_care(self.world)

    def run(self) -> None:
        """
        Live through it.

        Raises:
            Violation: a promise was broken; its words hold the seed and the story.
        """
        try:
            for _ in range(self.rounds):
                self._storm()
            self._calm_down()
            self.world.reader.settle()
        except Exception as error:
            raise Violation(self._told(error)) from error
        finally:
            self._close()

    def tell(self, words: str) -> None:
        """A line of the story."""
        clock, tip = self.world.clock.now(), self.world.chain.tip
        self.story.append(f"{clock:%d %H:%M:%S} block {tip}: {words}")

    # ------------------------------------------------------------ called by processes

    def hand_over(self) -> None:
        """The process that runs lets others run."""
        if self._running is not None:
            self._running.wait()

    def nap(self, seconds: float) -> None:
        """The process that runs is stopped for so long, and knows nothing of it."""
        if self._running is not None:
            self._running.asleep_until = self.world.clock.now().timestamp() + seconds
            self._running.wait()

    @property
    def desk_is_busy(self) -> bool:
        """A person is in the middle of an act."""
        return "desk" in self._actors

    # ------------------------------------------------------------ the storm

    def _storm(self) -> None:
        """One round: weather, new refunds, new jobs for the idle, and then they take turns."""
        self.weather.blow()
        while self._handed_in < self.lives and self.dice.random() < 2 * self.lives / self.rounds:
            self.people.hand_in(self._handed_in)
            self._handed_in += 1
        for name, likely in (("A", 0.8), ("B", 0.8), ("desk", 0.6)):
            if name not in self._actors and self.dice.random() < likely:
                self._actors[name] = self._start(name)
        self._take_turns()

    def _start(self, name: str) -> Actor:
        if name == "desk":
            person = Process("desk", self)
            return Actor(name, lambda: self.people.act(person))
        worker = self._worker(name)
        return Actor(name, self.dice.choice(self._jobs(worker)))

    def _worker(self, name: str) -> WalletWorker:
        """The living incarnation of a worker."""
        process = self._processes.get(name)
        if process is None or process.dead or self.dice.random() < 0.02:
            number = int(process.name[1:]) + 1 if process else 1
            process = self._processes[name] = Process(f"{name}{number}", self, pays=True)
            self._workers[name] = self.world.worker(process.name, process, Deeds(process))
        return self._workers[name]

    def _take_turns(self) -> None:
        """Until everyone has finished, or sleeps."""
        while True:
            now = self.world.clock.now().timestamp()
            awake = [actor for actor in self._actors.values() if self.calm or actor.asleep_until <= now]
            if not awake:
                return
            actor = self.dice.choice(awake)
            self._running = actor
            try:
                actor.resume()
            finally:
                self._running = None
                if actor.done:
                    del self._actors[actor.name]

    # ------------------------------------------------------------ the calm

    def _calm_down(self) -> None:
        self.calm = True
        self.tell("the storm is over")
        self.weather.clear()
        self._take_turns()
        while self._handed_in < self.lives:
            self.people.hand_in(self._handed_in)
            self._handed_in += 1
        for external_id, usd, destination in self.people.asked:
            self._hand_in_again(external_id, usd, destination)
        for number in range(CALM_ROUNDS_MAX):
            self._care()
            for name in ("A", "B"):
                for job in dict.fromkeys(self._jobs(self._worker(name))):
                    job()
            if self._is_done():
                return
            if number % 20 == 10:
                self.weather.forget_the_dead()
            if number % 20 == 19:
                self.world.clock.pass_by(86_400)
            self._pass_time()

    def _pass_time(self) -> None:
        self.world.mine(4)
        self.world.clock.pass_by(60)

    def _hand_in_again(self, external_id: str, usd: str, destination: str) -> None:
        """What the panel does not find on record, because the database was away, it hands in again."""
        known = {row.external_id for row in self.world.database.rows().refunds.values()}
        if external_id not in known:
            self.people.again(external_id, usd, destination)

    def _is_done(self) -> bool:
        rows = self.world.database.rows()
        ended = all(row.status in ENDED for row in rows.refunds.values())
        return ended and all(row.watched for row in rows.transfers.values())

    # ------------------------------------------------------------ the end

    def _close(self) -> None:
        for actor in self._actors.values():
            actor.stop()
        self._actors.clear()
        self.world.database.close()

    def _told(self, error: Exception) -> str:
        events = [f"{event.at:%d %H:%M:%S} {event.kind} {event.words}" for event in self._events()]
        lines = [
            f"seed {self.seed}: {type(error).__name__}: {error}",
            "---- the story",
            *self.story[-STORY_LINES:],
            "---- the newest events",
            *events,
            f"---- again: {self.soaked_by} --seed {self.seed} --lives 1",
        ]
        return "\n".join(lines)

    def _events(self) -> list[Event]:
        return list(self.world.database.store.events(limit=40))
