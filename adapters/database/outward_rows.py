"""Rows of the tables around the audit chain and the outbox, to values and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from payout.api_key import ApiKey, Scope
from payout.audit.chain import AuditLine
from payout.canonical import canonical_json
from payout.event import Event
from payout.webhooks.message import Delivery, DeliveryStatus, Endpoint, Message, MessageType

if TYPE_CHECKING:
    from sqlalchemy import Row

    Values = dict[str, Any]

_TEXTS = ("kind", "words", "who", "facts", "mac")
_TEXTS_OR_NOTHING = ("refund_id", "transfer_id", "order_id", "wallet")


def event_row(event: Event, number: int, mac: str) -> Values:
    """All columns of an event that the database does not count itself."""
    return {name: getattr(event, name) for name in event.__slots__} | {"number": number, "mac": mac}


def event_of(row: Row[Any]) -> Event:
    """The event of a row of `events`."""
    return Event(
        at=row.at,
        kind=row.kind,
        words=row.words,
        who=row.who,
        refund_id=row.refund_id,
        transfer_id=row.transfer_id,
        order_id=row.order_id,
        wallet=row.wallet,
        alarm=row.alarm,
        facts=row.facts,
    )


def audit_line_of(row: Row[Any]) -> AuditLine:
    """
    The link of a row of `events`.

    Raises:
        TypeError: a column holds what was never written there, as only SQLite lets anybody do.
    """
    texts = all(isinstance(getattr(row, name), str) for name in _TEXTS)
    others = all(isinstance(getattr(row, name), str | None) for name in _TEXTS_OR_NOTHING)
    if not (texts and others and isinstance(row.number, int)):
        raise TypeError(f"event {row.number!r} holds values of other kinds than were written")
    return AuditLine(number=row.number, event=event_of(row), mac=row.mac)


def api_key_row(key: ApiKey) -> Values:
    """All columns of an API key."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": canonical_json([str(scope) for scope in key.scopes]),
        "digest": key.digest,
        "networks": canonical_json(key.networks),
        "made_by": key.made_by,
        "made_at": key.made_at,
        "revoked_at": key.revoked_at,
        "revoked_by": key.revoked_by,
        "version": key.version,
    }


def api_key_of(row: Row[Any]) -> ApiKey:
    """The API key of a row of `api_keys`."""
    return ApiKey(
        id=row.id,
        name=row.name,
        scopes=tuple(Scope(each) for each in json.loads(row.scopes)),
        digest=row.digest,
        networks=tuple(json.loads(row.networks)),
        made_by=row.made_by,
        made_at=row.made_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        version=row.version,
    )


def endpoint_row(endpoint: Endpoint) -> Values:
    """All columns of an endpoint."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "types": canonical_json([str(kind) for kind in endpoint.types]),
        "sealed_secrets": endpoint.sealed_secrets,
        "made_by": endpoint.made_by,
        "made_at": endpoint.made_at,
        "stopped_at": endpoint.stopped_at,
        "stopped_why": endpoint.stopped_why,
        "version": endpoint.version,
    }


def endpoint_of(row: Row[Any]) -> Endpoint:
    """The endpoint of a row of `endpoints`."""
    return Endpoint(
        id=row.id,
        url=row.url,
        types=tuple(MessageType(each) for each in json.loads(row.types)),
        sealed_secrets=row.sealed_secrets,
        made_by=row.made_by,
        made_at=row.made_at,
        stopped_at=row.stopped_at,
        stopped_why=row.stopped_why,
        version=row.version,
    )


def message_row(message: Message, number: int) -> Values:
    """All columns of a message; `number` is that of the link that it tells of."""
    return {
        "id": message.id,
        "number": number,
        "type": str(message.type),
        "refund_id": message.refund_id,
        "body": message.body,
        "at": message.at,
        "mac": message.mac,
    }


def message_of(row: Row[Any]) -> Message:
    """The message of a row of `messages`."""
    return Message(
        id=row.id, type=MessageType(row.type), refund_id=row.refund_id, body=row.body, at=row.at, mac=row.mac
    )


def delivery_row(delivery: Delivery, number: int) -> Values:
    """All columns of a delivery; `number` is its message's."""
    return {
        "id": delivery.id,
        "message_id": delivery.message_id,
        "endpoint_id": delivery.endpoint_id,
        "refund_id": delivery.refund_id,
        "number": number,
        **delivery_news(delivery),
    }


def delivery_news(delivery: Delivery) -> Values:
    """The columns that a try changes."""
    return {
        "status": str(delivery.status),
        "tries": delivery.tries,
        "next_at": delivery.next_at,
        "first_tried_at": delivery.first_tried_at,
        "said": delivery.said,
        "ended_at": delivery.ended_at,
    }


def delivery_of(row: Row[Any]) -> Delivery:
    """The delivery of a row of `deliveries`."""
    return Delivery(
        id=row.id,
        message_id=row.message_id,
        endpoint_id=row.endpoint_id,
        refund_id=row.refund_id,
        status=DeliveryStatus(row.status),
        tries=row.tries,
        next_at=row.next_at,
        first_tried_at=row.first_tried_at,
        said=row.said,
        ended_at=row.ended_at,
    )
