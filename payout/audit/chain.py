"""
The chain: each event is numbered and carries a MAC over itself and over the one before it.

The key is not in the database: whoever can only write there can break the chain, but not mend it. Who cuts off its
end is found by a checkpoint, which lies elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING

from payout.canonical import canonical_json

if TYPE_CHECKING:
    from payout.event import Event

_FIRST = b"payout audit first v1\n"
_LINK = b"payout audit link v1\n"
_MESSAGE = b"payout audit message v1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditHead:
    """The end of the chain: its last number (0: no event yet) and MAC."""

    number: int
    mac: str
    before: int
    """Events on record from before there was a chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One link, as it is on record."""

    number: int
    event: Event
    mac: str


@dataclass(frozen=True, slots=True)
class AuditKey:
    """Makes the MACs. HMAC-SHA256, in hex."""

    _key: bytes = field(repr=False)

    def first(self, before: int) -> str:
        """The MAC of an empty chain, with `before` older events in front of it."""
        return self._mac(_FIRST, str(before))

    def link(self, prev: str, number: int, event: Event) -> str:
        """The MAC of event `number`, which follows the one whose MAC is `prev`."""
        return self._mac(_LINK, f"{prev}\n{number}\n{canonical(event)}")

    def message(self, message_id: str, kind: str, body: str) -> str:
        """The MAC of what is about to be told to the merchant: a planted message is not sent."""
        return self._mac(_MESSAGE, canonical_json([message_id, kind, body]))

    def _mac(self, domain: bytes, text: str) -> str:
        return hmac.new(self._key, domain + text.encode(), hashlib.sha256).hexdigest()


def canonical(event: Event) -> str:
    """All of an event as one line of JSON, the same whatever database it went through."""
    facts = {
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "kind": event.kind,
        "words": event.words,
        "who": event.who,
        "refund": event.refund_id,
        "transfer": event.transfer_id,
        "order": event.order_id,
        "wallet": event.wallet,
        "alarm": event.alarm,
        "facts": event.facts,
    }
    return canonical_json(facts)
