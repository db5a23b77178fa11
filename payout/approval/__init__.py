"""Approvals: signatures of people over what a refund says, and the rules by which they count."""

from __future__ import annotations

from payout.approval.acts import API_PREFIX, KEYS_MAY, ROLES, Act, may, permit
from payout.approval.approval import APPROVAL_DAYS, APPROVAL_LIFE, AUTOMATIC, POLICY, Approval, Approved
from payout.approval.approver import Approver
from payout.approval.automatic import IntakeSeal
from payout.approval.manifest import FEE_RULE, MANIFEST_VERSION, digest_of, manifest, message
from payout.approval.people import KeyKind, Person, PublicKey, Role
from payout.approval.rules import LIMITS_ONLY, Caps, CoolingOff, Rules, Tier

__all__ = [
    "API_PREFIX",
    "APPROVAL_DAYS",
    "APPROVAL_LIFE",
    "AUTOMATIC",
    "FEE_RULE",
    "KEYS_MAY",
    "LIMITS_ONLY",
    "MANIFEST_VERSION",
    "POLICY",
    "ROLES",
    "Act",
    "Approval",
    "Approved",
    "Approver",
    "Caps",
    "CoolingOff",
    "IntakeSeal",
    "KeyKind",
    "Person",
    "PublicKey",
    "Role",
    "Rules",
    "Tier",
    "digest_of",
    "manifest",
    "may",
    "message",
    "permit",
]
