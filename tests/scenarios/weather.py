"""
The weather of the simulation: what network, wallet process, rates and clock do between the steps of processes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from adapters.memory.coin.chain import FEE_PER_BYTE
from payout.change import Pause
from payout.errors import RateUnavailable
from tests.scenarios.database import MemoryDatabase
from tests.scenarios.world import COIN, HOT, PRICE

if TYPE_CHECKING:
    from tests.scenarios.simulator import Simulation

DAY_SECONDS = 86_400
DEEP = (5, 8, 10, 11, 11, 11)
FINAL_DEPTH = 18


class Weather:
    """One round's events, each with the likelihood that the mood gives it."""

    def __init__(self, simulation: Simulation) -> None:
        self.sim = simulation
        self.world = simulation.world
        self.chain = simulation.world.chain

    def blow(self) -> None:
        """One round."""
        self._time()
        self._blocks()
        self._node()
        self._wallet()
        self._rates()
        self._house()
        self._theft()
        self._intrusion()

    def clear(self) -> None:
        """Every trouble ends, and money comes in."""
        sim, chain = self.sim, self.chain
        chain.start()
        chain.synchronized, chain.lag = True, 0
        chain.fee_per_byte, chain.fee_floor = FEE_PER_BYTE, 0
        chain.land()
        self.world.purse.start()
        self.world.pricing.refusal = None
        self.world.halts.there = ()
        sim.store_down = False
        chain.fund(HOT, COIN, outputs=20)
        self._mine(1)

    def forget_the_dead(self) -> None:
        """The node drops what has long been in its pool and can never be mined."""
        for tx in tuple(self.chain.pool.values()):
            if not self.chain._stands(tx):
                self.chain.flush(tx.txid)

    def _happens(self, likely: float) -> bool:
        return self.sim.dice.random() < likely

    def _time(self) -> None:
        dice = self.sim.dice
        seconds = dice.choice((1, 5, 20, 40, 120, 400))
        if self._happens(self.sim.mood.days_pass):
            seconds = dice.choice((1, 1, 8)) * DAY_SECONDS
            self.sim.tell(f"{seconds // DAY_SECONDS} days pass")
        self.world.clock.pass_by(seconds)

    def _blocks(self) -> None:
        dice, mood = self.sim.dice, self.sim.mood
        self.chain.land(dice.choice((0, 1, 3)))
        if self._happens(0.4):
            self._mine(dice.choice((1, 1, 2, 3, 6)))
        if self._happens(mood.reorganised):
            deep = self._happens(mood.deep)
            self._undo(dice.choice(DEEP) if deep else dice.randint(1, 4), drop=deep or self._happens(0.3))
        final = self._depth_of_final()
        if final is not None and self._happens(mood.final_undone):
            self._undo(final, drop=self._happens(0.7))
        if self._happens(mood.pool_flushed):
            self.chain.flush()
            self.sim.tell("the pool is flushed")
            self._steal_again()

    def _undo(self, depth: int, *, drop: bool) -> None:
        self.world.reorganise(depth, longer=self.sim.dice.choice((1, 1, 2)), drop=drop)
        self.sim.tell(f"{depth} blocks are undone{', and forgotten' if drop else ''}")
        self._steal_again()

    def _depth_of_final(self) -> int | None:
        """How deep a reorganisation must be to undo the newest that is final, if FINAL_DEPTH blocks are enough."""
        final = [row.id for row in self.world.database.rows().transfers.values() if row.status == "FINAL"]
        depths = [self.chain.tip - self.chain.mined[txid] for txid in final if txid in self.chain.mined]
        return min((depth for depth in depths if depth <= FINAL_DEPTH), default=None)

    def _mine(self, count: int) -> None:
        empty = not self.sim.calm and self._happens(self.sim.mood.empty)
        self.chain.mine(count, empty=empty)
        self.world.reader.see_chain()
        self.sim.tell(f"{count} blocks are mined{', empty' if empty else ''}")

    def _node(self) -> None:
        dice, mood, chain = self.sim.dice, self.sim.mood, self.chain
        if not chain.running or not chain.synchronized or chain.lag:
            if self._happens(0.5):
                chain.start()
                chain.synchronized, chain.lag = True, 0
                self.sim.tell("the node is well again")
        elif self._happens(mood.node_down):
            chain.stop()
            self.sim.tell("the node is down")
        elif self._happens(mood.node_behind):
            chain.lag = dice.choice((1, 2, 3, 8))
            chain.synchronized = dice.choice((True, True, False))
            self.sim.tell(f"the node is {chain.lag} blocks behind")

    def _wallet(self) -> None:
        purse = self.world.purse
        if not purse.running:
            if self._happens(0.6):
                purse.start()
                self.sim.tell("the wallet is started")
        elif self._happens(self.sim.mood.wallet_killed):
            (purse.kill if self._happens(0.8) else purse.stop)()
            self.sim.tell("the wallet is killed")
            if self._happens(0.6):
                purse.start()

    def _rates(self) -> None:
        dice, mood, pricing, chain = self.sim.dice, self.sim.mood, self.world.pricing, self.chain
        if self._happens(mood.price_moves):
            pricing.price = (PRICE * dice.randint(80, 120) / 100).quantize(Decimal(dice.choice(("0.01", "0.001"))))
        if pricing.refusal is not None:
            pricing.refusal = None if self._happens(0.5) else pricing.refusal
        elif self._happens(mood.rates_refused):
            pricing.refusal = RateUnavailable("simulated: too few fresh samples")
        if chain.fee_per_byte != FEE_PER_BYTE:
            if self._happens(0.4):
                chain.fee_per_byte, chain.fee_floor = FEE_PER_BYTE, 0
        elif self._happens(mood.fee_spike):
            chain.fee_per_byte *= dice.choice((2, 1000))
            chain.fee_floor = chain.fee_per_byte if self._happens(0.3) else 0
            self.sim.tell("fees rise")

    def _house(self) -> None:
        sim, mood, world = self.sim, self.sim.mood, self.world
        if sim.store_down:
            sim.store_down = not self._happens(0.6)
        elif self._happens(mood.store_down):
            sim.store_down = True
            sim.tell("the database is down")
        if world.halts.there:
            world.halts.there = () if self._happens(0.4) else world.halts.there
        elif self._happens(mood.halted):
            world.halts.there = (Pause(scope="hot", who="a file", why="simulated", at=world.clock.now()),)
            sim.tell("a pause file is put")
        if self._happens(0.05):
            self.chain.fund(HOT, COIN // 2, outputs=2)

    def _theft(self) -> None:
        """Someone else has the wallet's keys, and spends a little."""
        purse = self.world.purse
        if not self._happens(self.sim.mood.thief) or not (purse.is_open and self.chain.running):
            return
        fee = 2000 * self.chain.fee_per_byte
        free = [coin for coin, unlocked in purse._unspent() if unlocked and coin.units > fee]
        final = self.world.once_final() & self.chain.signed.keys()
        taken = {image for txid in final for image in self.chain.signed[txid].key_images} | self.chain.spent.keys()
        loose = [coin.key_image for coin in free if coin.key_image not in taken]
        if loose:
            self.world.steal(self.sim.dice.choice(loose))
            self.sim.tell("someone else spends an output")

    def _intrusion(self) -> None:
        """Someone writes to the database, past the store."""
        refunds = self.world.database.rows().refunds.values()
        tempting = [row.id for row in refunds if row.status in {"REQUESTED", "APPROVED", "HELD"}]
        if self.sim.desk_is_busy or not isinstance(self.world.database, MemoryDatabase):
            return  # A row that changes under the eyes of who signs it is another story.
        if tempting and self._happens(self.sim.mood.intruder):
            self.world.tamper(self.sim.dice.choice(tempting))
            self.sim.tell("someone tampers with a row")

    def _steal_again(self) -> None:
        for txid in sorted(self.world.reader.foreign):
            if not self.chain.has(txid):
                self.chain.submit(self.chain.signed[txid])
