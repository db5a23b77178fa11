"""The people of a besieged merchant, each with a key of their own that never was on the host."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from payout.approval import KeyKind

RULES = """\
[[tiers]]
up_to_usd = "25.00"
approvals = 0
[[tiers]]
up_to_usd = "100.00"
approvals = 1
[[tiers]]
approvals = 2

[caps]
automatic_day_usd = "60.00"
day_usd = "400.00"

[cooling_off]
above_usd = "60.00"
hours = 24
"""
ROLES = {
    "panel": ("requester",),
    "alice": ("approver",),
    "bob": ("approver", "requester"),
    "carol": ("admin", "finance"),
}


@dataclass(frozen=True)
class Hand:
    """One person's own key, as a Signer."""

    name: str
    kind: KeyKind = field(default=KeyKind.ED25519)

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(sha256(self.name.encode()).digest())

    def sign(self, message: bytes) -> str:
        return base64.b64encode(self._key.sign(message)).decode()

    @property
    def public(self) -> str:
        return f"ed25519:{base64.b64encode(self._key.public_key().public_bytes_raw()).decode()}"


@lru_cache
def hand(name: str) -> Hand:
    """The hand of this person, or of a stranger."""
    return Hand(name)


def people_file() -> str:
    """`people.toml`: tiers from automatic to two people, and a key for each who approves."""
    text = RULES
    for name, roles in ROLES.items():
        text += f"\n[people.{name}]\nroles = {list(roles)}\n".replace("'", '"')
        if "approver" in roles:
            text += f'keys = ["{hand(name).public}"]\n'
    return text
