"""
What happened, as JSON: attempts, approvals, events and pauses, as the command line and the API give them.

Their keys are a contract: names may be added, never changed. A signature is never among them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payout.text import iso, plain

if TYPE_CHECKING:
    from payout.approval import Approval
    from payout.change import Pause
    from payout.event import Event
    from payout.refund import Attempt


def attempt_json(attempt: Attempt) -> dict[str, Any]:
    """One attempt, with its proof."""
    return {
        "id": attempt.id,
        "status": str(attempt.status),
        "tx_id": attempt.transfer_id,
        "order": attempt.order_id,
        "deposit_address": attempt.deposit_address,
        "destination": attempt.destination,
        "amount": str(attempt.amount),
        "asset": attempt.amount.asset.code,
        "rate_usd": plain(attempt.rate),
        "quote_id": attempt.quote_id,
        "proof": attempt.proof,
        "opened_at": iso(attempt.opened_at),
        "closed_at": iso(attempt.closed_at),
    }


def approval_json(approval: Approval) -> dict[str, Any]:
    """One approval, without its signature."""
    return {
        "signer": approval.signer,
        "revision": approval.revision,
        "kind": approval.kind,
        "manifest": approval.digest,
        "signed_at": iso(approval.signed_at),
        "expires_at": iso(approval.expires_at),
    }


def event_json(event: Event) -> dict[str, Any]:
    """One event."""
    return {
        "at": iso(event.at),
        "kind": event.kind,
        "who": event.who,
        "words": event.words,
        "refund_id": event.refund_id,
        "transfer_id": event.transfer_id,
        "order_id": event.order_id,
        "wallet": event.wallet,
        "alarm": event.alarm,
    }


def pause_json(pause: Pause) -> dict[str, Any]:
    """One pause in force."""
    return {
        "scope": pause.scope,
        "who": pause.who,
        "why": pause.why,
        "at": iso(pause.at),
        "until": iso(pause.until),
    }
