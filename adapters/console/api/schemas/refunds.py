"""Refunds, as they are handed in and given back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import ConfigDict, Field

from adapters.console.api.schemas.base import (
    PAGE,
    TIME_EXAMPLE,
    USD_PATTERN,
    Closed,
    Cursor,
    Key,
    Limit,
    Words,
    shown,
)
from payout.refund import RefundStatus

ADDRESS = "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"
_ID = "rf_2f6c0e3d9a41b7c85e10"
_LONG = 1000

Status = Literal[
    "REQUESTED",
    "WAITING",
    "APPROVED",
    "PAYING",
    "HELD",
    "PAID",
    "CREDITED",
    "PAID_OUTSIDE",
    "REJECTED",
    "CANCELED",
]


_EXAMPLE: dict[str, Any] = {
    "external_id": "R-1042",
    "usd": "25.00",
    "asset": "XMR",
    "destination": ADDRESS,
    "reason": "sold out",
}


class RefundIn(Closed):
    """A refund to hand in. Money is text: a JSON number may lose cents on its way."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    external_id: str = Field(
        max_length=_LONG,
        description="Your own id of it: the same one is the same refund, for ever.",
        examples=["R-1042"],
    )
    usd: str = Field(
        max_length=_LONG, description="What is owed, in USD.", examples=["25.00"], json_schema_extra=shown(USD_PATTERN)
    )
    asset: str = Field(max_length=_LONG, description="In what it is paid.", examples=["XMR"])
    destination: str = Field(max_length=_LONG, description="The customer's address.", examples=[ADDRESS])
    network: str | None = Field(
        None, max_length=_LONG, description="Needed where the asset exists on several.", examples=["monero"]
    )
    memo: str | None = Field(None, max_length=_LONG, description="Memo or tag, where the address needs one.")
    payment_tx: str | None = Field(
        None, max_length=_LONG, description="The customer's payment: its refunds never sum above `paid_usd`."
    )
    paid_usd: str | None = Field(
        None, max_length=_LONG, description="What that payment was worth in USD.", examples=["40.00"]
    )
    amount_max: str | None = Field(
        None, max_length=_LONG, description="Never send more of the asset than this.", examples=["0.08"]
    )
    reason: str | None = Field(None, max_length=_LONG, description="For people to read.", examples=["sold out"])


class AmendIn(Closed):
    """Another destination. It makes a new revision, which has to be approved anew."""

    destination: str = Field(max_length=_LONG, description="The new address, with `memo` where it needs one.")
    memo: Words | None = None
    why: Words = Field(description="Kept in the history.", examples=["the customer has moved to another wallet"])
    revision: int = Field(
        ge=1, le=10**9, description="The one that you saw: another on record is refused, and the difference shown."
    )


class CancelIn(Closed):
    """Withdraws a refund for good, as long as no payment is under way."""

    why: Words = Field(description="Kept in the history.", examples=["the customer took a voucher"])
    revision: int | None = Field(None, ge=1, le=10**9, description="Cancel it only if it still is this revision.")


class RefundOut(Closed):
    """A refund as it stands."""

    id: str = Field(examples=[_ID])
    external_id: str = Field(examples=["R-1042"])
    status: Status
    waiting_for: str | None = Field(description="What an APPROVED one waits for, in words.")
    hold_reason: str | None
    owed_usd: str = Field(examples=["25.00"])
    asset: str = Field(examples=["XMR"])
    network: str = Field(examples=["monero"])
    destination: str = Field(examples=[ADDRESS])
    amount: str | None = Field(
        description="In the asset; null until a payment is committed.", examples=["0.075757575757"]
    )
    rate_usd: str | None = Field(examples=["330.00"])
    tx_ids: list[str]
    confirmations: int | None
    reason: str | None
    requested_at: str = Field(examples=[TIME_EXAMPLE])
    approved_at: str | None
    paid_at: str | None
    requested_by: str = Field(examples=["api:panel"])
    approved_until: str | None
    revision: int
    memo: str | None
    payment_tx: str | None
    paid_usd: str | None
    amount_max: str | None


class AttemptOut(Closed):
    """One try at paying it."""

    id: str
    status: Literal["OPEN", "SETTLED", "FAILED"]
    tx_id: str
    order: str | None
    deposit_address: str | None
    destination: str
    amount: str
    asset: str
    rate_usd: str | None
    quote_id: str
    proof: str | None
    opened_at: str
    closed_at: str | None


class ApprovalOut(Closed):
    """Somebody's signature over one revision. Only the worker decides whether it counts."""

    signer: str = Field(examples=["alice"])
    revision: int
    kind: str = Field(examples=["ed25519"])
    signed_at: str
    expires_at: str


class EventOut(Closed):
    """One line of its history."""

    at: str
    kind: str = Field(examples=["refund.requested"])
    who: str
    words: str
    refund_id: str | None
    transfer_id: str | None
    order_id: str | None
    wallet: str | None
    alarm: bool


class RefundWhole(RefundOut):
    """A refund with all that happened to it."""

    approvals_needed: int = Field(description="People who must approve it; 0: intake may by itself.")
    approvals: list[ApprovalOut]
    attempts: list[AttemptOut]
    events: list[EventOut]


class RefundPage(Closed):
    """Newest request first."""

    data: list[RefundOut]
    next_cursor: str | None


class RefundQuery(Closed):
    """Which refunds to list."""

    status: list[Status] = Field([], max_length=len(RefundStatus), description="Any of these; may be given many times.")
    external_id: Key | None = Field(None, description="Only this one.")
    limit: Limit = PAGE
    cursor: Cursor | None = None


Listing = Annotated[RefundQuery, Query()]
