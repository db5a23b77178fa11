"""
Signatures of people: Ed25519 by a key file, WebAuthn by a passkey.

Whatever is asked about comes from a database that somebody may have written to: a signature that is not right, too
long or nonsense is False, never an error. The keys come from the people file, which is not in the database.
"""

from __future__ import annotations

from collections.abc import Callable

from adapters.signatures import ed25519, passkey
from adapters.signatures.key_file import KeyFile, make_key_file, open_key_file
from payout.approval.people import KeyKind, PublicKey
from payout.approval.rules import Rules

__all__ = ["KeyFile", "SignatureBook", "make_key_file", "open_key_file"]


class SignatureBook:
    """Verifies by the kind of the key. `rules` say which console a passkey is bound to."""

    def __init__(self, rules: Callable[[], Rules]) -> None:
        self._rules = rules

    def verify(self, key: PublicKey, message: bytes, signature: str) -> bool:
        """This key signed this message. HMAC is nobody's own key: False."""
        match key.kind:
            case KeyKind.ED25519:
                return ed25519.verify(key.text, message, signature)
            case KeyKind.WEBAUTHN:
                rules = self._rules()
                if rules.rp_id is None or rules.origin is None:
                    return False
                return passkey.verify(key, message, signature, rp_id=rules.rp_id, origin=rules.origin)
            case _:
                return False
