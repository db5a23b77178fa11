"""
Endpoints, messages and deliveries: the outbox.

A message is written in the same transaction as the event that it tells of, with one delivery for each endpoint that
wants it. Its body is fixed then: a delivery that is tried again says the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class MessageType(StrEnum):
    """What a message tells of. The names are a contract with the merchant's developers."""

    REQUESTED = "refund.requested"
    WAITING = "refund.waiting"
    APPROVED = "refund.approved"
    RESUMED = "refund.resumed"
    REJECTED = "refund.rejected"
    HELD = "refund.held"
    CANCELED = "refund.canceled"
    PAYING = "refund.paying"
    BROADCAST = "refund.broadcast"
    PAID = "refund.paid"
    REOPENED = "refund.reopened"
    CREDITED = "refund.credited"
    WALLET_LOW = "wallet.low"
    WALLET_PAUSED = "wallet.paused"
    APPROVAL_INVALID = "approval.invalid"


class DeliveryStatus(StrEnum):
    """How far one message to one endpoint is."""

    PENDING = "PENDING"  # to be tried at `next_at`
    DELIVERED = "DELIVERED"  # the endpoint answered 2xx
    FAILED = "FAILED"  # three days are over, or the endpoint is gone; a person may send it again


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where messages go."""

    id: str
    """`we_...`."""
    url: str
    types: tuple[MessageType, ...]
    """Those that are wanted; empty: all."""
    sealed_secrets: str = field(repr=False)
    """JSON of its signing secrets, the newest first, sealed with a key outside the database."""
    made_by: str
    made_at: datetime
    stopped_at: datetime | None = None
    stopped_why: str | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One thing told."""

    id: str
    """`msg_...`: the webhook-id, the same at every try and every endpoint."""
    type: MessageType
    refund_id: str | None
    body: str
    """The JSON that is sent, byte for byte."""
    at: datetime
    mac: str
    """By the audit key: a message that somebody planted in the database is not sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message to one endpoint."""

    id: str
    """`<message id>.<endpoint id>`."""
    message_id: str
    endpoint_id: str
    refund_id: str | None
    """Those of one refund are delivered to one endpoint in the order in which they were written."""
    status: DeliveryStatus = DeliveryStatus.PENDING
    tries: int = 0
    next_at: datetime
    first_tried_at: datetime | None = None
    said: str | None = None
    """What came of the last try, in words; never the body of an answer."""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A delivery that this process has claimed, with what it needs."""

    delivery: Delivery
    message: Message
    endpoint: Endpoint
