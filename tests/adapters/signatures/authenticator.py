"""A passkey in software, as a browser and an authenticator make its answers, built on cryptography alone."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

USER_PRESENT = 0x01
USER_VERIFIED = 0x04


def b64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Passkey:
    """One credential of one person at one console (ES256)."""

    def __init__(self, rp_id: str, origin: str) -> None:
        self.rp_id = rp_id
        self.origin = origin
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.credential = b64url(secrets.token_bytes(16))
        self.count = 0

    @property
    def public(self) -> str:
        """The COSE key, base64url."""
        numbers = self._key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return b64url(cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y}))

    def answer(
        self, challenge: bytes, /, *, flags: int = USER_PRESENT | USER_VERIFIED, more: bytes = b"", **client: Any
    ) -> dict[str, str]:
        """What the console keeps of an assertion; `client` overrides or adds to clientDataJSON."""
        self.count += 1
        data = hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big") + more
        told = {"type": "webauthn.get", "challenge": b64url(challenge), "origin": self.origin, "crossOrigin": False}
        text = json.dumps({**told, **client}).encode()
        signature = self._key.sign(data + hashlib.sha256(text).digest(), ec.ECDSA(hashes.SHA256()))
        return {
            "id": self.credential,
            "authenticatorData": b64url(data),
            "clientDataJSON": b64url(text),
            "signature": b64url(signature),
        }

    def assertion(self, challenge: bytes, /, **how: Any) -> str:
        """The same, as the text of a signature."""
        return json.dumps(self.answer(challenge, **how))
