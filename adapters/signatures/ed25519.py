"""
Ed25519 (RFC 8032): the signature is 64 bytes, the public key 32; both are written in base64.

Anybody may make a signature under a key of small order that fits many messages: such keys are refused.
"""

from __future__ import annotations

import base64
from typing import Final

PREFIX: Final = "ed25519:"
KEY_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_P: Final = 2**255 - 19
_SMALL_ORDER: Final = frozenset(
    {
        0,
        1,
        _P - 1,
        2707385501144840649318225287225658788936804267575313519463743609750303402022,
        55188659117513257062467267217118295137698188065244968500265048394206261417927,
    }
)
"""The y coordinates of the points of order 1, 2, 4 and 8, reduced."""


def verify(key: str, message: bytes, signature: str) -> bool:
    """`key` and `signature` are base64."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw_key, raw_signature = _raw(key, KEY_BYTES), _raw(signature, SIGNATURE_BYTES)
    if raw_key is None or raw_signature is None or key_fault(key) is not None:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(raw_key).verify(raw_signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def key_fault(key: str) -> str | None:
    """Why this base64 text is no public key that may be trusted, or None."""
    raw = _raw(key, KEY_BYTES)
    if raw is None:
        return f"is not {KEY_BYTES} bytes in base64"
    if (int.from_bytes(raw, "little") & (2**255 - 1)) % _P in _SMALL_ORDER:
        return "is a weak key, under which anybody can sign"
    return None


def _raw(text: str, size: int) -> bytes | None:
    """The bytes, where the text is their one canonical form."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        return None
    return raw if len(raw) == size and base64.b64encode(raw).decode() == text else None
