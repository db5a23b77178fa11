"""
Sealing what an installation already held before intake had seals: once, when the database is upgraded.

Never again: a row that was edited since must not get a seal. The audit chain says when that is, as it has no link
until the first commit after the upgrade, and that commit is this one; or the caller does, who has just made the key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from payout.change import Change
from payout.event import Event
from payout.refund import AMENDABLE, Refund, RefundStatus

if TYPE_CHECKING:
    from datetime import datetime

    from payout.approval import Approver
    from payout.ports import Store


def seal_open_refunds(store: Store, approver: Approver, now: datetime, *, is_upgrade: bool = False) -> int:
    """
    Seal every refund that may still be paid; those APPROVED wait for new approvals. Returns how many.

    `is_upgrade`: the caller knows by other means that nothing was sealed yet: a daemon may have been faster.
    """
    if store.audit_head().number > 0 and not is_upgrade:
        return 0
    lines = store.list_refunds(statuses=(*AMENDABLE, RefundStatus.PAYING))
    rows = [line.refund for line in lines if not line.refund.seal]
    if rows:
        sealed = tuple(_sealed(row, approver) for row in rows)
        store.commit(Change(refunds=sealed, events=tuple(_event(each, now) for each in sealed)))
    return len(rows)


def _sealed(row: Refund, approver: Approver) -> Refund:
    """What was approved was signed in another form: nobody's signature fits any more."""
    if row.status is RefundStatus.APPROVED:
        return approver.sealed(row.unapprove())
    return approver.sealed(replace(row, version=row.version + 1))


def _event(refund: Refund, now: datetime) -> Event:
    words = f"carries intake's seal from now on, and is {refund.status}"
    return Event(at=now, kind="refund.sealed", words=words, refund_id=refund.id)
