"""
A refund: what we owe one customer, once, and the table of its states.

Refunds and attempts are immutable; each method returns the next version, and the store refuses to save it over
any version but the one it was made from.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from payout.errors import IllegalTransition

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from payout.asset import Asset
    from payout.money import Money

ATTEMPTS_MAX = 5
"""Attempts that may fail before a person must look."""


class RefundStatus(StrEnum):
    """Where a refund stands, as people read it."""

    REQUESTED = "REQUESTED"  # on record; waits for approvals
    WAITING = "WAITING"  # the customer must tell us something first
    APPROVED = "APPROVED"  # may be paid; `waiting_for` says what it waits for, if anything
    PAYING = "PAYING"  # has one attempt that may move money
    HELD = "HELD"  # waits for a person; `hold_reason` says why
    PAID = "PAID"  # its attempt is settled
    CREDITED = "CREDITED"  # given as store credit by the merchant's panel
    PAID_OUTSIDE = "PAID_OUTSIDE"  # paid by card or bank, outside this system
    REJECTED = "REJECTED"  # denied by a person or the policy
    CANCELED = "CANCELED"  # withdrawn


_S = RefundStatus

TRANSITIONS: dict[RefundStatus, frozenset[RefundStatus]] = {
    _S.REQUESTED: frozenset(
        {
            _S.REQUESTED,  # amended: a new revision
            _S.WAITING,  # more is asked of the customer
            _S.APPROVED,  # the approvals are complete
            _S.HELD,  # a person stopped it
            _S.CREDITED,  # resolved with store credit
            _S.PAID_OUTSIDE,  # resolved by card or bank
            _S.REJECTED,  # denied
            _S.CANCELED,  # withdrawn
            _S.PAYING,  # repair: the spend journal shows a payment that the database forgot
        }
    ),
    _S.WAITING: frozenset(
        {
            _S.REQUESTED,  # the customer answered (amended)
            _S.HELD,  # a person stopped it
            _S.CREDITED,
            _S.PAID_OUTSIDE,
            _S.REJECTED,
            _S.CANCELED,
            _S.PAYING,  # repair
        }
    ),
    _S.APPROVED: frozenset(
        {
            _S.PAYING,  # an attempt was committed
            _S.REQUESTED,  # the approvals expired, or it was amended
            _S.HELD,  # a person, or a check that time will not mend
            _S.CREDITED,
            _S.PAID_OUTSIDE,
            _S.REJECTED,  # denied after all, before anything was committed
            _S.CANCELED,
        }
    ),
    _S.PAYING: frozenset(
        {
            _S.PAYING,  # held from a next attempt; this one goes on
            _S.PAID,  # the transfer is final
            _S.APPROVED,  # the transfer is VOID: free to be paid again
            _S.HELD,  # the transfer is VOID and a person, or too many attempts, stopped it
        }
    ),
    _S.HELD: frozenset(
        {
            _S.HELD,  # held again, for another reason, or amended
            _S.APPROVED,  # released, its approvals still stand
            _S.REQUESTED,  # released without valid approvals
            _S.CREDITED,
            _S.PAID_OUTSIDE,
            _S.REJECTED,
            _S.CANCELED,
            _S.PAYING,  # repair
        }
    ),
    _S.PAID: frozenset({_S.PAYING}),  # a reorganisation undid what was final
    _S.CREDITED: frozenset({_S.PAYING}),  # repair
    _S.PAID_OUTSIDE: frozenset({_S.PAYING}),  # repair
    _S.REJECTED: frozenset({_S.PAYING}),  # repair
    _S.CANCELED: frozenset({_S.PAYING}),  # repair
}

AMENDABLE = frozenset({_S.REQUESTED, _S.WAITING, _S.APPROVED, _S.HELD})
"""Where the destination may still change: no attempt can be open."""


class AttemptStatus(StrEnum):
    """One try at paying one refund. There is no "sent": between commit and evidence nobody can tell."""

    OPEN = "OPEN"  # money may be moving
    SETTLED = "SETTLED"  # its transfer is final
    FAILED = "FAILED"  # its transfer is VOID: it can never pay


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at paying one refund: an output of one transfer, to its destination or to its order's deposit."""

    refund_id: str
    number: int
    transfer_id: str
    destination: str
    amount: Money
    rate: Decimal
    """USD per coin."""
    quote_id: str
    manifest_digest: str
    order_id: str | None = None
    """Paid by a processor: the order that the transfer funds. The transfer's end is then not the attempt's."""
    deposit_address: str | None = None
    """Where the transfer's output goes, when that is not the destination."""
    status: AttemptStatus = AttemptStatus.OPEN
    proof: str | None = None
    """OutProof signature over the refund's id, saved at send time."""
    automatic: bool = False
    """No person approved it: it counts towards the cap of such payouts."""
    opened_at: datetime
    closed_at: datetime | None = None

    @property
    def id(self) -> str:
        """`<refund id>/<number>`."""
        return f"{self.refund_id}/{self.number}"

    @property
    def paid_to(self) -> str:
        """The address of its output in the transfer."""
        return self.deposit_address or self.destination


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """What we owe one customer, once."""

    id: str
    external_id: str
    revision: int = 1
    owed: Money
    asset: Asset
    destination: str
    memo: str | None = None
    payment_tx: str | None = None
    paid: Money | None = None
    """What the customer's payment was worth in USD."""
    amount_max: Money | None = None
    """In `asset`: never send more coins than this."""
    reason: str | None = None
    facts: str = ""
    """Digest of what intake was first given: the same external_id with other facts is refused for ever."""
    status: RefundStatus = RefundStatus.REQUESTED
    waiting_for: str | None = None
    hold_reason: str | None = None
    """Set in HELD; in PAYING it keeps the refund from a next attempt."""
    passed_over: int = 0
    requested_by: str
    requested_at: datetime
    amended_at: datetime | None = None
    """When its destination was last changed; None: never. Signed with the rest: a cooling-off counts from it."""
    amended_by: str | None = None
    """Who changed it: as little an approver of it as whoever requested it."""
    seal: str = field(default="", repr=False)
    """Intake's own signature over what this revision asks for: a row that somebody edited is not even approved."""
    approved_at: datetime | None = None
    approved_until: datetime | None = None
    paid_at: datetime | None = None
    attempts: int = 0
    version: int = 0

    def to(self, status: RefundStatus, **changes: Any) -> Refund:
        """
        The next version of this refund, in `status`.

        Raises:
            IllegalTransition: the table has no such edge.
        """
        if status not in TRANSITIONS[self.status]:
            raise IllegalTransition(f"refund {self.external_id} is {self.status}: it cannot become {status}")
        changes.setdefault("waiting_for", None)
        return replace(self, status=status, version=self.version + 1, **changes)

    def approve(self, at: datetime, until: datetime) -> Refund:
        """All approvals are there: it may be paid until they expire."""
        return self.to(_S.APPROVED, approved_at=at, approved_until=until, hold_reason=None)

    def unapprove(self) -> Refund:
        """The approvals no longer hold: back to the queue of requests."""
        return self.to(_S.REQUESTED, approved_at=None, approved_until=None, hold_reason=None)

    def hold(self, why: str) -> Refund:
        """Stop it. While PAYING the open attempt goes on, and no other will follow."""
        status = _S.PAYING if self.status is _S.PAYING else _S.HELD
        return self.to(status, hold_reason=why)

    def amend(self, destination: str, memo: str | None, *, by: str, at: datetime) -> Refund:
        """
        A new revision, and mostly a new destination: every approval of the old one is void. It has no seal yet.

        What is HELD stays so: only a person who may release it does.
        """
        if self.status not in AMENDABLE:
            raise IllegalTransition(f"refund {self.external_id} is {self.status}: its destination can no longer change")
        changes: dict[str, Any] = {"approved_at": None, "approved_until": None, "seal": ""}
        if (destination, memo) != (self.destination, self.memo):
            changes |= {"destination": destination, "memo": memo, "amended_by": by, "amended_at": at}
        status = _S.HELD if self.status is _S.HELD else _S.REQUESTED
        return self.to(status, revision=self.revision + 1, **changes)

    def open_attempt(self) -> Refund:
        """A transfer that pays it was committed."""
        return self.to(_S.PAYING, attempts=self.attempts + 1, hold_reason=None, passed_over=0)

    def settle(self, at: datetime) -> Refund:
        """Its transfer is final."""
        return self.to(_S.PAID, paid_at=at, hold_reason=None)

    def reopen(self) -> Refund:
        """What was final is not: the same attempt is open again."""
        return self.to(_S.PAYING, paid_at=None)

    def fail_attempt(self) -> Refund:
        """Its transfer is VOID. A hold outlives its attempt: only a person may release it."""
        if self.hold_reason is not None:
            return self.to(_S.HELD)
        if self.attempts >= ATTEMPTS_MAX:
            return self.to(_S.HELD, hold_reason=f"{self.attempts} attempts failed: look at why")
        return self.to(_S.APPROVED)


def refund_id(instance: str, external_id: str) -> str:
    """The id of the one refund that an external_id can ever name, also in a rebuilt database."""
    digest = hashlib.sha256(f"{instance}\0{external_id}".encode()).hexdigest()
    return f"rf_{digest[:20]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundLine:
    """A refund as a listing shows it."""

    refund: Refund
    amount_units: int | None = None
    rate: Decimal | None = None
    tx_ids: tuple[str, ...] = ()
    confirmations: int | None = None
