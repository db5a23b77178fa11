"""Outcomes: what evidence about a transfer means for its attempts and refunds. Each makes one change; none writes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from payout.change import Change
from payout.delivery import pairs_of, where
from payout.refund import Attempt, AttemptStatus, Refund, RefundStatus
from payout.transfer import TransferStatus

if TYPE_CHECKING:
    from payout.change import Lease
    from payout.transfer import Sighting, Transfer
    from payout.wallet import Wallet


def final(wallet: Wallet, transfer: Transfer, sighting: Sighting, lease: Lease) -> Change:
    """It is as deep as finality asks: attempts SETTLED, refunds PAID."""
    now = wallet.now()
    after = transfer.see(sighting, now, TransferStatus.FINAL, final_at=now)
    live = _with_status(wallet, transfer, AttemptStatus.OPEN)
    words = f"final in block {sighting.height}, {sighting.depth} deep"
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
    """What was final is not: attempts OPEN, refunds PAYING again, and an alarm."""
    after = transfer.see(
        sighting,
        wallet.now(),
        TransferStatus.OPEN,
        final_at=None,
        give_up_by=None,
        give_up_why=None,
    )
    settled = _with_status(wallet, transfer, AttemptStatus.SETTLED)
    words = f"a reorganisation undid it: it was final in block {transfer.height}, and is now {where(sighting)}"
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
    """It can never land: attempts FAILED, refunds free. Added to `onto` where both must be one transaction."""
    now = wallet.now()
    onto = onto or Change(lease=lease)
    after = transfer.to(TransferStatus.VOID, watched=not transfer.begun)
    live = _with_status(wallet, transfer, AttemptStatus.OPEN)
    freed = [refund.fail_attempt() for _, refund in live]
    return replace(
        onto,
        transfers=(*onto.transfers, after),
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
                    alarm=refund.status is RefundStatus.HELD,
                )
                for refund in freed
            ),
        ),
    )


def _with_status(wallet: Wallet, transfer: Transfer, status: AttemptStatus) -> list[tuple[Attempt, Refund]]:
    return [pair for pair in pairs_of(wallet, transfer) if pair[0].status is status]
