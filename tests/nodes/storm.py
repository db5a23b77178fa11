"""
A storm: refunds keep coming in while workers, wallet and node are killed, answers are lost and blocks are undone.

Every choice is drawn from one seed. What was really done is counted, since a fault that never struck proves nothing.
"""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from deploy.sandbox import Fault, LossyProxy, Network
from payout.asset import XMR
from payout.refund import RefundStatus
from tests.nodes.house import LEASE_SECONDS, PATIENCE_SECONDS, DaemonProcess, Installation, Owed, until

MOMENTS = ("transfer", "relay_tx", "store", "get_tx_proof", "refresh", None)
"""The call to the wallet during which a process is killed; None: at any time."""
MOMENT_SECONDS = 4.0
BACKLOG = 15
"""So many refunds fit into one transfer."""
SAID = {
    "swallow": "swallowed",
    "truncate": "cut short",
    "error_after": "turned into an error",
    "twice": "of calls made twice",
    "html": "replaced by a web page",
}
REORGED_GIVE_UP = "took the give-up"
"""The one pause that a storm may cause: the design asks a person to look, and then to resume."""
OTHER_RING = "--shared-ringdb-dir"
"""wallet-rpc cannot spend an output that a reorganisation moved before its rings are forgotten."""


class Storm:
    """Strikes one installation. The proxies stand between it and its wallet and node."""

    def __init__(self, house: Installation, wallet: LossyProxy, node: LossyProxy, seed: int, *, workers: int) -> None:
        self.house = house
        self.network: Network = house.network
        self.dice = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.owed: list[Owed] = []
        self._wallet, self._node = wallet, node
        self._addresses: list[str] = []
        self.workers = [self._start(n) for n in range(workers)]

    def lose_answers(self) -> None:
        """From here on the proxies swallow, spoil and repeat."""
        self._wallet.rule(Fault.SWALLOW, "relay_tx", times=1)  # Dice may spare every one of them.
        for method, chance in (("relay_tx", 0.4), ("transfer", 0.2), ("store", 0.2), ("get_tx_proof", 0.1)):
            self._wallet.rule(Fault.SWALLOW, method, chance=chance)
        self._wallet.rule(Fault.TWICE, "relay_tx", chance=0.3)
        self._wallet.rule(Fault.ERROR_AFTER, "relay_tx", chance=0.1)
        self._wallet.rule(Fault.TRUNCATE, chance=0.01)
        self._node.rule(Fault.SWALLOW, "send_raw_transaction", chance=0.5)
        self._node.rule(Fault.SWALLOW, chance=0.02)
        self._node.rule(Fault.HTML, chance=0.01)

    def owe(self, refunds: int) -> None:
        """More refunds, approved, each to an address of its own."""
        if len(self._addresses) < refunds:
            self._addresses += self.network.customer.new_addresses(64)
            self.network.customer.store()
        to = [self._addresses.pop() for _ in range(refunds)]
        dollars = [f"{self.dice.randint(100, 4000) / 100:.2f}" for _ in range(refunds)]
        self.owed += self.house.owe(*dollars, to=to)

    def rest(self, least: float, most: float) -> None:
        time.sleep(self.dice.uniform(least, most))

    def keep_pace(self) -> None:
        """Until little waits: else a slow machine pays nearly all when the storm is over, and nothing in it."""
        until(lambda: self._waiting() <= BACKLOG, "payments to go on", 2 * PATIENCE_SECONDS)

    # ------------------------------------------------------------ faults

    def kill_worker(self) -> None:
        victim = self.dice.randrange(len(self.workers))
        self._moment("worker")
        self.workers[victim].kill()
        self.workers[victim] = self._start(victim)

    def suspend_worker(self) -> None:
        """Longer than its lease: it comes back believing that it still has the wallet."""
        victim = self.dice.choice(self.workers)
        self._moment("suspended worker")
        victim.suspend()
        time.sleep(LEASE_SECONDS + 1.5)
        victim.resume()

    def kill_wallet(self) -> None:
        self._moment("wallet-rpc")
        self.network.hot.kill()
        self.network.hot.start()

    def kill_node(self) -> None:
        self._moment("monerod")
        self.network.daemon.kill()
        self.network.daemon.start()

    def flush_pool(self) -> None:
        """At a moment when there is something to forget."""
        self.owe(1)
        until(self._pool_is_full, "a payment in the pool", 2 * PATIENCE_SECONDS)
        lost = self.network.daemon.pool()
        self.network.daemon.flush_pool()
        self.counts["pool flushes"] += 1
        self.counts["transactions flushed"] += len(lost)

    def reorg(self, depth: int, *, drop: bool) -> None:
        self.network.reorg(depth, drop=drop)
        self.counts[f"reorgs of {depth}" + (" that dropped all" if drop else "")] += 1

    def plan(self, *, two_workers: bool) -> list[Callable[[], None]]:
        """Every fault, in an order by the seed."""
        reorgs: list[Callable[[], None]] = [
            lambda depth=depth, drop=drop: self.reorg(depth, drop=drop)  # type: ignore[misc]
            for depth in (1, 2, 11)
            for drop in (False, True)
        ]
        faults = [self.kill_worker] * 6 + [self.kill_wallet] * 2 + [self.kill_node] * 2 + [self.flush_pool] * 3
        faults = [self.kill_worker, self.suspend_worker] * 3 if two_workers else [*faults, *reorgs]
        self.dice.shuffle(faults)
        return faults

    # ------------------------------------------------------------ the end

    def clear_up(self) -> None:
        """No more faults; wait until all is PAID and stop the workers."""
        self._wallet.clear()
        self._node.clear()
        until(self._all_paid, "every refund to be PAID", 2 * PATIENCE_SECONDS)
        for worker in self.workers:
            worker.stop()
        for proxy in (self._wallet, self._node):
            for (_, fault), number in proxy.counts.items():
                if fault != "pass":
                    self.counts[f"answers {SAID[fault]}"] += number

    def end(self) -> None:
        for worker in self.workers:
            worker.end()

    def operator(self) -> None:
        """Does what the product asks a person to; a pause for any other reason fails the test."""
        why = self.house.why_paused()
        if why:
            assert REORGED_GIVE_UP in why, why
            self.house.must("resume", "hot")
            self.counts["resumed by a person"] += 1
        waiting = self.house.parts.store.payable(XMR.key, 1)
        if any(OTHER_RING in (refund.waiting_for or "") for refund in waiting):
            self.network.hot.stop()
            shutil.rmtree(self.network.root / "ringdb")
            self.network.hot.start()
            self.counts["ring databases deleted by a person"] += 1

    def _all_paid(self) -> bool:
        self.operator()
        assert all(worker.alive() for worker in self.workers), "a daemon ended by itself"
        return self.house.count(RefundStatus.PAID) == len(self.owed)

    def _waiting(self) -> int:
        self.operator()
        return self.house.count(RefundStatus.APPROVED)

    def _pool_is_full(self) -> bool:
        self.operator()
        return bool(self.network.daemon.pool())

    def _start(self, number: int) -> DaemonProcess:
        return self.house.daemon(f"worker-{number}")

    def _moment(self, what: str) -> None:
        """Wait for a call that the seed chose, and count what is killed in it."""
        method = self.dice.choice(MOMENTS)
        seen = len(self._wallet.seen)
        with suppress(AssertionError):
            until(
                lambda: method is None or method in {name for name, _ in self._wallet.seen[seen:]},
                f"a {method}",
                MOMENT_SECONDS,
            )
        self.counts[f"{what} killed" if "suspended" not in what else what] += 1
