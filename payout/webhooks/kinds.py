"""Which events are told to the merchant, and as what."""

from __future__ import annotations

from payout.webhooks.message import MessageType

TOLD: dict[str, MessageType] = {
    "refund.requested": MessageType.REQUESTED,
    "refund.waiting": MessageType.WAITING,
    "refund.approved": MessageType.APPROVED,
    "refund.released": MessageType.RESUMED,
    "refund.resumed": MessageType.RESUMED,
    "refund.rejected": MessageType.REJECTED,
    "refund.held": MessageType.HELD,
    "refund.canceled": MessageType.CANCELED,
    "refund.credited": MessageType.CREDITED,
    "attempt.opened": MessageType.PAYING,
    "refund.paid": MessageType.PAID,
    "refund.reopened": MessageType.REOPENED,
    "wallet.low": MessageType.WALLET_LOW,
    "wallet.paused": MessageType.WALLET_PAUSED,
    "approval.invalid": MessageType.APPROVAL_INVALID,
}
"""By the kind of an event of one refund, or of none."""

TOLD_OF_TRANSFERS: dict[str, MessageType] = {"transfer.seen": MessageType.BROADCAST}
"""By the kind of an event of a transfer: one message for each refund that it pays."""
