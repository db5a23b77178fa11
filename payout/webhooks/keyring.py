"""
The signing secrets of endpoints, sealed with a key that is not in the database.

The endpoint's id and address are sealed with them. Whoever can only write to the database can neither read a secret,
nor have messages sent to another address: the row would no longer fit its seal.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from payout.errors import ForgedEndpoint, WalletUnsafe
from payout.webhooks.signing import SigningSecret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.ports import Sealer
    from payout.webhooks.message import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """Seals and opens."""

    sealer: Sealer

    def seal(self, endpoint_id: str, url: str, secrets: Sequence[SigningSecret]) -> str:
        """Secrets, the newest first, for this endpoint at this address alone."""
        kept = [{"secret": each.text, "until": each.until and each.until.isoformat()} for each in secrets]
        return self.sealer.seal_text(json.dumps({"endpoint": endpoint_id, "url": url, "secrets": kept}))

    def open(self, endpoint: Endpoint) -> tuple[SigningSecret, ...]:
        """
        The secrets, the newest first.

        Raises:
            ForgedEndpoint: they were not sealed by this installation for this endpoint at this address.
        """
        try:
            facts = json.loads(self.sealer.unseal_text(endpoint.sealed_secrets))
            bound = (facts["endpoint"], facts["url"])
            secrets = tuple(_secret(each) for each in facts["secrets"])
        except (WalletUnsafe, ValueError, KeyError, TypeError):
            # `from None`: nothing may quote what was sealed.
            raise _forged(endpoint, "its secrets cannot be opened") from None
        if bound != (endpoint.id, endpoint.url):
            raise _forged(endpoint, "its secrets were sealed for another address or endpoint")
        if not secrets:
            raise _forged(endpoint, "it has no secret")
        return secrets


def _secret(facts: dict[str, Any]) -> SigningSecret:
    until = facts["until"]
    return SigningSecret(text=facts["secret"], until=datetime.fromisoformat(until) if until else None)


def _forged(endpoint: Endpoint, what: str) -> ForgedEndpoint:
    return ForgedEndpoint(
        f"endpoint {endpoint.id}: {what}: somebody wrote to the database, or the key in instance.intake_key_file is "
        "another one. Stop it, find out which, and make a new one"
    )
