"""
Our side: the real worker, with the parts that `payout run` would use, ticked by hand on a sandbox.

Only what measures is put in between; nothing that the daemon does for safety is left out.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

from adapters.lease_keeper import LeaseKeeper
from config.settings import load
from config.wiring import House
from deploy.sandbox import Network, RateServer
from deploy.sandbox.process import write_secret
from payout.intake import Request
from payout.ports import Store
from payout.refund import RefundStatus
from payout.transfer import Transfer
from payout.worker import WalletWorker

WALLET: Final = "hot"
OWED_USD: Final = "5.00"
ASSETS: Final = frozenset({"XMR"})
LEASE: Final = timedelta(seconds=600)
"""Long enough that the other side may have its turn in between."""

WRITES: Final = ("commit", "note", "note_all", "note_tip", "claim_lease", "release_lease")
"""The methods of the store that end in a synced commit."""


class Meter:
    """
    Stands before a part, counts its calls and adds up the time that they take.

    `gauge` is read before and after each call of the method `gauged`, and what it rose by is added up.
    """

    def __init__(self, part: object, *, gauged: str = "", gauge: Callable[[], float] = lambda: 0.0) -> None:
        self._part = part
        self._gauged = gauged
        self._gauge = gauge
        self.rose = 0.0
        self.seconds = 0.0
        self.cpu_seconds = 0.0
        """Of our thread, not of whom it calls."""
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._part, name)

        def metered(*args: Any, **kwargs: Any) -> Any:
            began, cpu = time.perf_counter(), time.thread_time()
            before = self._gauge() if name == self._gauged else 0.0
            try:
                return method(*args, **kwargs)
            finally:
                self.rose += self._gauge() - before if name == self._gauged else 0.0
                self.seconds += time.perf_counter() - began
                self.cpu_seconds += time.thread_time() - cpu
                self.calls[name] += 1

        return metered


class Ours:
    """A worker on a network, with a database and keys of its own in `folder`."""

    def __init__(self, network: Network, rates: RateServer, folder: Path, *, outputs: int) -> None:
        file = folder / "payout.toml"
        folder.mkdir(parents=True)
        text = network.payout_toml(rates.urls())
        write_secret(file, text.replace("outputs_target = 16", f"outputs_target = {outputs}"))
        init = [str(Path(sys.executable).with_name("payout")), "init", "--config", str(file)]
        subprocess.run(init, check=True, capture_output=True)
        self.house = House(load(file))
        wallet = self.house.wallet(WALLET)
        self.coin = Meter(wallet.coin, gauged="prove", gauge=network.hot.cpu_seconds)
        self.store, self.journal = Meter(wallet.store), Meter(wallet.journal)
        metered: dict[str, Any] = {"coin": self.coin, "store": self.store, "journal": self.journal}
        keeper = LeaseKeeper(store=self.house.store, ttl=LEASE)
        self._numbers = count(1)
        self.worker = Meter(WalletWorker(replace(wallet, **metered), "bench", LEASE, keeper.keep))

    def queue(self, destinations: Sequence[str]) -> None:
        """Put a refund on record for each destination, and approve it."""
        requests = [
            Request(external_id=f"B-{next(self._numbers)}", usd=OWED_USD, asset="XMR", destination=destination)
            for destination in destinations
        ]
        refunds = []
        for request in requests:
            refund, problems = self.house.intake.read(request, "panel")
            if refund is None:
                raise problems[0]
            refunds.append(refund)
        for taken in self.house.intake.add(refunds):
            self.house.desk.approve(taken.refund.id, "bench")

    def pay(self) -> None:
        """What the daemon's rate and pay ticks do."""
        self.house.poller.tick(ASSETS)
        self.worker.pay()

    def track(self) -> None:
        self.worker.track()

    def unpaid(self) -> list[str]:
        """Of each refund that is not PAID, where it stands and what it waits for."""
        statuses = [status for status in RefundStatus if status is not RefundStatus.PAID]
        lines = self._store.list_refunds(statuses=statuses)
        return [f"{line.refund.status}, {line.refund.waiting_for}" for line in lines]

    def transfers(self) -> tuple[Transfer, ...]:
        return self._store.list_transfers()

    def refunds_in(self, txids: Sequence[str]) -> int:
        """How many refunds these transfers pay."""
        return len(self._store.attempts_of(txids))

    def commits(self) -> int:
        """Synced writes so far: transactions of the database, and lines of the journal."""
        return sum(self.store.calls[name] for name in WRITES) + self.journal.calls["append"]

    @property
    def _store(self) -> Store:
        return self.house.store
