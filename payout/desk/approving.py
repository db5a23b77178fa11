"""Approving: signatures over a refund as it stands, and what becomes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from payout.approval import APPROVAL_LIFE, Act, KeyKind
from payout.change import Change
from payout.desk.office import Office, to_the_second
from payout.errors import ForgedApproval, IllegalTransition, NotApproved, Overtaken
from payout.event import SYSTEM
from payout.refund import Refund, RefundStatus

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payout.approval import Approval

EXPIRE_MAX = 500
"""Approvals that one tick lets run out."""

GIVEN = "approval.given"
"""One of several that a refund needs: the next may be given beside it."""


class Approving(Office):
    """Acts that let a refund be paid."""

    __slots__ = ()

    def approve(self, key: str, who: str, *, revision: int | None = None, seen: str | None = None) -> Refund:
        """
        Sign the refund as it stands, with the instance's key; it becomes APPROVED when enough people have. One that
        intake approved takes a person's signature too, and counts as theirs then. Keys of people's own sign by
        `draft` and `accept`.

        `revision`: the one that the person saw. `seen`: the fingerprint of all that they saw, which no row can be
        given that says something else; a revision's number can.

        Raises:
            NotAllowed, NotApproved: this person may not approve it.
            ForgedApproval: the row is not what was handed in; it is HELD, with an alarm.
            LimitReached: it is outside the limits.
            IllegalTransition: it is past approving.
            Overtaken: it is not what they saw, or somebody else decided first.
        """
        self._permit(who, Act.APPROVE)
        return self._act(key, who, revision, lambda refund: self._signed(refund, who, seen), frozenset({GIVEN}))

    def draft(
        self,
        key: str,
        who: str,
        *,
        revision: int | None = None,
        seen: str | None = None,
        kind: KeyKind = KeyKind.WEBAUTHN,
    ) -> tuple[Approval, bytes]:
        """
        What a key that is elsewhere is to sign: the approval without its signature, and the message. Writes nothing,
        unless the row is not what was handed in: then it is HELD, with an alarm.

        Made when the refund is shown; `seen` sees to it that what was shown is what is signed. Raises as `approve`.
        """
        self._permit(who, Act.APPROVE)
        refund = self.find(key)
        self._check_revision(refund, revision)
        try:
            _check_open(refund)
        except IllegalTransition as error:
            raise self._explained(error, refund) from error
        self._check_seen(refund, seen)
        self._check_seal(refund)
        return self.approver.draft(refund, who, self.clock.now(), kind)

    def accept(self, approval: Approval) -> Refund:
        """Take what `draft` gave, with its signature. Raises as `approve`."""
        self._permit(approval.signer, Act.APPROVE)
        return self._act(
            approval.refund_id,
            approval.signer,
            approval.revision,
            lambda refund: self._given(refund, approval.signer, lambda now: self._accepted(refund, approval, now)),
            frozenset({GIVEN}),
        )

    def release(self, key: str, who: str, *, revision: int | None = None) -> Refund:
        """
        Lift a hold: back to APPROVED where the approvals still stand, else to REQUESTED.

        Raises:
            NotAllowed: this person may not.
            IllegalTransition: it is not held.
            Overtaken: as `approve`.
        """
        self._permit(who, Act.RELEASE)
        return self._act(key, who, revision, lambda refund: self._released(refund, who))

    def expire(self) -> int:
        """Take refunds whose approvals ran out back to REQUESTED; returns how many."""
        now = self.clock.now()
        refunds = self.store.expired(now, EXPIRE_MAX)
        for refund in refunds:
            words = "the approvals ran out before it could be paid: approve it again"
            event = self._event("approval.expired", words, SYSTEM, refund)
            self.store.commit(Change(refunds=(refund.unapprove(),), events=(event,)))
        return len(refunds)

    # ------------------------------------------------------------ inner works

    def _signed(self, refund: Refund, who: str, seen: str | None) -> Change | None:
        self._check_seen(refund, seen)
        return self._given(refund, who, lambda now: self.approver.sign(refund, who, now))

    def _accepted(self, refund: Refund, approval: Approval, now: datetime) -> Approval:
        if approval.expires_at > now + APPROVAL_LIFE:
            raise NotApproved(f"an approval holds for {APPROVAL_LIFE.days} days at most: draft it anew")
        self.approver.accept(refund, approval, now)
        return approval

    def _given(self, refund: Refund, who: str, sign: Callable[[datetime], Approval]) -> Change | None:
        """One more approval, and what it makes of the refund. None: this person has approved it already."""
        now = self.clock.now()
        before = self.store.approvals([refund.id])
        if self._stands(refund, who, before, now):
            return None
        self.limits.check_refund(refund.owed, self.approver.rules().caps)
        self._check_seal(refund)
        approval = sign(now)
        forged: tuple[str, ...]
        rows: tuple[Refund, ...]
        try:
            found = self.approver.check(refund, (*before, approval), now)
        except NotApproved as error:
            forged = (str(error),) if isinstance(error, ForgedApproval) else ()
            rows, kind, more = (refund.unapprove(),), GIVEN, "; more approvals are needed"
        else:
            forged, kind, more = found.forged, "refund.approved", ""
            rows = _approved(refund, now, found.until)
        after = rows[-1]
        return Change(
            refunds=rows,
            approvals=(approval,),
            events=(
                self._event(kind, f"{who} approved revision {refund.revision}{more}", who, after),
                *(self._event("approval.invalid", words, SYSTEM, after, alarm=True) for words in forged),
            ),
        )

    def _stands(self, refund: Refund, who: str, given: tuple[Approval, ...], now: datetime) -> bool:
        """
        This person has approved it, alone or among others, and it needs nothing more of theirs.

        Raises:
            Overtaken: other people have approved it; nothing is left to do.
            IllegalTransition: it is past approving.
        """
        _check_open(refund)
        if refund.status is RefundStatus.REQUESTED:
            return who in self.approver.signers(refund, given, now)
        try:
            found = self.approver.check(refund, given, now)
        except NotApproved:
            return False
        if not found.automatic and who not in found.signers:
            latest = max(each.signed_at for each in given if each.signer in found.signers)
            raise Overtaken(
                f"refund {refund.external_id} is APPROVED already, by {', '.join(found.signers)} "
                f"at {to_the_second(latest)}"
            )
        return not found.automatic

    def _released(self, refund: Refund, who: str) -> Change:
        if refund.status is RefundStatus.PAYING and refund.hold_reason:
            after = refund.to(RefundStatus.PAYING, hold_reason=None)
            return Change(refunds=(after,), events=(self._event("refund.released", f"released by {who}", who, after),))
        if refund.status is not RefundStatus.HELD:
            raise IllegalTransition(f"refund {refund.external_id} is {refund.status}: not held")
        now = self.clock.now()
        try:
            found = self.approver.check(refund, self.store.approvals([refund.id]), now)
            after = refund.approve(refund.approved_at or now, found.until)
        except NotApproved:
            after = refund.unapprove()
        event = self._event("refund.released", f"released by {who}: {after.status}", who, after)
        return Change(refunds=(after,), events=(event,))


def _check_open(refund: Refund) -> None:
    """It may still be approved, or once more. Raises IllegalTransition."""
    if refund.status not in (RefundStatus.REQUESTED, RefundStatus.APPROVED):
        raise IllegalTransition(
            f"refund {refund.external_id} is {refund.status}: only a REQUESTED refund can be approved"
        )


def _approved(refund: Refund, now: datetime, until: datetime) -> tuple[Refund, ...]:
    """The next versions of the row. What intake had approved is first as it was before: no status follows itself."""
    if refund.status is RefundStatus.REQUESTED:
        return (refund.approve(now, until),)
    asked = refund.unapprove()
    return asked, asked.approve(now, until)
