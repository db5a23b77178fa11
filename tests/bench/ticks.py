"""
Measure 5: what a tick costs with a million paid refunds behind it, against a thousand.

The wallet and the chain are the ones in memory, so that what is timed is ours: the worker, SQLite and the journal.
Rounds on both databases take turns. A round pays 15 refunds and follows them until they are PAID.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Final

from adapters.clock import SystemClock
from adapters.database.migrate import migrate
from adapters.database.store import SqlStore
from adapters.halts import FileHalts
from adapters.journal_file import JournalFile
from adapters.memory.coin import MemoryChain, MemoryCoin, MemoryWallet
from adapters.sealer import open_sealer
from payout.asset import USD, XMR, Asset
from payout.change import Change
from payout.desk import Desk
from payout.limits import Limits
from payout.money import Money
from payout.quote import Sample
from payout.quote.rate_book import RateBook
from payout.refund import Refund, RefundStatus, refund_id
from payout.wallet import Wallet, WalletRules
from payout.worker import WalletWorker
from tests.approvers import make_approver
from tests.bench import history
from tests.bench.figure import Figure, spread, times
from tests.stores import AUDIT, open_test_store

MOST_RATIO: Final = 1.2
BATCH: Final = 15
ADDRESS: Final = "the hot wallet"
NAME: Final = "hot"
KEY: Final = b"k" * 32
SOURCES: Final = ("kraken", "bitfinex")
WARM_ROUNDS: Final = 3
LEASE: Final = timedelta(seconds=300)


@dataclass(slots=True)
class Times:
    """Milliseconds of each tick, by kind."""

    idle: list[float] = field(default_factory=list)
    pay: list[float] = field(default_factory=list)
    track: list[float] = field(default_factory=list)


class Site:
    """A worker on a database with history, and a chain of its own."""

    prices: Mapping[str, str] = {"XMR": "150"}

    def __init__(self, folder: Path, paid: int) -> None:
        self.times = Times()
        self.clock, self._number = SystemClock(), 0
        self.chain = MemoryChain(Random(paid))
        # Far above the target: every batch of these rounds is a full one.
        self.chain.fund(ADDRESS, 10 * 10**12, outputs=256)
        self.chain.mine(11)
        self.purse = MemoryWallet(self.chain, ADDRESS)
        coin = MemoryCoin(self.purse)
        tip = coin.check().tip
        journal, url = folder / "journal", f"sqlite:///{folder / 'payout.db'}"
        migrate(url)
        history.fill(url, paid)
        history.fill_journal(url, journal, {"wallet": NAME, "address": ADDRESS, "network": "mainnet", "height": tip})
        self.store: SqlStore = open_test_store(url)
        limits = Limits(refund_min=Money(1, USD), refund_max=Money(10**6, USD), day_max=Money(10**10, USD))
        self.book = RateBook(SOURCES)
        approver = make_approver(instance="bench", key=KEY, intake=None)
        self.desk = Desk(
            store=self.store,
            clock=self.clock,
            approver=approver,
            limits=limits,
            check_destination=lambda *_: None,
            audit=AUDIT,
        )
        wallet = Wallet(
            # With a target of one output there is nothing to split: each round does the same work.
            rules=WalletRules(name=NAME, asset=XMR, fee_max=Money(10_000, USD), outputs_target=1),
            coin=coin,
            store=self.store,
            journal=JournalFile(journal),
            sealer=open_sealer(KEY),
            pricing=self.book,
            approver=approver,
            limits=limits,
            halts=FileHalts(folder=folder),
            clock=self.clock,
        )
        self.worker = WalletWorker(wallet, "bench", LEASE)

    def round(self, times_of: Times | None) -> None:
        """Pay 15 refunds and follow them to their end; note the times, unless it only warms up."""
        kept = times_of or Times()
        self.take_rates()
        kept.idle.append(milliseconds(self.worker.pay))
        self.queue(BATCH)
        kept.pay.append(milliseconds(self.worker.pay))
        for blocks in (1, 10):
            self.chain.mine(blocks)
            kept.track.append(milliseconds(self.worker.track))
        left = self.store.list_refunds(statuses=(RefundStatus.APPROVED, RefundStatus.PAYING), limit=1)
        if left:
            why = left[0].refund.waiting_for or self.store.pauses()
            raise RuntimeError(f"refunds are not yet PAID ({why}): the ticks did not do their work")

    def queue(self, count: int, asset: Asset = XMR, destination: str | None = None) -> None:
        """So many approved refunds, each to its own destination or all to the one given."""
        new = []
        for _ in range(count):
            self._number += 1
            external_id = f"NEW-{self._number}"
            new.append(
                Refund(
                    id=refund_id("bench", external_id),
                    external_id=external_id,
                    owed=Money(2500, USD),
                    asset=asset,
                    destination=destination or f"customer {self._number}",
                    requested_by="panel",
                    requested_at=self.clock.now(),
                )
            )
        self.store.commit(Change(refunds=tuple(new)))
        for refund in new:
            self.desk.approve(refund.id, "alice")

    def take_rates(self) -> None:
        """All sources have just said the same."""
        now = self.clock.now()
        self.book.record(
            Sample(source=source, asset_code=code, pair=f"{code}USD", price=Decimal(price), as_of=now, received_at=now)
            for code, price in self.prices.items()
            for source in SOURCES
        )
        self.book.observe(now)


def measure(*, many: int, few: int, rounds: int) -> list[Figure]:
    """A figure for each kind of tick."""
    with _sites(many, few) as (large, small):
        for turn in range(WARM_ROUNDS + rounds):
            for site in (small, large):
                site.round(site.times if turn >= WARM_ROUNDS else None)
        return [
            _figure("idle pay tick", large.times.idle, small.times.idle, many, few),
            _figure("pay tick, 15 refunds", large.times.pay, small.times.pay, many, few),
            _figure("track tick", large.times.track, small.times.track, many, few),
        ]


def _figure(name: str, large: list[float], small: list[float], many: int, few: int) -> Figure:
    ratio = statistics.median(large) / statistics.median(small)
    return Figure(
        name=f"{name}, {many:,} paid",
        ours=f"{spread(large, '.1f')} ms",
        other=f"{spread(small, '.1f')} ms, {few:,} paid",
        ratio=times(ratio, 2),
        target=f"<= {MOST_RATIO} x",
        met=ratio <= MOST_RATIO,
        note=f"median of {len(large)} ticks each, in turns, wallet and chain in memory",
    )


@contextmanager
def _sites(many: int, few: int) -> Iterator[tuple[Site, Site]]:
    with tempfile.TemporaryDirectory(prefix="bench-") as name, ExitStack() as ends:
        found = []
        for paid in (many, few):
            folder = Path(name) / str(paid)
            folder.mkdir()
            site = Site(folder, paid)
            ends.callback(site.store.close)
            found.append(site)
        yield found[0], found[1]


def milliseconds(tick: Callable[[], None]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    tick()
    return 1000 * (time.perf_counter() - began)
