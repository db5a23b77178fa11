"""
Footing: what a transfer stands on, as on record: its attempts and refunds, its orders, and where it is, in words.

Nothing here decides or writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payout.transfer import Place, TransferKind

if TYPE_CHECKING:
    from payout.order import Order
    from payout.refund import Attempt, Refund
    from payout.transfer import Sighting, Transfer
    from payout.wallet import Wallet


def pairs_of(wallet: Wallet, transfer: Transfer) -> list[tuple[Attempt, Refund]]:
    """A transfer's attempts, each with its refund."""
    attempts = wallet.store.attempts_of([transfer.id])
    refunds = {refund.id: refund for refund in wallet.store.refunds([attempt.refund_id for attempt in attempts])}
    return [(attempt, refunds[attempt.refund_id]) for attempt in attempts]


def orders_of(wallet: Wallet, transfer: Transfer) -> tuple[Order, ...]:
    """The orders whose deposits it pays; none where it pays refunds directly."""
    return wallet.store.orders_funded_by(transfer.id) if transfer.kind is TransferKind.FUNDING else ()


def where(sighting: Sighting) -> str:
    """Where a transfer is, in words."""
    match sighting.place:
        case Place.MINED:
            return f"mined in block {sighting.height}, {sighting.depth} deep"
        case Place.POOL:
            return "in the daemon's pool"
        case Place.UNSEEN:
            return "missing from pool and chain"
