"""
The worker: one process's hands on one wallet.

Each tick takes the lease, checks that wallet and chain can be trusted, finishes what was committed, and only then
does its own work. A tick that fires twice, or in two processes, is harmless.
"""

from __future__ import annotations

import logging
import threading
from contextlib import nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.change import Change
from payout.counter_watch import CounterWatch
from payout.delivery import finish
from payout.errors import (
    JournalBroken,
    LeaseLost,
    PayoutError,
    RailUnavailable,
    StaleWrite,
    StoreError,
    WalletUnsafe,
)
from payout.give_up import give_up_requested
from payout.guard import check_identity, guard
from payout.low_water import LowWater
from payout.payer import Payer
from payout.swaps.funding import Funder
from payout.swaps.return_addresses import top_up
from payout.swaps.returns import journal_returns
from payout.tracker import Tracker
from payout.withdrawals import read_history

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from payout.change import Lease, WalletRecord
    from payout.ports import Standing
    from payout.swaps.funding import Swaps
    from payout.wallet import Wallet

log = logging.getLogger(__name__)

READY = "ready"

MINUTE = timedelta(minutes=1)
TIP_AGE = MINUTE
"""So old may be what is on record of a chain that has not grown since."""

IDLE = 10 * MINUTE
"""So long may another worker's prepare take, or its node be away, before a person should look."""


class WalletWorker:
    """
    Pays and tracks for one wallet.

    `keep` holds a lease alive while work goes on (a thread, in the daemon). `owner` names this process. `swaps` is
    given to the one wallet that funds orders.
    """

    def __init__(
        self,
        wallet: Wallet,
        owner: str,
        lease_ttl: timedelta,
        keep: Callable[[Lease], AbstractContextManager[None]] = lambda _lease: nullcontext(),
        swaps: Swaps | None = None,
    ) -> None:
        if swaps is not None and swaps.rules.wallet != wallet.name:
            raise ValueError(f"orders are funded from {swaps.rules.wallet}, and this is wallet {wallet.name}")
        self.wallet = wallet
        self._swaps = swaps
        self._owner = owner
        self._lease_ttl = lease_ttl
        self._keep = keep
        self._tracker = Tracker(wallet=wallet)
        self._gauge = LowWater(wallet=wallet, swaps=swaps is not None)
        self._counters = CounterWatch(wallet=wallet)
        self._idle: tuple[datetime, bool] | None = None
        """Since when another worker has had the wallet, and whether it was said that it does nothing with it."""
        self._guarded: int | None = None
        """The lease epoch for which the guards have passed."""
        self._state = ""
        self._said: dict[str, tuple[int, str]] = {}
        """How each tick last ended, and how grave that is: one may fail while the other works."""
        self._ticking = ""
        self._busy = threading.Lock()

    def pay(self) -> None:
        """One tick: pay what may be paid now."""
        self._tick("pay", self._listen_and_pay)

    def track(self) -> None:
        """One tick: look at what is on its way, and give up what was asked to be."""
        self._tick("track", lambda: self._session(self._track))

    def release(self) -> None:
        """Let another worker take over at once."""
        lease = self.wallet.store.claim_lease(self.wallet.name, self._owner, self._lease_ttl)
        if lease is not None:
            self.wallet.store.release_lease(lease)

    def _tick(self, name: str, work: Callable[[], None]) -> None:
        with self._busy:  # wallet-rpc is serial, and so are we: pay and track of one wallet take turns.
            self._ticking = name
            try:
                work()
            except PayoutError as error:
                self._guarded = None
                self._report(error)
            except Exception as error:
                # A fault of ours. It is told where people look, and goes on to whoever logs it whole.
                self._guarded = None
                self._wait(f"the worker, which meets a fault of the program ({type(error).__name__}): see its log")
                raise

    def _listen_and_pay(self) -> None:
        # First, and without the lease: what people took back must not be unheard of because somebody else has the
        # wallet, or seems to, or because its node is away.
        read_history(self.wallet)
        self._session(self._pay)

    def _session(self, work: Callable[[Lease, Standing], None]) -> None:
        name = self.wallet.name
        lease = self.wallet.store.claim_lease(name, self._owner, self._lease_ttl)
        if lease is None:
            self._say("standing by: another worker has the wallet")
            self._stand_by()
            return
        self._idle = None
        with self._keep(lease):
            standing = self.wallet.coin.check()
            self._note_tip(check_identity(self.wallet, standing), standing)
            self._guard(standing, lease)
            finish(self.wallet, lease)
            work(lease, standing)
        self._say(READY)

    def _stand_by(self) -> None:
        """Whoever has the wallet notes its chain's end each minute. One that does not is stuck, or no worker at all."""
        store, name, now = self.wallet.store, self.wallet.name, self.wallet.now()
        since, is_told = self._idle = self._idle or (now, False)
        record, holder = store.wallet(name), store.lease_holder(name)
        if is_told or record is None or record.tip_at is None or holder is None:
            return
        if now - max(since, record.tip_at) < IDLE:
            return
        words = (
            f"worker {holder.owner} has had the wallet for {IDLE // MINUTE} minutes, and did nothing with it: is it "
            "stuck, or cut off from its node, or did somebody write it into the database? Nothing is paid meanwhile"
        )
        store.commit(Change(events=(self.wallet.event("wallet.idle", words, alarm=True),)))
        self._idle = (since, True)

    def _note_tip(self, record: WalletRecord | None, standing: Standing) -> None:
        """Listings count confirmations from it. Each note is a synced write, and most ticks see nothing new."""
        now = self.wallet.now()
        if record is None or (record.tip == standing.tip and record.tip_at and now - record.tip_at < TIP_AGE):
            return
        self.wallet.store.note_tip(self.wallet.name, standing.tip, now)

    def _guard(self, standing: Standing, lease: Lease) -> None:
        """Once for each lease epoch, and again after whatever went wrong or was resumed."""
        if self.wallet.pause_in_force() is not None:
            self._guarded = None
            return
        if self._guarded != lease.epoch:
            guard(self.wallet, standing, lease)
            self._guarded = lease.epoch

    def _pay(self, lease: Lease, standing: Standing) -> None:
        Payer(wallet=self.wallet, tip=standing.tip, address=standing.address).pay(lease)
        if self._swaps is not None:
            Funder(wallet=self.wallet, tip=standing.tip, address=standing.address, swaps=self._swaps).fund(lease)
        self._gauge.look(lease)
        self._counters.look()

    def _track(self, lease: Lease, _standing: Standing) -> None:
        self._tracker.track(lease)
        give_up_requested(self.wallet, lease)
        journal_returns(self.wallet)
        if self._swaps is not None:
            top_up(self.wallet, lease)

    def _report(self, error: PayoutError) -> None:
        match error:
            case WalletUnsafe() | JournalBroken():
                self._say(f"stopped: {error}", logging.ERROR)
                self._pause(str(error))
            case RailUnavailable():
                self._say(f"out of reach: {error}", logging.WARNING)
                self._wait(f"the wallet, which is out of reach: {error}")
            case LeaseLost():
                self._say("another worker took the wallet over")
            case StaleWrite():
                log.debug("%s: someone else moved a row; the next tick reads it again", self.wallet.name)
            case StoreError():
                self._say(f"database trouble: {error}", logging.WARNING)
            case _:
                self._say(f"failed: {error}", logging.ERROR)

    def _pause(self, why: str) -> None:
        try:
            self.wallet.pause(why)
        except StoreError as error:
            log.warning("wallet.pause_unwritten", extra={"why": str(error)})

    def _wait(self, words: str) -> None:
        try:
            self.wallet.store.note_all(self.wallet.rules.asset.key, words)
        except StoreError as error:
            log.debug("what refunds wait for could not be written: %s", error)

    def _say(self, state: str, level: int = logging.INFO) -> None:
        """One log line for each change of the wallet's state, however many ticks it lasts."""
        self._said[self._ticking] = (level, state)
        ill = [said for said in self._said.values() if said[1] != READY]
        level, state = max(ill, key=lambda said: said[0], default=(logging.INFO, READY))
        if state != self._state:
            self._state = state
            log.log(level, "wallet.state", extra={"wallet": self.wallet.name, "state": state})
