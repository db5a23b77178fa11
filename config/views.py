"""
How records read outside: the JSON objects of every listing, and the short words of every table.

The keys of a refund are a contract: names may be added, never changed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from payout.money import Money
from payout.refund import RefundStatus

if TYPE_CHECKING:
    from payout.approval import Approval
    from payout.change import Pause
    from payout.event import Event
    from payout.ports import RefundLine
    from payout.refund import Attempt, Refund
    from payout.transfer import Transfer

SHORT = 8


def iso(at: datetime | None) -> str | None:
    """ISO 8601 in UTC, to the second."""
    if at is None:
        return None
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(at: datetime | None) -> str:
    """A time as a table shows it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if at else ""


def short(text: str) -> str:
    """The two ends of an address or a txid."""
    return text if len(text) <= 3 * SHORT else f"{text[:SHORT]}..{text[-SHORT:]}"


def plain(rate: Decimal | None) -> str | None:
    """A rate in plain digits."""
    return None if rate is None else f"{rate:f}"


def _text(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


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
    return {"scope": pause.scope, "who": pause.who, "why": pause.why, "at": iso(pause.at)}


def transfer_json(transfer: Transfer, asset_units: dict[str, str]) -> dict[str, Any]:
    """One transfer; `asset_units` are its amounts as text: amount, fee, asset."""
    return {
        "tx_id": transfer.id,
        "wallet": transfer.wallet,
        "kind": str(transfer.kind),
        "status": str(transfer.status),
        **asset_units,
        "destinations": sum(not output.own for output in transfer.outputs),
        "own_outputs": sum(output.own for output in transfer.outputs),
        "begun": transfer.begun,
        "place": str(transfer.place),
        "height": transfer.height,
        "confirmations": transfer.depth,
        "replaces": transfer.replaces,
        "give_up_by": transfer.give_up_by,
        "give_up_why": transfer.give_up_why,
        "committed_at": iso(transfer.committed_at),
        "begun_at": iso(transfer.begun_at),
        "final_at": iso(transfer.final_at),
        "watched": transfer.watched,
    }


def remark(refund: Refund) -> str | None:
    """What a person should know about a refund in a listing, besides its status."""
    if refund.hold_reason:
        is_held = refund.status is RefundStatus.HELD
        return refund.hold_reason if is_held else f"held: {refund.hold_reason}"
    return f"waits for {refund.waiting_for}" if refund.waiting_for else None
