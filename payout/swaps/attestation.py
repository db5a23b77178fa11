"""
Attestation: people say how a swap ended, where no chain and no wallet can show it.

It closes an order's attempt and never one that our own chain decides. Who said what is read from the audit chain, and
never from a row; and what says "pay it anew" needs new approvals: no word in the database alone frees a refund.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from payout.approval import Act, may, permit
from payout.audit.genuine import genuine_events
from payout.change import Change
from payout.errors import BadInput, IllegalTransition, NotApproved
from payout.event import said
from payout.order import OrderStatus
from payout.refund import AttemptStatus, RefundStatus
from payout.revision import replaced
from payout.swaps.evidence import attested_arrival

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from payout.approval import Approver, Rules
    from payout.audit.chain import AuditKey
    from payout.event import Event
    from payout.order import Order
    from payout.ports import Store
    from payout.swaps.settlement import Case

ATTESTED: Final = "order.attested"
FAILED: Final = "failed: the customer got nothing"
PROOF_MAX: Final = 128
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
        return f"settled by {self.proof}" if self.proof else FAILED


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


def words_of(store: Store, key: AuditKey, order_id: str) -> dict[str, str]:
    """What each person said last of how this order ended, as the audit chain has it, since it was last under way."""
    words: dict[str, str] = {}
    for event in genuine_events(store, key, (ATTESTED, "order.reopened"), order_id=order_id):
        if event.kind == ATTESTED:
            words[event.who] = event.fact("claim") or ""
        else:
            words.clear()
    return words


def is_said_to_have_failed(store: Store, key: AuditKey, order_id: str) -> bool:
    """As many people as it took have said that the customer got nothing: the audit chain has the end that they made."""
    ends = genuine_events(store, key, ("order.returned",), order_id=order_id)
    return any(event.fact("claim") == FAILED for event in ends)


def attested(case: Case, claim: Claim, words: Mapping[str, str], approver: Approver, now: datetime) -> Change:
    """
    What follows from a claim about a FUNDED order: its end, or, where two must say it, that one has.

    `words`: `words_of` this order.

    Raises:
        NotAllowed, NotApproved: this person may not say it, or not alone.
        IllegalTransition: no swap is under way.
    """
    order = case.order
    if order.status is not OrderStatus.FUNDED:
        raise IllegalTransition(f"order {order.id} is {order.status}: only a FUNDED order can be attested")
    before = _agreeing(claim, words, approver.rules())
    if before is None:
        said_by = f"{claim.who} says: {claim.words} ({claim.why}); another person must say the same"
        after = order.to(OrderStatus.FUNDED, attested_by=f"{claim.who}: {claim.words}")
        change = Change(orders=(after,), events=(_event(case, claim, now, ATTESTED, said_by),))
    else:
        who = ", ".join([*before, claim.who])
        change = _settled(case, claim, who, now) if claim.proof else _failed(case, claim, who, approver, now)
    forged = _forged(order, words)
    if forged is None:
        return change
    return replace(change, events=(*change.events, case.event(now, "order.contradicted", forged, alarm=True)))


def _agreeing(claim: Claim, words: Mapping[str, str], rules: Rules) -> list[str] | None:
    """Who else has said so, where that makes enough; None if another person must."""
    permit(rules, claim.who, Act.ATTEST)
    if len(rules.people) <= 1:
        return []
    if words.get(claim.who) == claim.words:
        raise NotApproved(f"{claim.who} has said so already: another person must say the same")
    # One of them may have been taken off the people file since.
    return [who for who, word in words.items() if word == claim.words and may(rules, who, Act.ATTEST)] or None


def _forged(order: Order, words: Mapping[str, str]) -> str | None:
    """Why what the row says of an earlier word is not to be believed."""
    if order.attested_by is None:
        return None
    who, _, said_so = order.attested_by.partition(": ")
    if words.get(who) == said_so:
        return None
    return f"its row says that {order.attested_by}, and the audit trail does not: somebody changed the row"


def _event(case: Case, claim: Claim, now: datetime, kind: str, words: str) -> Event:
    return replace(case.event(now, kind, words, who=claim.who), facts=said(claim=claim.words))


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
            _event(case, claim, now, "order.settled", words),
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
    then = ", once somebody released it" if anew.status is RefundStatus.HELD else ""
    return Change(
        orders=(order,),
        attempts=case.close(AttemptStatus.FAILED, now),
        refunds=(freed, anew),
        revisions=(replaced(freed, claim.who, now),),
        events=(
            _event(case, claim, now, "order.returned", words),
            case.event(now, "attempt.failed", f"revision {anew.revision} needs approval{then}", who=claim.who),
        ),
    )
