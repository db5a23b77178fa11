"""The real store for tests: every one of them uses the same key for its audit chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.database.store import SqlStore, open_store
from payout.audit.chain import AuditKey

if TYPE_CHECKING:
    from payout.ports import Clock

AUDIT = AuditKey(b"the audit key of the tests, thirty-two")


def open_test_store(url: str, clock: Clock | None = None) -> SqlStore:
    """As `open_store`, with the tests' key."""
    return open_store(url, clock, audit=AUDIT)
