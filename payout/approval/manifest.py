"""
The manifest: all that an approver agrees to, as canonical JSON, and the message that is signed for it.

Whatever a payout depends on stands here. A fact that is left out can be changed unseen.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from payout.canonical import canonical_json

if TYPE_CHECKING:
    from datetime import datetime

    from payout.refund import Refund

MANIFEST_VERSION = 2
FEE_RULE = "merchant pays"
_DOMAIN = b"payout approval v2\n"


def manifest(refund: Refund, *, instance: str, policy: str, expires_at: datetime) -> bytes:
    """The canonical JSON. `policy`: `Rules.policy()`."""
    facts = {
        **wishes(refund),
        "v": MANIFEST_VERSION,
        "instance": instance,
        "fee_rule": FEE_RULE,
        "policy": policy,
        "expires_at": expires_at.isoformat(),
    }
    return canonical_json(facts).encode()


def wishes(refund: Refund) -> dict[str, Any]:
    """What this revision of the refund asks for, and who asked."""
    return {
        "refund_id": refund.id,
        "external_id": refund.external_id,
        "revision": refund.revision,
        "owed_usd": str(refund.owed),
        "asset": refund.asset.code,
        "network": refund.asset.network,
        "destination": refund.destination,
        "memo": refund.memo,
        "amount_max": str(refund.amount_max) if refund.amount_max else None,
        "requested_by": refund.requested_by,
        "amended_by": refund.amended_by,
        "amended_at": refund.amended_at.isoformat() if refund.amended_at else None,
    }


def fingerprint(refund: Refund, instance: str) -> str:
    """Of what this revision asks for: the same on every screen and at any time. SHA-256, in hex."""
    return digest_of(canonical_json({**wishes(refund), "instance": instance}).encode())


def digest_of(text: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(text).hexdigest()


def message(digest: str, signer: str) -> bytes:
    """What a person's key signs. A passkey's challenge is the SHA-256 of it."""
    return _DOMAIN + f"{digest}\n{signer}".encode()
