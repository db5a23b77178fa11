"""One swap order as the processor keeps it, and as it shows it.

The two may differ: what an order shows can be falsified (`Shown`), and the payout follows the order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from deploy.sandbox.processor.coin import Coin


class Stage(StrEnum):
    """Where an order stands; each protocol has its own words for these."""

    WAITING = "waiting"
    CONFIRMING = "confirming"
    EXCHANGING = "exchanging"
    SENDING = "sending"
    FINISHED = "finished"
    UNDERPAID = "underpaid"
    HELD = "held"
    RETURNING = "returning"
    RETURNED = "returned"
    EXPIRED = "expired"
    FAILED = "failed"


QUIET = frozenset({Stage.FINISHED, Stage.RETURNED})
"""Nothing that happens outside moves an order from here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A fixed-rate quote that an order may be made from."""

    id: str
    processor: str
    coin: Coin
    receive: int
    deposit: int
    made_at: datetime
    expires_at: datetime
    provider: str = ""
    """Who stands behind it at an aggregator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a protocol puts into its answer, after all falsifications."""

    id: str
    processor: str
    rate_id: str | None
    provider: str
    provider_id: str
    secret: str
    coin: Coin
    receive: int
    deposit: int
    deposit_address: str | None
    destination: str
    memo: str | None
    return_address: str
    stage: Stage
    word: str | None = None
    """A status in the protocol's own spelling that overrides the stage's."""
    contract: str | None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    deposit_txid: str | None = None
    deposited: int = 0
    deposited_at: datetime | None = None
    settle_txid: str | None = None
    settled: int | None = None
    return_txid: str | None = None
    returned: int | None = None


@dataclass(slots=True, kw_only=True)
class Order:
    """What the processor knows of one swap. Only the engine changes it."""

    id: str
    processor: str
    rate_id: str | None
    provider: str
    provider_id: str
    secret: str
    coin: Coin
    receive: int
    deposit: int
    deposit_address: str
    destination: str
    memo: str | None
    return_address: str
    webhook: str | None = None
    webhook_key: str | None = None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    stage: Stage = Stage.WAITING
    deposit_txid: str | None = None
    deposited: int = 0
    deposited_at: datetime | None = None
    payout_txids: list[str] = field(default_factory=list)
    settled: int | None = None
    return_txid: str | None = None
    returned: int | None = None
    released: bool = False
    """A person at the processor let it go on, after a hold or after its expiry."""
    trouble: str | None = None
    """Why it was held, for the sandbox's own status."""
    faults: dict[str, str] = field(default_factory=dict)
    invented: str | None = None
    """The transaction that nobody knows, where a fault names one."""
    reads_after_end: int = 0
    history: list[Stage] = field(default_factory=lambda: [Stage.WAITING])

    def move(self, stage: Stage, now: datetime) -> None:
        if stage is not self.stage:
            self.stage = stage
            self.updated_at = now
            self.history.append(stage)
