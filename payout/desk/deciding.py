"""Deciding: stopping a refund, ending it otherwise than by a payment, and changing where it goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from payout.approval import Act
from payout.change import Change
from payout.desk.office import Office
from payout.errors import IllegalTransition
from payout.event import said
from payout.order import OrderStatus
from payout.refund import AMENDABLE, Refund, RefundStatus
from payout.resolution import Resolution
from payout.revision import replaced
from payout.swaps.attestation import Claim, attested, check_proof, words_of
from payout.swaps.settlement import open_case
from payout.transfer import TransferStatus

if TYPE_CHECKING:
    from payout.order import Order

_ENDS = {
    Resolution.CREDITED: RefundStatus.CREDITED,
    Resolution.PAID_OUTSIDE: RefundStatus.PAID_OUTSIDE,
}

_KINDS = {
    RefundStatus.REJECTED: "refund.rejected",
    RefundStatus.CANCELED: "refund.canceled",
    RefundStatus.CREDITED: "refund.credited",
    RefundStatus.PAID_OUTSIDE: "refund.resolved",
}
"""The event of each end."""


class Deciding(Office):
    """Acts that keep a refund from being paid as it stands. Where `revision` is given, only that one is meant."""

    __slots__ = ()

    def reject(self, key: str, who: str, why: str, *, revision: int | None = None) -> Refund:
        """Deny it, for good."""
        self._permit(who, Act.REJECT)
        return self._end(key, RefundStatus.REJECTED, who, why, revision)

    def cancel(self, key: str, who: str, why: str, *, revision: int | None = None) -> Refund:
        """Withdraw it, for good."""
        self._permit(who, Act.CANCEL)
        return self._end(key, RefundStatus.CANCELED, who, why, revision)

    def resolve(
        self,
        key: str,
        how: Resolution,
        who: str,
        why: str,
        proof: str | None = None,
        *,
        revision: int | None = None,
    ) -> Refund:
        """
        It was credited or paid outside this system; or attest how its swap ended, `proof` being the transaction that
        paid the customer. Never closes an attempt whose own transfer decides it.

        Raises:
            BadInput: there is no such refund, or no proof where one is needed.
            IllegalTransition: an attempt is open, or, to attest, there is no swap under way.
            NotAllowed, NotApproved: this person may not say so, or has done so already.
            OrderTaken: that transaction paid the same customer for another refund.
            Overtaken: it is another revision, or somebody else decided first.
        """
        self._permit(who, Act.RESOLVE if how in _ENDS else Act.ATTEST)
        if how in _ENDS:
            return self._end(key, _ENDS[how], who, why, revision)
        claim = Claim(who=who, why=why, proof=check_proof(proof) if how is Resolution.SETTLED else None)
        return self._act(key, who, revision, lambda refund: self._attested(refund, claim))

    def hold(self, key: str, who: str, why: str) -> Refund:
        """Stop it. While PAYING, the open attempt goes on and no other follows."""
        self._permit(who, Act.HOLD)
        return self._act(key, who, None, lambda refund: self._held(refund, who, why))

    def amend(
        self, key: str, destination: str, memo: str | None, who: str, why: str, *, revision: int | None = None
    ) -> Refund:
        """
        Change the destination: a new revision, to be approved anew, and by somebody else where two are named. What is
        HELD stays so until somebody releases it.

        Raises:
            BadInput: the destination is not valid, or one of our own.
            IllegalTransition: an attempt is open, or it has ended.
            NotAllowed: this person may not.
            ForgedApproval: the row is not what was handed in; it is HELD, with an alarm.
            Overtaken: it is another revision, or somebody else decided first.
        """
        self._permit(who, Act.AMEND)
        return self._act(key, who, revision, lambda refund: self._amended(refund, destination.strip(), memo, who, why))

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

    # ------------------------------------------------------------ inner works

    def _end(self, key: str, status: RefundStatus, who: str, why: str, revision: int | None) -> Refund:
        def decide(refund: Refund) -> Change:
            after = refund.to(status, hold_reason=None)
            words = f"{status.lower()} by {who}: {why}"
            return Change(refunds=(after,), events=(self._event(_KINDS[status], words, who, after),))

        return self._act(key, who, revision, decide)

    def _held(self, refund: Refund, who: str, why: str) -> Change:
        words = f"held by {who}: {why}"
        if refund.status is RefundStatus.PAYING:
            words += ". The payment under way goes on; no other will follow"
        after = refund.hold(f"{who}: {why}")
        return Change(refunds=(after,), events=(self._event("refund.held", words, who, after),))

    def _amended(self, refund: Refund, destination: str, memo: str | None, who: str, why: str) -> Change:
        if refund.status not in AMENDABLE:
            raise IllegalTransition(
                f"refund {refund.external_id} is {refund.status}: its destination can no longer change"
            )
        self.check_destination(refund.asset, destination, memo)
        self._check_seal(refund)
        now = self.clock.now()
        after = self.approver.sealed(refund.amend(destination, memo, by=who, at=now))
        words = f"{who} changed the destination: {why}. Revision {after.revision} needs approval"
        words += ", once somebody released it" if after.status is RefundStatus.HELD else ""
        event = self._event("refund.amended", words, who, after)
        return Change(
            refunds=(after,),
            revisions=(replaced(refund, who, now),),
            events=(replace(event, facts=said(revision=str(after.revision))),),
        )

    def _attested(self, refund: Refund, claim: Claim) -> Change:
        orders = self.store.orders_of([refund.id])
        funded = next((order for order in orders if order.status is OrderStatus.FUNDED), None)
        case = open_case(self.store, funded) if funded is not None else None
        if case is None:
            raise IllegalTransition(
                f"refund {refund.external_id} is {refund.status} and has no swap under way: only a swap's end can be "
                "attested"
            )
        self._check_final(case.order)
        words = words_of(self.store, self.audit, case.order.id)
        return attested(case, claim, words, self.approver, self.clock.now())

    def _check_final(self, order: Order) -> None:
        """Our own chain decides first: while its deposit may never land, nobody can know how a swap ended."""
        transfer = self.store.transfer(order.transfer_id) if order.transfer_id else None
        if transfer is None or transfer.status is not TransferStatus.FINAL:
            raise IllegalTransition(
                f"the deposit of order {order.id} is not final: wait for transfer {order.transfer_id}, then try again"
            )
