"""
An approval: a signature over the canonical manifest of one revision of a refund.

The keys are not in the database, and the worker verifies each signature again on the row that it is about to
commit: whoever can only write to the database cannot be paid.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.errors import NotApproved

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payout.refund import Refund

APPROVAL_DAYS = 7
APPROVAL_LIFE = timedelta(days=APPROVAL_DAYS)
MANIFEST_VERSION = 1
HMAC_KIND = "hmac"
FEE_RULE = "merchant pays"
_DOMAIN = b"payout approval v1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's signature. `digest` is the manifest's SHA-256, in hex."""

    refund_id: str
    revision: int
    kind: str
    signer: str
    digest: str
    signed_at: datetime
    expires_at: datetime
    signature: str = field(repr=False)


def manifest(refund: Refund, *, instance: str, policy: str, expires_at: datetime) -> bytes:
    """The canonical JSON of all that an approver agrees to."""
    facts = {
        "v": MANIFEST_VERSION,
        "instance": instance,
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
        "fee_rule": FEE_RULE,
        "policy": policy,
        "expires_at": expires_at.isoformat(),
    }
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Approver:
    """
    Signs and verifies approvals of the HMAC kind, with the instance's key.

    `people` maps a name to its roles; where two or more people are configured, only those with the role
    "approver" may approve, and never what they requested themselves.
    """

    instance: str
    key: bytes = field(repr=False)
    policy: str = "limits"
    people: dict[str, frozenset[str]] = field(default_factory=dict)
    quorum: int = 1

    def sign(self, refund: Refund, signer: str, at: datetime) -> Approval:
        """
        Approve the refund's present revision.

        Raises:
            NotApproved: this person may not approve this refund.
        """
        self._allow(refund, signer)
        expires_at = at + APPROVAL_LIFE
        digest = self.digest(refund, expires_at)
        return Approval(
            refund_id=refund.id,
            revision=refund.revision,
            kind=HMAC_KIND,
            signer=signer,
            digest=digest,
            signed_at=at,
            expires_at=expires_at,
            signature=self._signature(digest, signer),
        )

    def digest(self, refund: Refund, expires_at: datetime) -> str:
        """SHA-256 of the manifest, in hex."""
        text = manifest(refund, instance=self.instance, policy=self.policy, expires_at=expires_at)
        return hashlib.sha256(text).hexdigest()

    def check(self, refund: Refund, approvals: Iterable[Approval], now: datetime) -> Approval:
        """
        Verify that the row is approved as it stands; returns the approval that expires first.

        Raises:
            NotApproved: says which signature is missing, forged, expired or of another revision.
        """
        valid: dict[str, Approval] = {}
        faults: list[str] = []
        for approval in approvals:
            fault = self._fault(refund, approval, now)
            if fault is None:
                valid[approval.signer] = approval
            else:
                faults.append(fault)
        if len(valid) < self.quorum:
            said = f" ({'; '.join(faults)})" if faults else ""
            raise NotApproved(
                f"refund {refund.external_id} has {len(valid)} of {self.quorum} valid approvals "
                f"for revision {refund.revision}{said}: approve it again"
            )
        return min(valid.values(), key=lambda approval: approval.expires_at)

    def _fault(self, refund: Refund, approval: Approval, now: datetime) -> str | None:
        """Why this approval does not count, or None."""
        if approval.refund_id != refund.id or approval.revision != refund.revision:
            return f"{approval.signer}'s is for revision {approval.revision}"
        if approval.kind != HMAC_KIND:
            return f"{approval.signer}'s is of the unknown kind {approval.kind!r}"
        if now >= approval.expires_at:
            return f"{approval.signer}'s expired at {approval.expires_at.isoformat()}"
        digest = self.digest(refund, approval.expires_at)
        expected = self._signature(digest, approval.signer)
        # As bytes: text that is no ASCII, which only somebody else can have written, may not be compared so.
        if not hmac.compare_digest(expected.encode(), approval.signature.encode()):
            return f"the signature of {approval.signer} does not match the refund as it stands"
        try:
            self._allow(refund, approval.signer)
        except NotApproved as error:
            return str(error)
        return None

    def _allow(self, refund: Refund, signer: str) -> None:
        if not self.people:
            return
        if "approver" not in self.people.get(signer, frozenset()):
            raise NotApproved(f"{signer} has no role approver in the people file")
        if len(self.people) > 1 and signer == refund.requested_by:
            raise NotApproved(f"{signer} requested this refund: another person must approve it")

    def _signature(self, digest: str, signer: str) -> str:
        message = _DOMAIN + f"{digest}\n{signer}".encode()
        return hmac.new(self.key, message, hashlib.sha256).hexdigest()
