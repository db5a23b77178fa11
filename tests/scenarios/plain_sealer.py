"""A sealer that hides nothing; what it made in one process, another one reads."""

from __future__ import annotations

import json

from payout.transfer import Payload


class PlainSealer:
    """Seals nothing: what is under test is when a payload is kept, not how."""

    def seal(self, payload: Payload) -> str:
        return json.dumps([payload.metadata, payload.blob, payload.tx_key])

    def unseal(self, sealed: str) -> Payload:
        metadata, blob, tx_key = json.loads(sealed)
        return Payload(metadata=metadata, blob=blob, tx_key=tx_key)

    def seal_text(self, text: str) -> str:
        return f"sealed {text}"

    def unseal_text(self, sealed: str) -> str:
        return sealed.removeprefix("sealed ")
