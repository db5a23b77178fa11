"""
Deliveries: claimed by one process at a time, told to an endpoint in the order in which a refund's history was written.

A claim moves `next_at` into the future: what a dead process had claimed is due again by itself. No query of the tick
reads what is done, or what a stopped endpoint never heard.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from adapters.database.outward_rows import delivery_news, delivery_of, message_of
from adapters.database.store.clock import now
from adapters.database.store.outward import all_endpoints, live_endpoints
from adapters.database.store.sql import among, pieces, through
from adapters.database.tables import FAILED, PENDING, deliveries, endpoints, messages
from payout.errors import StoreError
from payout.webhooks.message import DeliveryStatus, Parcel

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, Row, Select

    from payout.ports import Clock
    from payout.webhooks.message import Delivery, Message

_OLDER = deliveries.alias("older")
_WAITS_ITS_TURN = sa.exists().where(
    _OLDER.c.endpoint_id == deliveries.c.endpoint_id,
    _OLDER.c.refund_id == deliveries.c.refund_id,
    _OLDER.c.number < deliveries.c.number,
    _OLDER.c.status == sa.literal_column("'PENDING'"),
)
_DUE = through(
    sa.select(deliveries)
    .where(
        deliveries.c.endpoint_id == sa.bindparam("to"),
        PENDING,
        deliveries.c.next_at <= sa.bindparam("now"),
        ~_WAITS_ITS_TURN,
    )
    .order_by(deliveries.c.next_at, deliveries.c.number)
    .limit(sa.bindparam("most")),
    deliveries,
    "deliveries_due",
)
_DUE_AND_FREE = _DUE.with_for_update(of=deliveries, skip_locked=True)
_CLAIM = sa.update(deliveries).where(among(deliveries.c.id)).values(next_at=sa.bindparam("until"))
_ONE = sa.select(deliveries).where(deliveries.c.id == sa.bindparam("of"))
_MESSAGES = sa.select(messages).where(among(messages.c.id))
_REPORT = (
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("of"), PENDING)
    .values({name: sa.bindparam(name) for name in ("status", "tries", "next_at", "first_tried_at", "said", "ended_at")})
)
_NUMBER = sa.select(deliveries.c.number).where(deliveries.c.id == sa.bindparam("of")).scalar_subquery()
_YOUNGER = (
    sa.select(deliveries.c.id)
    .where(
        deliveries.c.endpoint_id == sa.bindparam("to"),
        deliveries.c.refund_id == sa.bindparam("about"),
        deliveries.c.number > _NUMBER,
        PENDING,
    )
    .with_for_update(skip_locked=True)
)
_WAIT_TOO = (
    sa.update(deliveries)
    .where(deliveries.c.id.in_(_YOUNGER), deliveries.c.next_at < sa.bindparam("until"))
    .values(next_at=sa.bindparam("until"))
)
_RESEND = (
    sa.update(deliveries)
    .where(deliveries.c.id == sa.bindparam("of"), deliveries.c.status != sa.literal_column("'PENDING'"))
    .values(
        status=str(DeliveryStatus.PENDING),
        tries=0,
        next_at=sa.bindparam("at"),
        first_tried_at=None,
        said=None,
        ended_at=None,
    )
)

_OVER = (
    sa.select(deliveries.c.id, deliveries.c.message_id)
    .where(deliveries.c.ended_at < sa.bindparam("before"))
    .order_by(deliveries.c.ended_at)
    .limit(sa.bindparam("most"))
)
_NEVER_TAKEN = (
    sa.select(deliveries.c.id, deliveries.c.message_id)
    .where(
        PENDING,
        deliveries.c.endpoint_id.in_(sa.select(endpoints.c.id).where(endpoints.c.stopped_at < sa.bindparam("before"))),
    )
    .limit(sa.bindparam("most"))
)
_FORGET = sa.delete(deliveries).where(among(deliveries.c.id))
_FORGET_MESSAGES = sa.delete(messages).where(
    among(messages.c.id), ~sa.exists().where(deliveries.c.message_id == messages.c.id)
)


def any_due(conn: Connection, clock: Clock | None, endpoint_id: str) -> bool:
    """There is something to claim: a look that locks nothing."""
    return conn.execute(_DUE, {"to": endpoint_id, "now": now(conn, clock), "most": 1}).first() is not None


def claim(conn: Connection, clock: Clock | None, endpoint_id: str, hold: timedelta, limit: int) -> tuple[Parcel, ...]:
    """What is due to an endpoint that is not stopped, the longest due first."""
    if endpoint_id not in (each.id for each in live_endpoints(conn)):
        return ()
    at = now(conn, clock)
    rows = conn.execute(_DUE_AND_FREE, {"to": endpoint_id, "now": at, "most": limit}).all()
    until = at + hold
    for piece in pieces(row.id for row in rows):
        conn.execute(_CLAIM, {"among": piece, "until": until})
    return _parcels(conn, [replace(delivery_of(row), next_at=until) for row in rows])


def report(conn: Connection, delivery: Delivery) -> None:
    """What came of a try. What its refund still has to tell the endpoint waits for the next one with it."""
    changed = conn.execute(_REPORT, {"of": delivery.id, **delivery_news(delivery)}).rowcount
    if changed and delivery.status is DeliveryStatus.PENDING and delivery.refund_id is not None:
        conn.execute(
            _WAIT_TOO,
            {
                "of": delivery.id,
                "to": delivery.endpoint_id,
                "about": delivery.refund_id,
                "until": delivery.next_at,
            },
        )


def resend(conn: Connection, delivery_id: str, at: datetime) -> bool:
    """Let an ended one begin anew; False where there is none."""
    return bool(conn.execute(_RESEND, {"of": delivery_id, "at": at}).rowcount)


def any_over(conn: Connection, before: datetime) -> bool:
    """There is something to forget: a look that locks nothing."""
    asked = {"before": before, "most": 1}
    return any(conn.execute(each, asked).first() is not None for each in (_OVER, _NEVER_TAKEN))


def forget(conn: Connection, before: datetime, limit: int) -> int:
    """Delete what was over before then, and each message with its last delivery; how many deliveries."""
    found: list[Row[Any]] = []
    for each in (_OVER, _NEVER_TAKEN):
        # What another process is forgetting, or has just asked to be sent again, is left to it.
        free = each.with_for_update(of=deliveries, skip_locked=True)
        found += conn.execute(free, {"before": before, "most": limit - len(found)})
    for piece in pieces(row.id for row in found):
        conn.execute(_FORGET, {"among": piece})
    for piece in pieces(row.message_id for row in found):
        conn.execute(_FORGET_MESSAGES, {"among": piece})
    return len(found)


def narrowed(endpoint_id: str | None, refund_id: str | None, *, failed: bool) -> Select[Any]:
    """Those to one endpoint, of one refund, or that failed."""
    query = sa.select(deliveries)
    if endpoint_id is not None:
        query = query.where(deliveries.c.endpoint_id == endpoint_id)
    if refund_id is not None:
        query = query.where(deliveries.c.refund_id == refund_id)
    return query.where(FAILED) if failed else query


def listed(conn: Connection, query: Select[Any], after: str | None, limit: int | None) -> tuple[Parcel, ...]:
    """Newest message first; none if `after` is not on record."""
    age = (deliveries.c.number, deliveries.c.id)
    query = query.order_by(*(column.desc() for column in age)).limit(limit)
    if after is not None:
        query = query.where(sa.tuple_(*age) < sa.select(*age).where(deliveries.c.id == after).scalar_subquery())
    return _parcels(conn, [delivery_of(row) for row in conn.execute(query)])


def one(conn: Connection, delivery_id: str) -> Parcel | None:
    """By id."""
    found = [delivery_of(row) for row in conn.execute(_ONE, {"of": delivery_id})]
    return next(iter(_parcels(conn, found)), None)


def _parcels(conn: Connection, found: Sequence[Delivery]) -> tuple[Parcel, ...]:
    by_id = {each.id: each for each in all_endpoints(conn)} if found else {}
    told: dict[str, Message] = {}
    for piece in pieces(each.message_id for each in found):
        told.update((row.id, _message(row)) for row in conn.execute(_MESSAGES, {"among": piece}))
    return tuple(
        Parcel(delivery=each, message=told[each.message_id], endpoint=by_id[each.endpoint_id])
        for each in found
        if each.endpoint_id in by_id and each.message_id in told
    )


def _message(row: Row[Any]) -> Message:
    """Raises StoreError if the row is none that was ever written."""
    try:
        return message_of(row)
    except ValueError as error:
        raise StoreError(
            f"message {row.id} in the database is not what was written ({error}): find out who changed it"
        ) from error
