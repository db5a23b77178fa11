"""What the API is made of: ports and parts of the business, from the composition root. None of them can approve."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from payout.api_key import KeyDigests, Revocations
from payout.approval import Approver
from payout.asset import Asset
from payout.change import Pause
from payout.desk import Desk
from payout.intake import Intake
from payout.pausing import Committed
from payout.ports import Clock, Sealer, Store
from payout.preview import Previewer
from payout.webhooks.endpoints import EndpointActs


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiLimits:
    """How much may come in."""

    per_minute: int = 600
    """Requests with one key."""
    changes_per_day: int = 20_000
    """Requests with one key that change something, of each scope: what a stolen key can do to the disk."""
    strangers_per_minute: int = 30
    """Requests from one address without a valid key."""
    body_bytes_max: int = 64_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiParts:
    """
    One installation's parts.

    Those that write are made for a store: each request may have one of its own, which keeps the request's answer in
    the transaction of what it did.
    """

    store: Store
    clock: Clock
    digests: KeyDigests
    revoked: Revocations
    answers: Sealer
    """Seals the answers that are kept for an Idempotency-Key: some hold a secret."""
    approver: Approver
    """Has no key: it can say what a refund needs, and sign nothing."""
    intake: Callable[[Store], Intake]
    desk: Callable[[Store], Desk]
    endpoints: Callable[[Store], EndpointActs]
    previewer: Previewer
    assets: Mapping[tuple[str, str], Asset]
    """Payable here."""
    pauses: Callable[[], tuple[Pause, ...]]
    """In force, by rows and by files."""
    check_scope: Callable[[str], None]
    """Raises BadInput unless it is a scope of pauses here."""
    committed: Callable[[str], Committed]
    """What still goes out although this scope is paused."""
    limits: ApiLimits = ApiLimits()
    under_way: dict[str, object] = field(default_factory=dict)
    """Idempotency-Keys of requests that this process is working on."""
