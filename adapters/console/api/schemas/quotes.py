"""What a refund would pay now, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from adapters.console.api.schemas.base import USD_PATTERN, Closed, Key, shown

_LONG = 1000


class QuoteIn(Closed):
    """Either a refund on record, or an amount and an asset."""

    refund: Key | None = Field(None, description="An id or external_id. Nothing else is given then.")
    usd: str | None = Field(None, max_length=_LONG, examples=["25.00"], json_schema_extra=shown(USD_PATTERN))
    asset: str | None = Field(None, max_length=_LONG, examples=["XMR"])
    network: str | None = Field(None, max_length=_LONG, examples=["monero"])


class SourceOut(Closed):
    """What one rate source said, and what was made of it."""

    source: str = Field(examples=["kraken"])
    pair: str | None
    price_usd: str | None
    as_of: str | None = Field(description="The source's own time of that price.")
    taken: bool
    why: str


class ApprovalsOut(Closed):
    """Who has to approve it."""

    needed: int = Field(description="People; 0: intake may by itself.")
    given: int = Field(description="Signatures on record for this revision that have not run out.")
    signers: list[str]


class CapOut(Closed):
    """One ceiling, and what is left of it by the database. The worker looks at its spend journals too."""

    scope: str = Field(examples=["day"])
    day: str = Field(description='A UTC day, or "ever".')
    cap_usd: str
    used_usd: str
    left_usd: str


class QuoteOut(Closed):
    """What would be paid now. Nothing is promised: the price is taken when the payment is committed."""

    refund: str | None = Field(description="The id, where one was asked for.")
    owed_usd: str
    asset: str
    network: str
    amount: str | None = Field(description="In the asset; null where there is no rate.", examples=["0.075757575757"])
    rounding: str
    rate_usd: str | None
    taken_at: str | None
    expires_at: str | None
    method: str
    sources: list[SourceOut]
    refusal: str | None = Field(description="Why there is no rate.")
    fee_rule: str
    rail: Literal["wallet", "processor"]
    pays_now: bool = Field(description="Nothing that is known here keeps it waiting.")
    waits_for: list[str]
    approvals: ApprovalsOut
    caps: list[CapOut]
    notes: list[str]
