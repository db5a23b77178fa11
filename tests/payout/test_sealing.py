"""Sealing what was on record before there were seals: once, at the upgrade, and never what somebody edits later."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.memory.store import MemoryStore
from payout.change import Change
from payout.errors import ForgedApproval
from payout.refund import RefundStatus
from payout.sealing import seal_open_refunds
from tests.approvers import make_approver
from tests.clock import HandClock
from tests.factories import NOW, make_approved, make_refund


@pytest.fixture
def store() -> MemoryStore:
    """As the upgrade leaves it: refunds without a seal, and no link in the chain."""
    made = MemoryStore(HandClock())
    rows = (make_refund("E-1"), make_approved("E-2"), make_refund("E-3", status=RefundStatus.CANCELED))
    made.commit(Change(refunds=rows))
    return made


def test_what_may_still_be_paid_is_sealed_once_and_its_old_approvals_are_void(store: MemoryStore) -> None:
    approver = make_approver()

    assert seal_open_refunds(store, approver, NOW) == 2

    rows = {key: store.refund(key) or pytest.fail(key) for key in ("E-1", "E-2", "E-3")}
    assert [row.status for row in rows.values()] == ["REQUESTED", "REQUESTED", "CANCELED"]
    approver.check_seal(rows["E-1"])
    approver.check_seal(rows["E-2"])
    assert rows["E-3"].seal == ""
    assert [event.kind for event in store.events()] == ["refund.sealed", "refund.sealed"]


def test_once_something_was_written_nothing_is_sealed_any_more(store: MemoryStore) -> None:
    approver = make_approver()
    seal_open_refunds(store, approver, NOW)
    edited = make_refund("E-9")
    store.commit(Change(refunds=(edited,)))

    assert seal_open_refunds(store, approver, NOW) == 0
    with pytest.raises(ForgedApproval):
        approver.check_seal(replace(edited, version=1))
