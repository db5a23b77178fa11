"""
Attestation: people say how a swap ended, where no chain and no wallet can show it.

It closes an order's attempt and never one that our own chain decides. What says "pay it anew" needs new approvals:
a word in the database alone must never free a refund.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.approval import Act, may, permit
from payout.change import Change
from payout.errors import BadInput, IllegalTransition, NotApproved
from payout.order import OrderStatus
from payout.refund import AttemptStatus
from payout.revision import replaced
from payout.swaps.evidence import attested_arrival

if TYPE_CHECKING:
    from datetime import datetime

    from payout.approval import Approver, Rules
    from payout.swaps.settlement import Case

PROOF_MAX = 128
"""Characters; the longest transaction id in use has 88."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one person says of a swap's end. `proof`: the transaction that paid the customer; None: nothing did."""

    who: str
    why: str
    proof: str | None

    @property
    def words(self) -> str:
        """The same for everyone who says the same."""
        return f"settled by {self.proof}" if self.proof else "failed: the customer got nothing"


def check_proof(proof: str | None) -> str:
    """
    The transaction that paid the customer, as it was given.

    Raises:
        BadInput: it is none.
    """
    text = (proof or "").strip()
    if not text:
        raise BadInput("proof", "is missing", "name the transaction that paid the customer: --proof TXID")
    if len(text) > PROOF_MAX or not (text.isascii() and text.isprintable()) or " " in text:
        raise BadInput("proof", "is not the id of a transaction", "copy it from the customer's chain")
    return text


def attested(case: Case, claim: Claim, approver: Approver, now: datetime) -> Change:
    """
    What follows from a claim about a FUNDED order: its end, or, where two must say it, that one has.

    Raises:
        NotAllowed, NotApproved: this person may not say it, or not alone.
        IllegalTransition: no swap is under way.
    """
    order = case.order
    if order.status is not OrderStatus.FUNDED:
        raise IllegalTransition(f"order {order.id} is {order.status}: only a FUNDED order can be attested")
    who = _allowed(case, claim, approver.rules())
    if who is None:
        words = f"{claim.who} says: {claim.words} ({claim.why}); another person must say the same"
        said = order.to(OrderStatus.FUNDED, attested_by=f"{claim.who}: {claim.words}")
        return Change(orders=(said,), events=(case.event(now, "order.attested", words, who=claim.who),))
    return _settled(case, claim, who, now) if claim.proof else _failed(case, claim, who, approver, now)


def _allowed(case: Case, claim: Claim, rules: Rules) -> str | None:
    """Everyone who has said so, if that is enough; None if another person must."""
    permit(rules, claim.who, Act.ATTEST)
    if len(rules.people) <= 1:
        return claim.who
    first, _, said = (case.order.attested_by or "").partition(": ")
    if said != claim.words:
        return None
    if first == claim.who:
        raise NotApproved(f"{claim.who} has said so already: another person must say the same")
    # The first may have been taken off the people file since.
    return f"{first}, {claim.who}" if may(rules, first, Act.ATTEST) else None


def _settled(case: Case, claim: Claim, who: str, now: datetime) -> Change:
    order = case.order.to(
        OrderStatus.SETTLED,
        attested_by=who,
        settle_txid=claim.proof,
        # One payment of one transaction settles one order, also by people's word.
        arrival_id=attested_arrival(claim.proof or "", case.order.destination),
        trouble=None,
        ended_at=now,
        watched=True,
    )
    words = f"{who} attest: {claim.words} ({claim.why})"
    return Change(
        orders=(order,),
        attempts=case.close(AttemptStatus.SETTLED, now),
        refunds=(case.refund.settle(now),),
        events=(
            case.event(now, "order.settled", words, who=claim.who),
            case.event(now, "refund.paid", words, who=claim.who),
        ),
    )


def _failed(case: Case, claim: Claim, who: str, approver: Approver, now: datetime) -> Change:
    """The refund may be paid anew, once people have signed it anew."""
    order = case.order.to(
        OrderStatus.RETURNED,
        attested_by=who,
        returned_units=case.order.returned_units or 0,
        trouble=None,
        ended_at=now,
    )
    words = f"{who} attest: {claim.words} ({claim.why})"
    freed = case.refund.fail_attempt()
    anew = approver.resealed(freed, freed.amend(freed.destination, freed.memo, by=claim.who, at=now))
    return Change(
        orders=(order,),
        attempts=case.close(AttemptStatus.FAILED, now),
        refunds=(freed, anew),
        revisions=(replaced(freed, claim.who, now),),
        events=(
            case.event(now, "order.returned", words, who=claim.who),
            case.event(now, "attempt.failed", f"revision {anew.revision} needs approval", who=claim.who),
        ),
    )
