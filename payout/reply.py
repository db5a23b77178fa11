"""The answer that was given to a request with an Idempotency-Key: the same key gets it again, for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Written in the same transaction as what the request did."""

    key: str
    fingerprint: str
    """SHA-256 of who asked, method, path and body: the same key with another one is refused."""
    status: int
    """Of HTTP."""
    body: str
    at: datetime
