"""Pauses."""

from __future__ import annotations

from pydantic import Field

from adapters.console.api.schemas.base import TIME_EXAMPLE, Closed, Words


class PauseIn(Closed):
    """Stops commits. What is committed already still goes out."""

    why: Words = Field(description="Kept in the history.", examples=["the node is being moved"])
    until: str | None = Field(
        None,
        max_length=40,
        description="When it ends by itself; null: not before it is lifted.",
        examples=[TIME_EXAMPLE],
    )


class PauseOut(Closed):
    """A pause in force."""

    scope: str = Field(description='A wallet, a processor, or "all".', examples=["all"])
    who: str
    why: str
    at: str
    until: str | None


class PayeeOut(Closed):
    """A refund that a transfer pays."""

    id: str
    external_id: str
    amount: str
    asset: str
    order: str | None


class LeavingOut(Closed):
    """A transfer that is committed: it is still broadcast and followed."""

    tx_id: str
    wallet: str
    kind: str
    begun: bool
    place: str
    confirmations: int
    committed_at: str
    refunds: list[PayeeOut]


class SwappingOut(Closed):
    """An order whose deposit is committed."""

    id: str
    external_id: str | None
    processor: str
    processor_id: str | None
    deposit: str | None
    deposit_asset: str | None
    deposit_tx_id: str | None
    receive: str
    asset: str
    stage: str | None


class CommittedOut(Closed):
    """All that a pause does not stop."""

    transfers: list[LeavingOut]
    orders: list[SwappingOut]


class PauseSet(PauseOut):
    """A pause that was just set, and what it does not stop."""

    still_going_out: CommittedOut


class PausePage(Closed):
    """All in force."""

    data: list[PauseOut]
    next_cursor: None = None
