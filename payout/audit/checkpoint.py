"""
A checkpoint: "at this moment the chain ended with this number and MAC", signed, and kept outside the database.

It is what finds a chain that was cut off at its end, or wholly written anew by somebody who has the audit key: such
a chain is sound in itself, and only a word from elsewhere contradicts it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from payout.canonical import canonical_json

VERSION: Final = 1
DOMAIN: Final = b"payout checkpoint v1\n"
_MAC: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """One statement. `signature` is Ed25519 over `message`, in base64; empty: not signed yet."""

    instance: str
    number: int
    mac: str
    at: datetime
    signature: str = field(default="", repr=False)

    def facts(self) -> dict[str, Any]:
        """All that is signed."""
        return {
            "v": VERSION,
            "instance": self.instance,
            "number": self.number,
            "mac": self.mac,
            "at": self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        return DOMAIN + canonical_json(self.facts()).encode("ascii")

    def to_json(self) -> dict[str, Any]:
        """The statement with its signature."""
        return {**self.facts(), "signature": self.signature}

    def line(self) -> str:
        """The same as one line of a file, without its newline."""
        return canonical_json(self.to_json())


def read_checkpoint(line: str) -> Checkpoint:
    """
    The checkpoint of one line. Its signature is not looked at here.

    Raises:
        ValueError: it is not a checkpoint, or of a version that this program does not know.
    """
    body = json.loads(line)
    if not isinstance(body, dict) or body.get("v") != VERSION:
        raise ValueError("no checkpoint of version 1")
    number, mac = body.get("number"), body.get("mac")
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise ValueError("its number is none")
    if not isinstance(mac, str) or not _MAC.fullmatch(mac):
        raise ValueError("its MAC is none")
    if not all(isinstance(body.get(name), str) for name in ("instance", "at", "signature")):
        raise ValueError("it has no instance, time or signature")
    at = datetime.strptime(body["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return Checkpoint(instance=body["instance"], number=number, mac=mac, at=at, signature=body["signature"])
