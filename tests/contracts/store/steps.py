"""
Short ways to bring a store to where a test begins, and a clock that stands still.
"""

from __future__ import annotations

from datetime import datetime

from payout.change import Change
from payout.ports import Store
from payout.refund import Attempt, Refund
from payout.transfer import Transfer, TransferStatus
from tests.factories import NOW, make_approved, make_attempt, make_transfer


def add(store: Store, *refunds: Refund) -> None:
    """Put refunds on record as they are."""
    store.commit(Change(refunds=refunds))


def pay(store: Store, refund: Refund, transfer: Transfer, **attempt: object) -> tuple[Refund, Attempt]:
    """Commit a new transfer that pays a refund which is on record."""
    opened = refund.open_attempt()
    given = make_attempt(opened, transfer, **attempt)
    store.commit(Change(refunds=(opened,), attempts=(given,), transfers=(transfer,)))
    return opened, given


def paying(store: Store, name: str = "E-1") -> tuple[Refund, Attempt, Transfer]:
    """A refund that is being paid by a transfer of its own."""
    refund, transfer = make_approved(name), make_transfer(f"transfer of {name}")
    add(store, refund)
    return *pay(store, refund, transfer), transfer


def begin(store: Store, transfer: Transfer, at: datetime = NOW) -> Transfer:
    """Let its broadcast begin."""
    begun = transfer.begin(at)
    store.commit(Change(transfers=(begun,)))
    return begun


def void(store: Store, transfer: Transfer) -> Transfer:
    """Close it: it can never land."""
    ended = transfer.to(TransferStatus.VOID)
    store.commit(Change(transfers=(ended,)))
    return ended
