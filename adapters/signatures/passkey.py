"""
WebAuthn: the answer of a passkey to the challenge SHA-256(message), with the person verified (PIN, finger, face).

The signature is JSON of base64url texts, as a browser gives them: `id`, `authenticatorData`, `clientDataJSON`,
`signature`. What an authenticator answers to a plain request is 37 bytes and holds no CBOR: anything else is refused
before a parser of CBOR sees it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from payout.approval.people import PublicKey

FIELDS: Final = frozenset({"id", "authenticatorData", "clientDataJSON", "signature"})
SIGNATURE_CHARS_MAX: Final = 8192
AUTHENTICATOR_BYTES: Final = 37
CLIENT_BYTES_MAX: Final = 2048
OPENS_MAX: Final = 2
_OPENS: Final = b"[{"


def challenge(message: bytes) -> bytes:
    """What the browser is asked to have signed."""
    return hashlib.sha256(message).digest()


def verify(key: PublicKey, message: bytes, signature: str, *, rp_id: str, origin: str) -> bool:
    """This passkey signed this message for this console, with its person verified."""
    parts = _parts(signature)
    if parts is None or parts["id"] != key.credential:
        return False
    return _fits(key, challenge(message), parts, rp_id, origin)


def key_fault(text: str) -> str | None:
    """Why this is no COSE public key in base64url, or None."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
    from webauthn.helpers.exceptions import WebAuthnException

    raw = unpadded(text)
    if not raw:
        return "is not base64url"
    try:
        decoded_public_key_to_cryptography(decode_credential_public_key(raw))
    except (WebAuthnException, UnsupportedAlgorithm, ValueError, TypeError, KeyError, AttributeError):
        return "is no public key as a passkey gives it (COSE)"
    return None


def unpadded(text: str) -> bytes | None:
    """The bytes of base64url without padding, where the text is their one canonical form."""
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    return raw if base64.urlsafe_b64encode(raw).decode().rstrip("=") == text else None


def _parts(signature: str) -> dict[str, str] | None:
    if len(signature) > SIGNATURE_CHARS_MAX:
        return None
    try:
        parts: Any = json.loads(signature) if signature.count("{") == 1 and "[" not in signature else None
    except ValueError:
        return None
    if not isinstance(parts, dict) or parts.keys() != FIELDS or not all(isinstance(v, str) for v in parts.values()):
        return None
    data, client = unpadded(parts["authenticatorData"]), unpadded(parts["clientDataJSON"])
    if data is None or client is None or not unpadded(parts["signature"]):
        return None
    if len(data) != AUTHENTICATOR_BYTES or len(client) > CLIENT_BYTES_MAX or not _plain_client(client):
        return None
    return parts


def _plain_client(client: bytes) -> bool:
    """A flat object, not from a page within another's."""
    # Counted before it is parsed: deep nesting has ended processes. tokenBinding may be one object.
    if sum(client.count(each) for each in _OPENS) > OPENS_MAX:
        return False
    try:
        body = json.loads(client)
    except ValueError:
        return False
    return isinstance(body, dict) and isinstance(body.get("challenge"), str) and not body.get("crossOrigin")


def _fits(key: PublicKey, expected: bytes, parts: dict[str, str], rp_id: str, origin: str) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    public_key = unpadded(key.text)
    if not public_key:
        return False
    answer = {name: parts[name] for name in ("authenticatorData", "clientDataJSON", "signature")}
    credential = {"id": parts["id"], "rawId": parts["id"], "type": "public-key", "response": answer}
    try:
        # Each message is signed once: no count of uses is needed against a replay.
        verify_authentication_response(
            credential=credential,
            expected_challenge=expected,
            expected_rp_id=rp_id,
            expected_origin=origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, KeyError, AttributeError):
        return False
    return True
