"""Webhook endpoints and deliveries."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field

from adapters.console.api.schemas.base import PAGE, Closed, Cursor, Key, Limit
from payout.webhooks.message import MessageType

_TYPES: dict[str, Any] = {"items": {"type": "string", "enum": [str(each) for each in MessageType]}}


class EndpointIn(Closed):
    """Where messages are to go."""

    url: str = Field(max_length=2000, description="https.", examples=["https://shop.example/hooks/payout"])
    types: list[str] = Field(
        [],
        max_length=len(MessageType),
        description="Those that are wanted; none named: all.",
        examples=[["refund.paid", "refund.held"]],
        json_schema_extra=_TYPES,
    )


class EndpointOut(Closed):
    """An endpoint, without its secrets."""

    id: str = Field(examples=["we_5b0c6e0d1a2f3c4d"])
    url: str
    types: list[str]
    made_by: str
    made_at: str
    stopped_at: str | None
    stopped_why: str | None


class EndpointWithSecret(EndpointOut):
    """An endpoint and its newest signing secret, which is shown this once."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class EndpointPage(Closed):
    """Oldest first; there are few."""

    data: list[EndpointOut]
    next_cursor: None = None


class TestOut(Closed):
    """What came of a test message."""

    __test__ = False  # For pytest, which would take it for a test.

    taken: bool
    status: int | None
    words: str


class DeliveryOut(Closed):
    """One message to one endpoint, and how far it is."""

    id: str
    message_id: str
    endpoint_id: str
    type: str
    refund_id: str | None
    status: Literal["PENDING", "DELIVERED", "FAILED"]
    tries: int
    next_at: str | None
    first_tried_at: str | None
    said: str | None
    ended_at: str | None
    at: str


class DeliveryPage(Closed):
    """Newest message first."""

    data: list[DeliveryOut]
    next_cursor: str | None


class DeliveryQuery(Closed):
    """Which deliveries to list."""

    endpoint: Key | None = Field(None, description="Only to this endpoint.")
    refund: Key | None = Field(None, description="Only of this refund, by its id.")
    status: Literal["FAILED"] | None = Field(None, description="Only those that were given up.")
    limit: Limit = PAGE
    cursor: Cursor | None = None


Deliveries = Annotated[DeliveryQuery, Query()]
