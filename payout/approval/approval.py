"""An approval: one signature over the manifest of one revision of a refund."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from payout.approval.rules import LIMITS_ONLY

APPROVAL_DAYS = 7
APPROVAL_LIFE = timedelta(days=APPROVAL_DAYS)

AUTOMATIC = "automatic"
"""The kind of an approval that intake gave, where the rules ask for no person."""
POLICY = "policy"
"""Who signs those."""

FIRST_FORM = "first form"
"""The policy that the upgrade gives approvals of an older form: they count no more, and are no forgeries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A signature, as it is on record: it counts only if the worker finds it true of the row that it pays."""

    refund_id: str
    revision: int
    kind: str
    """One of KeyKind, or AUTOMATIC."""
    signer: str
    digest: str
    """SHA-256 of the manifest, in hex."""
    policy: str = LIMITS_ONLY
    """`Rules.policy()` as it was then: tells a change of the rules from a forgery."""
    signed_at: datetime
    expires_at: datetime
    signature: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What the approvals of a row add up to."""

    until: datetime
    automatic: bool
    """No person approved it: intake did, and the rules still allow that."""
    signers: tuple[str, ...]
    forged: tuple[str, ...] = ()
    """Signatures beside these that are none: somebody else wrote them into the database."""
