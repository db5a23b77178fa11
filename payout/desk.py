"""
The desk: what a person may do to a refund, a transfer or a wallet.

The desk writes intentions and never sends. Whatever it writes is checked again by the worker that commits a payment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.change import ALL, Change, KnownSpend, Pause
from payout.errors import BadInput, IllegalTransition, NotApproved
from payout.event import Event
from payout.order import OrderStatus
from payout.refund import AMENDABLE, Refund, RefundStatus
from payout.resolution import Resolution
from payout.swaps.attestation import Claim, attested, check_proof
from payout.swaps.settlement import open_case
from payout.transfer import TransferKind, TransferStatus

if TYPE_CHECKING:
    from payout.approval import Approver
    from payout.intake import DestinationCheck
    from payout.limits import Limits
    from payout.order import Order
    from payout.ports import Clock, Store
    from payout.transfer import Transfer

EXPIRE_MAX = 500
"""Approvals that one tick lets run out."""


_ENDS = {
    Resolution.CREDITED: RefundStatus.CREDITED,
    Resolution.PAID_OUTSIDE: RefundStatus.PAID_OUTSIDE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Takes the acts of persons. Every act names who and, where it stops or ends something, why."""

    store: Store
    clock: Clock
    approver: Approver
    limits: Limits
    check_destination: DestinationCheck

    def find(self, key: str) -> Refund:
        """
        A refund by id or external_id.

        Raises:
            BadInput: there is none.
        """
        refund = self.store.refund(key)
        if refund is None:
            raise BadInput("refund", f"{key!r} is not on record", "see `payout refunds list`")
        return refund

    def approve(self, key: str, who: str) -> Refund:
        """
        Sign the refund as it stands; it becomes APPROVED when the quorum is reached.

        Raises:
            NotApproved: this person may not approve it.
            LimitReached: it is outside the limits.
            IllegalTransition: it is past approving.
        """
        refund = self.find(key)
        if refund.status is RefundStatus.APPROVED:
            return refund
        if refund.status is not RefundStatus.REQUESTED:
            raise IllegalTransition(
                f"refund {refund.external_id} is {refund.status}: only a REQUESTED refund can be approved"
            )
        self.limits.check_refund(refund.owed)
        now = self.clock.now()
        approval = self.approver.sign(refund, who, now)
        given = (*self.store.approvals([refund.id]), approval)
        try:
            first = self.approver.check(refund, given, now)
            after = refund.approve(now, first.expires_at)
            words = f"{who} approved revision {refund.revision}"
        except NotApproved:
            after = refund.to(RefundStatus.REQUESTED)
            words = f"{who} approved revision {refund.revision}; more approvals are needed"
        event = self._event("refund.approved", words, who, after)
        self.store.commit(Change(refunds=(after,), approvals=(approval,), events=(event,)))
        return after

    def reject(self, key: str, who: str, why: str) -> Refund:
        """Deny it, for good."""
        return self._end(key, RefundStatus.REJECTED, "refund.rejected", who, why)

    def cancel(self, key: str, who: str, why: str) -> Refund:
        """Withdraw it, for good."""
        return self._end(key, RefundStatus.CANCELED, "refund.canceled", who, why)

    def resolve(self, key: str, how: Resolution, who: str, why: str, proof: str | None = None) -> Refund:
        """
        It was credited or paid outside this system; or attest how its swap ended, `proof` being the transaction that
        paid the customer. Never closes an attempt whose own transfer decides it.

        Raises:
            BadInput: there is no such refund, or no proof where one is needed.
            IllegalTransition: an attempt is open, or, to attest, there is no swap under way.
            NotApproved: this person may not attest, or has done so already.
            OrderTaken: that transaction paid the same customer for another refund.
        """
        if how in _ENDS:
            return self._end(key, _ENDS[how], "refund.resolved", who, why)
        refund = self.find(key)
        claim = Claim(who=who, why=why, proof=check_proof(proof) if how is Resolution.SETTLED else None)
        orders = self.store.orders_of([refund.id])
        funded = next((order for order in orders if order.status is OrderStatus.FUNDED), None)
        case = open_case(self.store, funded) if funded is not None else None
        if case is None:
            raise IllegalTransition(
                f"refund {refund.external_id} is {refund.status} and has no swap under way: only a swap's end can be "
                "attested"
            )
        self._check_final(case.order)
        self.store.commit(attested(case, claim, self.approver.people, self.clock.now()))
        return self.find(key)

    def recheck(self, key: str) -> int:
        """
        Ask for a look, now, at an order (by its id or its processor's), or at those of a refund; how many are FUNDED.

        Raises:
            BadInput: there is neither.
        """
        order = self.store.order(key)
        orders = (order,) if order is not None else self.store.orders_of([self.find(key).id])
        now = self.clock.now()
        return sum(
            self.store.poke(order.processor, order.processor_id, now)
            for order in orders
            if order.processor_id is not None
        )

    def hold(self, key: str, who: str, why: str) -> Refund:
        """Stop it. While PAYING, the open attempt goes on and no other follows."""
        refund = self.find(key)
        if refund.status is RefundStatus.PAYING:
            words = f"held by {who}: {why}. The payment under way goes on; no other will follow"
        else:
            words = f"held by {who}: {why}"
        after = refund.hold(f"{who}: {why}")
        return self._write(after, "refund.held", words, who)

    def release(self, key: str, who: str) -> Refund:
        """
        Lift a hold: back to APPROVED where the approvals still stand, else to REQUESTED.

        Raises:
            IllegalTransition: it is not held.
        """
        refund = self.find(key)
        if refund.status is RefundStatus.PAYING and refund.hold_reason:
            after = refund.to(RefundStatus.PAYING, hold_reason=None)
            return self._write(after, "refund.released", f"released by {who}", who)
        if refund.status is not RefundStatus.HELD:
            raise IllegalTransition(f"refund {refund.external_id} is {refund.status}: not held")
        now = self.clock.now()
        try:
            first = self.approver.check(refund, self.store.approvals([refund.id]), now)
            after = refund.approve(refund.approved_at or now, first.expires_at)
        except NotApproved:
            after = refund.unapprove()
        words = f"released by {who}: {after.status}"
        return self._write(after, "refund.released", words, who)

    def amend(self, key: str, destination: str, memo: str | None, who: str, why: str) -> Refund:
        """
        Change the destination: a new revision, to be approved anew.

        Raises:
            BadInput: the destination is not valid, or one of our own.
            IllegalTransition: an attempt is open, or it has ended.
        """
        refund = self.find(key)
        if refund.status not in AMENDABLE:
            raise IllegalTransition(
                f"refund {refund.external_id} is {refund.status}: its destination can no longer change"
            )
        self.check_destination(refund.asset, destination.strip(), memo)
        after = refund.amend(destination.strip(), memo)
        words = f"{who} changed the destination: {why}. Revision {after.revision} needs approval"
        return self._write(after, "refund.amended", words, who)

    def expire(self) -> int:
        """Take refunds whose approvals ran out back to REQUESTED; returns how many."""
        now = self.clock.now()
        refunds = self.store.expired(now, EXPIRE_MAX)
        for refund in refunds:
            words = "the approvals ran out before it could be paid: approve it again"
            self._write(refund.unapprove(), "approval.expired", words, "payout")
        return len(refunds)

    def give_up(self, txid: str, who: str, why: str) -> Transfer:
        """
        Ask the worker to make an OPEN transfer impossible, so that its refunds become free.

        Raises:
            BadInput: there is no such transfer.
            IllegalTransition: it is not OPEN, or is itself a give-up.
        """
        transfer = self.store.transfer(txid)
        if transfer is None:
            raise BadInput("txid", f"{txid!r} is not on record", "see `payout transfers list`")
        if transfer.status is not TransferStatus.OPEN:
            raise IllegalTransition(f"transfer {txid} is {transfer.status}: nothing to give up")
        if transfer.kind is TransferKind.GIVE_UP:
            raise IllegalTransition(f"transfer {txid} is itself a give-up: let it become final")
        after = transfer.to(TransferStatus.OPEN, give_up_by=who, give_up_why=why)
        event = Event(
            at=self.clock.now(),
            kind="transfer.give_up_requested",
            words=f"{who} asked to give it up: {why}",
            who=who,
            transfer_id=txid,
            wallet=transfer.wallet,
        )
        self.store.commit(Change(transfers=(after,), events=(event,)))
        return after

    def pause(self, scope: str, who: str, why: str) -> Pause:
        """Stop commits of a wallet, or of all. What is committed goes on."""
        now = self.clock.now()
        pause = Pause(scope=scope, who=who, why=why, at=now)
        words = f"{scope} paused by {who}: {why}"
        event = Event(at=now, kind="wallet.paused", words=words, who=who, wallet=_wallet(scope))
        self.store.commit(Change(pauses=(pause,), events=(event,)))
        return pause

    def resume(self, scope: str, who: str) -> bool:
        """Lift a pause; False if there was none. The wallet's guards run again before anything is committed."""
        if scope not in {pause.scope for pause in self.store.pauses()}:
            return False
        words = f"{scope} resumed by {who}"
        now = self.clock.now()
        event = Event(at=now, kind="wallet.resumed", words=words, who=who, wallet=_wallet(scope))
        self.store.commit(Change(resume=(scope,), events=(event,)))
        return True

    def classify(self, wallet: str, txid: str, who: str, why: str) -> KnownSpend:
        """Explain a spend of the wallet that this system did not make."""
        now = self.clock.now()
        spend = KnownSpend(txid=txid, wallet=wallet, who=who, why=why, at=now)
        words = f"{who} explained the spend {txid}: {why}"
        event = Event(at=now, kind="spend.classified", words=words, who=who, wallet=wallet)
        self.store.commit(Change(known_spends=(spend,), events=(event,)))
        return spend

    def _check_final(self, order: Order) -> None:
        """Our own chain decides first: while its deposit may never land, nobody can know how a swap ended."""
        transfer = self.store.transfer(order.transfer_id) if order.transfer_id else None
        if transfer is None or transfer.status is not TransferStatus.FINAL:
            raise IllegalTransition(
                f"the deposit of order {order.id} is not final: wait for transfer {order.transfer_id}, then try again"
            )

    def _end(self, key: str, status: RefundStatus, kind: str, who: str, why: str) -> Refund:
        refund = self.find(key)
        after = refund.to(status, hold_reason=None)
        return self._write(after, kind, f"{status.lower()} by {who}: {why}", who)

    def _write(self, after: Refund, kind: str, words: str, who: str) -> Refund:
        self.store.commit(Change(refunds=(after,), events=(self._event(kind, words, who, after),)))
        return after

    def _event(self, kind: str, words: str, who: str, refund: Refund) -> Event:
        return Event(at=self.clock.now(), kind=kind, words=words, who=who, refund_id=refund.id)


def _wallet(scope: str) -> str | None:
    return None if scope == ALL else scope
