"""The audit trail of the Store in memory."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adapters.memory.store import MemoryStore
from payout.audit.chain import AuditLine
from tests.contracts.audit import AuditTrailContract
from tests.stores import AUDIT


class MemoryVandal:
    """Its head is always its last link, so it is never found by that."""

    def __init__(self) -> None:
        self.store = MemoryStore(audit=AUDIT)

    def put(self, lines: Sequence[AuditLine]) -> None:
        self.store._t.links = sorted(lines, key=lambda line: line.number)


@pytest.fixture
def vandal() -> MemoryVandal:
    return MemoryVandal()


class TestMemoryAuditTrail(AuditTrailContract):
    """All of the contract."""
