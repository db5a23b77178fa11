"""A sealer that hides nothing; what it made in one process, another one reads."""

from __future__ import annotations

import json
from dataclasses import asdict

from payout.transfer import Payload


class PlainSealer:
    """Seals nothing: what is under test is when a payload is kept, not how."""

    def seal(self, payload: Payload) -> str:
        return json.dumps(asdict(payload))

    def unseal(self, sealed: str) -> Payload:
        return Payload(**json.loads(sealed))

    def seal_text(self, text: str) -> str:
        return f"sealed {text}"

    def unseal_text(self, sealed: str) -> str:
        return sealed.removeprefix("sealed ")
