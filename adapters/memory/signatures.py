"""Signatures that need no library: whoever knows the text of a key can sign with it. For tests and simulations."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.approval import KeyKind

if TYPE_CHECKING:
    from payout.approval import PublicKey


class MemorySignatures:
    """The port, without cryptography."""

    def verify(self, key: PublicKey, message: bytes, signature: str) -> bool:
        """The signature is the one that MemorySigner makes."""
        return key.kind is not KeyKind.HMAC and MemorySigner(key.text, key.kind).sign(message) == signature


@dataclass(frozen=True, slots=True)
class MemorySigner:
    """A key whose public half is its whole text."""

    text: str
    kind: KeyKind = KeyKind.ED25519

    def sign(self, message: bytes) -> str:
        """The signature, as text."""
        return hashlib.sha256(f"{self.kind} {self.text} ".encode() + message).hexdigest()
