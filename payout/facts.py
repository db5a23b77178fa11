"""The facts of a refund: what "the same request" means, for ever. Digests of old rows must never come out otherwise."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from payout.canonical import canonical_json

if TYPE_CHECKING:
    from payout.money import Money
    from payout.refund import Refund


def facts_digest(refund: Refund) -> str:
    """SHA-256 in hex of every normalised fact that was handed in, but the free-text reason."""
    facts = {
        "external_id": refund.external_id,
        "owed": _money(refund.owed),
        "asset": list(refund.asset.key),
        "destination": refund.destination,
        "memo": refund.memo,
        "payment_tx": refund.payment_tx,
        "paid": _money(refund.paid),
        "amount_max": _money(refund.amount_max),
    }
    return hashlib.sha256(canonical_json(facts).encode()).hexdigest()


def _money(amount: Money | None) -> list[str] | None:
    return None if amount is None else [str(amount), amount.asset.code]
