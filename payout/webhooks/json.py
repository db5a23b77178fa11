"""Endpoints and deliveries as JSON, for the command line and the API. Names may be added, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from payout.text import iso

if TYPE_CHECKING:
    from payout.webhooks.message import Endpoint, Parcel


def endpoint_json(endpoint: Endpoint) -> dict[str, Any]:
    """One endpoint, without its secrets."""
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "types": [str(each) for each in endpoint.types],
        "made_by": endpoint.made_by,
        "made_at": iso(endpoint.made_at),
        "stopped_at": iso(endpoint.stopped_at),
        "stopped_why": endpoint.stopped_why,
    }


def delivery_json(parcel: Parcel) -> dict[str, Any]:
    """One message to one endpoint, and how far it is."""
    delivery, message = parcel.delivery, parcel.message
    return {
        "id": delivery.id,
        "message_id": message.id,
        "endpoint_id": delivery.endpoint_id,
        "type": str(message.type),
        "refund_id": delivery.refund_id,
        "status": str(delivery.status),
        "tries": delivery.tries,
        "next_at": iso(delivery.next_at) if delivery.ended_at is None else None,
        "first_tried_at": iso(delivery.first_tried_at),
        "said": delivery.said,
        "ended_at": iso(delivery.ended_at),
        "at": iso(message.at),
    }
