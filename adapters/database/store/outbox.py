"""
The outbox: what the merchant is told of a change, written with it.

Where no endpoint wants anything, it costs a commit one look at the endpoints. All that is read for the messages is
read before the end of the audit chain is locked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from adapters.database.outward_rows import delivery_row, message_row
from adapters.database.store import listing
from adapters.database.store.outward import live_endpoints
from adapters.database.store.sql import among, pieces
from adapters.database.tables import attempts, deliveries, messages
from payout.webhooks import outbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from payout.audit.chain import AuditKey, AuditLine
    from payout.event import Event
    from payout.refund import RefundLine
    from payout.webhooks.message import Endpoint

_PAID_BY = (
    sa.select(attempts.c.transfer_id, attempts.c.refund_id)
    .where(among(attempts.c.transfer_id))
    .order_by(attempts.c.transfer_id, attempts.c.opened_at, attempts.c.refund_id)
)
_ADD_MESSAGES = sa.insert(messages)
_ADD_DELIVERIES = sa.insert(deliveries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What is to be told of a change, but for its numbers in the chain."""

    endpoints: tuple[Endpoint, ...]
    about: Sequence[tuple[str | None, ...]]
    """For each event of the change."""
    lines: Mapping[str, RefundLine]


def prepare(conn: Connection, events: Sequence[Event]) -> Telling | None:
    """Read what will be told; None: nobody wants to hear any of it."""
    kinds = {kind for kind in map(outbox.type_of, events) if kind is not None}
    if not kinds:
        return None
    endpoints = live_endpoints(conn)
    if not any(outbox.wanted(endpoints, kind) for kind in kinds):
        return None
    told = [event if _is_wanted(event, endpoints) else None for event in events]
    paid_by = _paid_by(conn, (event.transfer_id for event in told if event is not None and event.transfer_id))
    about = [() if event is None else outbox.subjects(event, paid_by) for event in told]
    refund_ids = [each for subjects in about for each in subjects if each is not None]
    lines = {line.refund.id: line for piece in pieces(refund_ids) for line in listing.lines(conn, piece)}
    return Telling(endpoints=endpoints, about=about, lines=lines)


def _is_wanted(event: Event, endpoints: Iterable[Endpoint]) -> bool:
    kind = outbox.type_of(event)
    return kind is not None and bool(outbox.wanted(endpoints, kind))


def _paid_by(conn: Connection, transfer_ids: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for piece in pieces(transfer_ids):
        for transfer_id, refund_id in conn.execute(_PAID_BY, {"among": piece}):
            found.setdefault(transfer_id, []).append(refund_id)
    return found


def write(conn: Connection, key: AuditKey, telling: Telling, links: Sequence[AuditLine]) -> None:
    """One message for each thing told, and one delivery for each endpoint that wants it."""
    made = [
        (link.number, message)
        for link, about in zip(links, telling.about, strict=True)
        for message in outbox.messages(link, about, telling.lines, key)
    ]
    sent = [
        delivery_row(delivery, number)
        for number, message in made
        for delivery in outbox.deliveries(message, telling.endpoints)
    ]
    if sent:
        conn.execute(_ADD_MESSAGES, [message_row(message, number) for number, message in made])
        conn.execute(_ADD_DELIVERIES, sent)
