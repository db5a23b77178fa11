"""
Ends: rows that say how a refund ended, held against the history, as an end that only its row knows is somebody's lie.

What is still to be paid needs no such look: whatever it says is checked again by the worker that commits a payment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payout.audit.genuine import genuine_events
from payout.audit.verdict import FAULTS_MAX, Fault, FaultKind
from payout.errors import StoreError, StoreUnavailable
from payout.order import OrderStatus
from payout.refund import AttemptStatus, RefundStatus

if TYPE_CHECKING:
    from payout.audit.chain import AuditKey
    from payout.ports import Store
    from payout.refund import Attempt, Refund

ENDS: Final = {
    RefundStatus.PAID: "refund.paid",
    RefundStatus.CREDITED: "refund.credited",
    RefundStatus.PAID_OUTSIDE: "refund.resolved",
    RefundStatus.REJECTED: "refund.rejected",
    RefundStatus.CANCELED: "refund.canceled",
}
"""By the status, the kind of the event that it began with."""

_TURNS: Final = frozenset({*ENDS.values(), "refund.reopened", "refund.recreated"})
PIECE: Final = 100
"""Refunds of one step."""


class Ends:
    """One look at every refund that has ended or is being paid, newest first, a piece at a time."""

    def __init__(self, store: Store, key: AuditKey) -> None:
        self._store, self._key = store, key
        self._before_chain = store.audit_head().before
        self._after: str | None = None
        self.faults: list[Fault] = []

    def step(self) -> bool:
        """
        Look at the next ones; False: there are none, or enough faults were found.

        Raises:
            StoreError: the database did not answer.
        """
        lines = self._store.list_refunds(statuses=(*ENDS, RefundStatus.PAYING), after=self._after, limit=PIECE)
        for refund in (line.refund for line in lines):
            self._after = refund.id
            words = self._stuck(refund) if refund.status is RefundStatus.PAYING else self._unheard(refund)
            # A row that moved while it was looked at is another one by now.
            if words is not None and self._store.refund(refund.id) == refund:
                said = f"refund {refund.external_id} is {refund.status}, and {words}"
                self.faults.append(Fault(FaultKind.ROW, None, said))
        return len(lines) == PIECE and len(self.faults) < FAULTS_MAX

    def _unheard(self, refund: Refund) -> str | None:
        """Why its end is not to be believed."""
        turns = genuine_events(self._store, self._key, _TURNS, refund_id=refund.id)
        if not turns and self._before_chain:
            turns = tuple(event for event in self._store.events(refund_id=refund.id) if event.kind in _TURNS)
        if not turns or turns[-1].kind != ENDS[refund.status]:
            return "the history does not say so"
        paid = [attempt for attempt in self._attempts(refund) if attempt.status is AttemptStatus.SETTLED]
        return next((words for attempt in paid if (words := self._unpriced(attempt)) is not None), None)

    def _unpriced(self, attempt: Attempt) -> str | None:
        """Why nobody can say any more at which price it was paid."""
        try:
            quote = self._store.quote(attempt.quote_id)
        except StoreUnavailable:
            raise
        except StoreError:
            quote = None
        return None if quote is not None else f"quote {attempt.quote_id} of its payment is gone, or was changed"

    def _stuck(self, refund: Refund) -> str | None:
        """Why nobody follows its payment."""
        attempts = [attempt for attempt in self._attempts(refund) if attempt.status is AttemptStatus.OPEN]
        if not attempts:
            return "no attempt to pay it is open"
        order = self._store.order(attempts[-1].order_id) if attempts[-1].order_id else None
        if order is not None and order.status is not OrderStatus.FUNDED:
            return f"its order {order.id} is {order.status}"
        transfer = self._store.transfer(attempts[-1].transfer_id)
        # By their ids: its row may move between the two looks, as the tracker notes what it sees.
        if transfer is None or transfer.id not in {each.id for each in self._store.spending(transfer.key_images)}:
            return f"transfer {attempts[-1].transfer_id} that pays it, or what it spends, is gone from the database"
        return None

    def _attempts(self, refund: Refund) -> tuple[Attempt, ...]:
        return self._store.attempts([refund.id])
