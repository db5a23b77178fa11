"""
The unguessable part of each processor's webhook address, derived from a key file: nothing of it is on record.

Whoever knows the address can only make us look; it is kept secret so that strangers cannot make us look all day.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final

PATH: Final = "/hooks"


@dataclass(frozen=True, slots=True)
class HookKeys:
    """Derives from the key of this installation."""

    _key: bytes = field(repr=False)

    def token(self, processor: str) -> str:
        """The last part of the address that this processor is given."""
        return self._derive("address", processor)

    def secret(self, processor: str) -> str:
        """What the processor's own keys for its webhooks are made from."""
        return self._derive("secret", processor)

    def fits(self, processor: str, token: str) -> bool:
        """This is that processor's token. Takes as long for a wrong one."""
        return hmac.compare_digest(self.token(processor).encode(), token.encode())

    def url(self, public_url: str, processor: str) -> str:
        """The whole address, as a processor is told it."""
        return f"{public_url}{PATH}/{processor}/{self.token(processor)}"

    def _derive(self, what: str, processor: str) -> str:
        return hmac.new(self._key, f"{what}\0{processor}".encode(), hashlib.sha256).hexdigest()
