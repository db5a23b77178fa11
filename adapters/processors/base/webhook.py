"""
Keys of webhooks that nobody signs: each order gets one of its own, which must come back inside the body.

A genuine webhook still means no more than "look now".
"""

from __future__ import annotations

import hmac
from typing import Final

from adapters.http import parse_json
from adapters.processors.base.answer import Answer
from payout.errors import ProcessorGarbled

BODY_BYTES_MAX: Final = 100_000


def webhook_key(secret: str, order_id: str) -> str:
    """Of one order alone, so that what one webhook shows is of no use for another. Never the secret itself."""
    return hmac.new(secret.encode(), f"webhook of {order_id}".encode(), "sha256").hexdigest()


def order_named(body: bytes, secret: str, *, id_field: str, key_field: str) -> str | None:
    """The order that a genuine body speaks of, else None."""
    if len(body) > BODY_BYTES_MAX:
        return None
    try:
        told = Answer(parse_json(body), "the webhook")
        order_id, key = told.identifier(id_field), told.text(key_field)
    except (ValueError, ProcessorGarbled):
        return None
    return order_id if hmac.compare_digest(key.encode(), webhook_key(secret, order_id).encode()) else None
