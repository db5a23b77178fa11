"""
How records read outside: the JSON objects of every listing, and the short words of every table.

The keys of a refund are a contract: names may be added, never changed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from payout.refund import RefundStatus
from payout.text import iso

if TYPE_CHECKING:
    from payout.refund import Refund
    from payout.transfer import Transfer

SHORT = 8


def moment(at: datetime | None) -> str:
    """A time as a table shows it."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M") if at else ""


def short(text: str) -> str:
    """The two ends of an address or a txid."""
    return text if len(text) <= 3 * SHORT else f"{text[:SHORT]}..{text[-SHORT:]}"


def pause_line(pause: dict[str, Any]) -> str:
    """The same, as a line below what it stops."""
    until = f" until {pause['until']}" if pause["until"] else ""
    return f"paused ({pause['scope']}) by {pause['who']} since {pause['at']}{until}: {pause['why']}"


def standing_json(refund: Refund) -> dict[str, Any]:
    """Where an act left a refund."""
    return {
        "id": refund.id,
        "external_id": refund.external_id,
        "status": str(refund.status),
        "revision": refund.revision,
    }


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
