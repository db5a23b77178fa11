"""
Keeps a lease alive while its owner works: signing a transfer can take longer than a lease.

The lease gives liveness only. If a renewal fails, the work goes on, and the commit's own condition on
the epoch decides; so nothing here may ever raise into the work.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from payout.change import Lease
from payout.errors import StoreError
from payout.ports import Store

log = logging.getLogger(__name__)

RENEWALS: Final = 3
"""Renewals in one life of a lease: two may fail before it is lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseKeeper:
    """Renews leases on a thread of its own."""

    store: Store
    ttl: timedelta

    @contextmanager
    def keep(self, lease: Lease) -> Iterator[None]:
        """Renew this lease every third of its life until the block ends."""
        done = threading.Event()
        thread = threading.Thread(target=self._renew, args=(lease, done), name=f"lease-{lease.wallet}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _renew(self, lease: Lease, done: threading.Event) -> None:
        pause_seconds = self.ttl.total_seconds() / RENEWALS
        while not done.wait(pause_seconds):
            try:
                kept = self.store.claim_lease(lease.wallet, lease.owner, self.ttl)
            except StoreError as error:
                log.warning("lease.not_renewed wallet=%s why=%s", lease.wallet, error)
                continue
            if kept is None or kept.epoch != lease.epoch:
                # Never take it back: a later epoch of ours would not help the work under way.
                log.warning("lease.lost wallet=%s epoch=%s", lease.wallet, lease.epoch)
                return
