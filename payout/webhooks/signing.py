"""
Signatures by the Standard Webhooks specification: HMAC-SHA256 over `id.timestamp.body`, in base64, after `v1,`.

The receiver checks the raw bytes of the body, so these are made once and never written anew.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from payout.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

PREFIX = "whsec_"
SECRET_BYTES = 32
SECRET_BYTES_MIN, SECRET_BYTES_MAX = 24, 64
"""What the specification allows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningSecret:
    """One secret of an endpoint."""

    text: str = field(repr=False)
    """`whsec_` and base64."""
    until: datetime | None = None
    """It was replaced, and signs beside the new one until then."""

    def signs(self, now: datetime) -> bool:
        """It still signs."""
        return self.until is None or now < self.until


def new_secret() -> str:
    """A secret that nobody has seen yet."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def check_secret(text: str) -> str:
    """
    A secret that somebody brings along, as it will be used.

    Raises:
        BadInput: it is none, or too short or too long.
    """
    size = len(_key(text))
    if not SECRET_BYTES_MIN <= size <= SECRET_BYTES_MAX:
        problem = f"has {size} bytes; a secret has {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX}"
        raise BadInput("secret", problem, "leave it out, and one is made")
    return text


def headers(message_id: str, body: bytes, now: datetime, given: Sequence[SigningSecret]) -> dict[str, str]:
    """The three headers of one try: one signature by each secret that still signs."""
    timestamp = str(int(now.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = [_signature(secret.text, signed) for secret in given if secret.signs(now)]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, signed: bytes) -> str:
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def _key(text: str) -> bytes:
    try:
        if not text.startswith(PREFIX):
            raise ValueError(PREFIX)
        return base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        # `from None`: nothing may quote a secret.
        raise BadInput("secret", f"is not {PREFIX} and base64", "leave it out, and one is made") from None
