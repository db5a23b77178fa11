"""
A refund as JSON: the one object that the command line, the API and webhooks give.

Its keys are a contract: names may be added, never changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payout.money import Money
from payout.text import iso, plain

if TYPE_CHECKING:
    from payout.refund import RefundLine


def refund_json(line: RefundLine) -> dict[str, Any]:
    """One refund, as `refunds list --json` gives it."""
    refund = line.refund
    amount = None if line.amount_units is None else Money(line.amount_units, refund.asset)
    return {
        "id": refund.id,
        "external_id": refund.external_id,
        "status": str(refund.status),
        "waiting_for": refund.waiting_for,
        "hold_reason": refund.hold_reason,
        "owed_usd": str(refund.owed),
        "asset": refund.asset.code,
        "network": refund.asset.network,
        "destination": refund.destination,
        "amount": _text(amount),
        "rate_usd": plain(line.rate),
        "tx_ids": list(line.tx_ids),
        "confirmations": line.confirmations,
        "reason": refund.reason,
        "requested_at": iso(refund.requested_at),
        "approved_at": iso(refund.approved_at),
        "paid_at": iso(refund.paid_at),
        "requested_by": refund.requested_by,
        "approved_until": iso(refund.approved_until),
        "revision": refund.revision,
        "memo": refund.memo,
        "payment_tx": refund.payment_tx,
        "paid_usd": _text(refund.paid),
        "amount_max": _text(refund.amount_max),
    }


def _text(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)
