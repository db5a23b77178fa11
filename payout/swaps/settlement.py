"""
Settlement: what evidence about a funded order means for its attempt and its refund.

Each function makes one change, whole, and none writes: the order's version and the refund's decide whether it may
be written, so an order ends once, and frees its refund once at most.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from payout.change import Change
from payout.event import SYSTEM, Event
from payout.money import Money
from payout.order import OrderStatus
from payout.refund import AttemptStatus, RefundStatus
from payout.swaps.trouble import Trouble, dossier

if TYPE_CHECKING:
    from datetime import datetime

    from payout.order import Order
    from payout.ports import Arrival, Store
    from payout.refund import Attempt, Refund
    from payout.swaps.evidence import Back

HOLDABLE = frozenset(
    {
        RefundStatus.REQUESTED,
        RefundStatus.WAITING,
        RefundStatus.APPROVED,
        RefundStatus.PAYING,
        RefundStatus.HELD,
    }
)
"""Where a refund may still be kept from being paid (again)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An order as it is on record, with its attempt and its refund."""

    order: Order
    refund: Refund
    attempt: Attempt | None
    """None while it was never funded."""

    def event(self, now: datetime, kind: str, words: str, *, alarm: bool = False, who: str = SYSTEM) -> Event:
        """An event of this order and its refund."""
        return Event(
            at=now,
            kind=kind,
            words=words,
            who=who,
            refund_id=self.refund.id,
            transfer_id=self.order.transfer_id,
            order_id=self.order.id,
            wallet=self.order.wallet,
            alarm=alarm,
        )

    def close(self, status: AttemptStatus, now: datetime | None) -> tuple[Attempt, ...]:
        """The attempt in this status."""
        return (replace(self.attempt, status=status, closed_at=now),) if self.attempt is not None else ()


def open_case(store: Store, order: Order) -> Case | None:
    """An order with what belongs to it, as the store has it; None where its refund is not on record."""
    refund = store.refund(order.refund_id)
    if refund is None:
        return None
    tries = [attempt for attempt in store.attempts([refund.id]) if attempt.order_id == order.id]
    return Case(order=order, refund=refund, attempt=tries[-1] if tries else None)


def settled(case: Case, seen: Order, arrival: Arrival, now: datetime) -> Change:
    """The customer's chain shows it, final: the order SETTLED, its attempt too, the refund PAID. `seen`: as heard."""
    amount = Money(arrival.units, seen.receive.asset)
    where = f"in block {arrival.height}" if arrival.height is not None else "on its chain"
    words = f"{amount} {amount.asset.code} reached the customer in {arrival.txid}, final {where}"
    paid = f"{amount} {amount.asset.code} paid through order {seen.processor_id} of {seen.processor}"
    order = _moved(
        case.order,
        seen,
        OrderStatus.SETTLED,
        settle_txid=arrival.txid,
        arrival_id=arrival.id,
        settle_height=arrival.height,
        settle_block=arrival.block,
        attested_by=None,  # One of two may have said something meanwhile.
        trouble=None,
        ended_at=now,
    )
    return Change(
        orders=(order,),
        attempts=case.close(AttemptStatus.SETTLED, now),
        refunds=(case.refund.settle(now),),
        events=(case.event(now, "order.settled", words), case.event(now, "refund.paid", paid)),
    )


def unsettled(case: Case, why: str, now: datetime) -> Change:
    """A reorganisation of the customer's chain undid it: all is as it was while it was under way, with an alarm."""
    order = case.order.to(
        OrderStatus.FUNDED,
        arrival_id=None,
        settle_height=None,
        settle_block=None,
        ended_at=None,
        said_at=now,
    )
    words = f"a reorganisation of the customer's chain undid its settlement: {why}"
    return Change(
        orders=(order,),
        attempts=case.close(AttemptStatus.OPEN, None),
        refunds=(case.refund.reopen(),) if case.refund.status is RefundStatus.PAID else (),
        events=(
            case.event(now, "order.reopened", f"{words}. {dossier(case.order, case.attempt)}", alarm=True),
            case.event(now, "refund.reopened", words, alarm=True),
        ),
    )


def returned(case: Case, seen: Order, back: Back, now: datetime) -> Change:
    """The deposit is back, and the customer got nothing: the attempt FAILED, the refund free, the loss in words."""
    came = Money(back.deep, back.deposit.asset)
    loss = back.deposit - came
    words = f"{came} of {back.deposit} {came.asset.code} came back to us, deep enough; "
    words += f"lost: {loss} {loss.asset.code} and the fee" if loss.units > 0 else "lost: the fee"
    order = _moved(
        case.order,
        seen,
        OrderStatus.RETURNED,
        returned_units=back.deep,
        return_txid=back.txid or seen.return_txid,
        attested_by=None,  # As above: what our wallet shows needs no new signatures.
        trouble=None,
        ended_at=now,
    )
    refund = case.refund.fail_attempt()
    held = refund.status is RefundStatus.HELD
    then = f"it is held: {refund.hold_reason}" if held else "it will be paid anew"
    return Change(
        orders=(order,),
        attempts=case.close(AttemptStatus.FAILED, now),
        refunds=(refund,),
        events=(
            case.event(now, "order.returned", words),
            case.event(now, "attempt.failed", f"{seen.processor} returned its deposit; {then}", alarm=held),
        ),
    )


def noted(case: Case, seen: Order, news: tuple[str, ...], trouble: Trouble | None, now: datetime) -> Change | None:
    """
    What was heard and seen, where it is new; None where nothing is.

    A new trouble is an alarm with all that a processor's support asks for. Where it must keep the refund from a next
    attempt, the refund is held too; while it is PAYING its open attempt goes on.
    """
    words = trouble.words if trouble else None
    if replace(seen, trouble=words) == case.order:
        return None
    events = [case.event(now, "order.seen", line) for line in news]
    if trouble is not None and words != case.order.trouble:
        events.append(case.event(now, "order.troubled", _alarm(trouble, seen, case.attempt), alarm=True))
    if words is None and case.order.trouble is not None:
        events.append(case.event(now, "order.recovered", "no longer: " + case.order.trouble))
    order = _moved(case.order, seen, case.order.status, trouble=words)
    if trouble is not None and trouble.hold and case.refund.hold_reason is None and case.refund.status in HOLDABLE:
        held = case.refund.hold(f"order {case.order.id}: {trouble.words}")
        return Change(
            orders=(order,),
            refunds=(held,),
            events=(*events, case.event(now, "refund.held", trouble.words, alarm=True)),
        )
    return Change(orders=(order,), events=tuple(events))


def _alarm(trouble: Trouble, order: Order, attempt: Attempt | None) -> str:
    detail = f" ({trouble.detail})" if trouble.detail else ""
    return f"{trouble.words}{detail}. {dossier(order, attempt)}"


def sighted(order: Order, arrival: Arrival | None) -> tuple[Order, tuple[str, ...]]:
    """Where the customer's payment is now, and what is new about that. Only for a chain that answered."""
    height, block = (arrival.height, arrival.block) if arrival is not None else (None, None)
    if (height, block) == (order.settle_height, order.settle_block):
        return order, ()
    seen = replace(order, settle_height=height, settle_block=block)
    if arrival is None or height is None:
        return seen, ("its payment is in no block of the customer's chain any more",)
    return seen, (f"its payment {arrival.txid} is in block {height} of the customer's chain",)


def no_longer_watched(case: Case) -> Change:
    """It ended long ago and stayed so."""
    return Change(orders=(case.order.to(case.order.status, watched=True),))


def _moved(was: Order, seen: Order, status: OrderStatus, **changes: object) -> Order:
    """`seen` in `status`, as the next version of the row."""
    was.to(status)  # The table is asked about the row's own status.
    return replace(seen.to(status, **changes), version=was.version + 1)
