"""
Intake's seal: what was handed in, signed by the program that took it, with a key that is not in the database.

Two signatures, which never stand for each other: one over what a revision asks for, which every refund carries, and
one that approves it where the rules ask for no person.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from payout.approval.manifest import wishes
from payout.canonical import canonical_json
from payout.facts import facts_digest

if TYPE_CHECKING:
    from payout.refund import Refund

_ASKED = b"payout intake asked v1\n"
_APPROVED = b"payout intake approved v1\n"


@dataclass(frozen=True, slots=True)
class IntakeSeal:
    """HMAC-SHA256, in hex."""

    _key: bytes = field(repr=False)

    def asked(self, refund: Refund, instance: str) -> str:
        """Over what this revision asks for."""
        facts = {**wishes(refund), "instance": instance, "facts": facts_digest(refund), "first_facts": refund.facts}
        return self._mac(_ASKED + canonical_json(facts).encode())

    def approved(self, refund: Refund, digest: str) -> str:
        """Over a manifest's digest and the facts as they stand in the row."""
        return self._mac(_APPROVED + f"{digest}\n{facts_digest(refund)}\n{refund.requested_by}".encode())

    def _mac(self, text: bytes) -> str:
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def same(expected: str, given: str) -> bool:
    """In constant time; as bytes, since text that is no ASCII, which only somebody else wrote, compares so alone."""
    return hmac.compare_digest(expected.encode(), given.encode(errors="backslashreplace"))
