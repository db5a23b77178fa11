"""
Outcomes: what evidence about a transfer means for its attempts, refunds and orders. Each makes one change; none writes.

A funding settles nothing: what the customer got is seen on the customer's chain. Only that it can never land ends
its attempts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from payout.change import Change
from payout.footing import orders_of, pairs_of, where
from payout.order import OrderStatus, Stage
from payout.refund import AttemptStatus, RefundStatus
from payout.transfer import TransferKind, TransferStatus

if TYPE_CHECKING:
    from payout.change import Lease
    from payout.event import Event
    from payout.order import Order
    from payout.refund import Attempt, Refund
    from payout.transfer import Sighting, Transfer
    from payout.wallet import Wallet

_NO_DEPOSIT = frozenset({None, Stage.AWAITING_DEPOSIT, Stage.EXPIRED, Stage.CANCELED})
"""The words of a processor that never got the deposit."""


def final(wallet: Wallet, transfer: Transfer, sighting: Sighting, lease: Lease) -> Change:
    """It is as deep as finality asks: attempts SETTLED, refunds PAID; of a funding, the deposits are final."""
    now = wallet.now()
    after = transfer.see(sighting, now, TransferStatus.FINAL, final_at=now)
    words = f"final in block {sighting.height}, {sighting.depth} deep"
    if transfer.kind is TransferKind.FUNDING:
        told = wallet.event("transfer.final", words, transfer_id=transfer.id)
        return Change(transfers=(after,), events=(told, *_deposits(wallet, transfer, "final", words)), lease=lease)
    live = _with_status(wallet, transfer, AttemptStatus.OPEN)
    return Change(
        transfers=(after,),
        attempts=tuple(replace(attempt, status=AttemptStatus.SETTLED, closed_at=now) for attempt, _ in live),
        refunds=tuple(refund.settle(now) for _, refund in live),
        events=(
            wallet.event("transfer.final", words, transfer_id=transfer.id),
            *(
                wallet.event(
                    "refund.paid",
                    f"{attempt.amount} {attempt.amount.asset.code} is {words}",
                    refund_id=refund.id,
                    transfer_id=transfer.id,
                )
                for attempt, refund in live
            ),
        ),
        lease=lease,
    )


def reopened(wallet: Wallet, transfer: Transfer, sighting: Sighting, lease: Lease) -> Change:
    """What was final is not: attempts OPEN, refunds PAYING again, and an alarm. A funding's attempts stay."""
    after = transfer.see(
        sighting,
        wallet.now(),
        TransferStatus.OPEN,
        final_at=None,
        give_up_by=None,
        give_up_why=None,
    )
    words = f"a reorganisation undid it: it was final in block {transfer.height}, and is now {where(sighting)}"
    if transfer.kind is TransferKind.FUNDING:
        told = wallet.event("transfer.reopened", words, transfer_id=transfer.id, alarm=True)
        return Change(transfers=(after,), events=(told, *_deposits(wallet, transfer, "reopened", words)), lease=lease)
    settled = _with_status(wallet, transfer, AttemptStatus.SETTLED)
    return Change(
        transfers=(after,),
        attempts=tuple(replace(attempt, status=AttemptStatus.OPEN, closed_at=None) for attempt, _ in settled),
        refunds=tuple(refund.reopen() for _, refund in settled),
        events=(
            wallet.event("transfer.reopened", words, transfer_id=transfer.id, alarm=True),
            *(
                wallet.event(
                    "refund.reopened",
                    words,
                    refund_id=refund.id,
                    transfer_id=transfer.id,
                    alarm=True,
                )
                for _, refund in settled
            ),
        ),
        lease=lease,
    )


def voided(
    wallet: Wallet,
    transfer: Transfer,
    why: str,
    lease: Lease,
    *,
    onto: Change | None = None,
) -> Change:
    """
    It can never land: attempts FAILED, refunds free, orders DROPPED. An order that has ended keeps its end.

    Added to `onto` where both must be one transaction.
    """
    now = wallet.now()
    onto = onto or Change(lease=lease)
    after = transfer.to(TransferStatus.VOID, watched=not transfer.begun)
    orders = {order.id: order for order in orders_of(wallet, transfer) if order.status is OrderStatus.FUNDED}
    live = [
        pair
        for pair in _with_status(wallet, transfer, AttemptStatus.OPEN)
        if pair[0].order_id is None or pair[0].order_id in orders
    ]
    freed = [_freed(refund, transfer, orders.get(attempt.order_id or "")) for attempt, refund in live]
    return replace(
        onto,
        transfers=(*onto.transfers, after),
        orders=(
            *onto.orders,
            *(order.to(OrderStatus.DROPPED, ended_at=now, reason=why, trouble=None) for order in orders.values()),
        ),
        attempts=(
            *onto.attempts,
            *(replace(attempt, status=AttemptStatus.FAILED, closed_at=now) for attempt, _ in live),
        ),
        refunds=(*onto.refunds, *freed),
        events=(
            *onto.events,
            wallet.event("transfer.void", f"it can never land: {why}", transfer_id=transfer.id),
            *(
                wallet.event(
                    "attempt.failed",
                    f"its transfer can never land: {why}",
                    refund_id=refund.id,
                    transfer_id=transfer.id,
                    order_id=attempt.order_id,
                    alarm=refund.status is RefundStatus.HELD,
                )
                for (attempt, _), refund in zip(live, freed, strict=True)
            ),
        ),
    )


def _freed(refund: Refund, transfer: Transfer, order: Order | None) -> Refund:
    """Its attempt has failed. HELD where a processor says that it got what can never land: it may have paid."""
    if order is None or not transfer.begun or (order.stage in _NO_DEPOSIT and order.settle_txid is None):
        return refund.fail_attempt()
    why = (
        f"the deposit of order {order.id} can never land, and {order.processor} calls it {order.stage}: find out "
        "whether the customer was paid, before you release it"
    )
    return replace(refund, hold_reason=refund.hold_reason or why).fail_attempt()


def _deposits(wallet: Wallet, transfer: Transfer, past: str, words: str) -> list[Event]:
    """One event for each order that a funding pays."""
    return [
        wallet.event(
            f"deposit.{past}",
            f"the deposit of order {order.processor_id} of {order.processor} is {words}" if past == "final" else words,
            refund_id=order.refund_id,
            transfer_id=transfer.id,
            order_id=order.id,
            alarm=past != "final",
        )
        for order in orders_of(wallet, transfer)
    ]


def _with_status(wallet: Wallet, transfer: Transfer, status: AttemptStatus) -> list[tuple[Attempt, Refund]]:
    return [pair for pair in pairs_of(wallet, transfer) if pair[0].status is status]
