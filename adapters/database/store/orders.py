"""
Orders: written by compare-and-swap, read in the order in which they were asked for.

What no two orders may share is claimed here, to say which; unique indexes hold it against others' changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from adapters.database.order_rows import order_of, order_row
from adapters.database.store import order_claims, return_addresses
from adapters.database.store.sql import among, pieces, through
from adapters.database.tables import ENDED_TO_WATCH, LIVE_ORDER, ORDER_AGE, orders
from payout.errors import StaleWrite
from payout.order import LIVE, OrderStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection, Select

    from payout.order import Order

_NEVER_CHANGED = ("id", "refund_id", "number")
_VERSIONS = sa.select(orders.c.id, orders.c.version).where(among(orders.c.id)).order_by(orders.c.id).with_for_update()
_POKED = sa.bindparam("poked_at", type_=orders.c.poked_at.type)
_LATER_POKE = sa.case(
    (sa.or_(orders.c.poked_at.is_(None), orders.c.poked_at < _POKED), _POKED), else_=orders.c.poked_at
)
_SWAP = (
    sa.update(orders)
    .where(orders.c.id == sa.bindparam("of"), orders.c.version == sa.bindparam("seen"))
    .values({each.name: sa.bindparam(each.name) for each in orders.columns if each.name not in _NEVER_CHANGED})
    .values(poked_at=_LATER_POKE)
)
_POKE = (
    sa.update(orders)
    .where(
        orders.c.processor_id == sa.bindparam("named"),
        orders.c.processor == sa.bindparam("at_processor"),
        orders.c.status == str(OrderStatus.FUNDED),
    )
    .values(poked_at=_LATER_POKE)
)
_IDS = sa.select(orders.c.id).where(among(orders.c.id))
_OF_REFUNDS = sa.select(orders).where(among(orders.c.refund_id))
_FUNDED_BY = sa.select(orders).where(orders.c.transfer_id == sa.bindparam("of")).order_by(*ORDER_AGE)
_NAMED = sa.select(orders).where(orders.c.processor_id == sa.bindparam("of"))
_OPEN = through(
    sa.select(orders)
    .where(LIVE_ORDER, orders.c.status == sa.bindparam("in_status"))
    .order_by(*ORDER_AGE)
    .limit(sa.bindparam("most")),
    orders,
    "orders_live",
)
_UNWATCHED = through(
    sa.select(orders).where(ENDED_TO_WATCH).order_by(*ORDER_AGE).limit(sa.bindparam("most")),
    orders,
    "orders_to_watch",
)


def write(conn: Connection, changed: Sequence[Order]) -> None:
    """
    Insert those of version 0, and swap the others for the version that they were made from.

    Raises:
        StaleWrite: the id is on record already, or at another version.
        OrderTaken: another order has what one of these wants for itself.
    """
    if not changed:
        return
    stored = _lock_versions(conn, [order.id for order in changed])
    last: dict[str, Order] = {}
    for order in changed:
        _check_version(order, last[order.id].version if order.id in last else stored.get(order.id))
        last[order.id] = order
    order_claims.check(conn, last)
    # What ends makes room for what lives.
    ordered = sorted(last.values(), key=lambda each: (each.status in LIVE, each.id))
    _swap(conn, stored, [order for order in ordered if order.id in stored])
    new = [order for order in ordered if order.id not in stored]
    if new:
        conn.execute(sa.insert(orders), [order_row(order) for order in new])
    return_addresses.take(conn, [order.return_address for order in ordered])


def _lock_versions(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    versions: dict[str, int] = {}
    for piece in pieces(sorted(ids)):
        versions.update({row.id: row.version for row in conn.execute(_VERSIONS, {"among": piece})})
    return versions


def _check_version(order: Order, seen: int | None) -> None:
    made_from = None if order.version == 0 else order.version - 1
    if seen == made_from:
        return
    found = "is not on record" if seen is None else f"is on record at version {seen}"
    asked = "a new one" if made_from is None else f"one made from version {made_from}"
    raise StaleWrite(f"order {order.id} {found}, this change brings {asked}: read it again")


def _swap(conn: Connection, stored: Mapping[str, int], changed: Sequence[Order]) -> None:
    if not changed:
        return
    rows: list[dict[str, Any]] = []
    for order in changed:
        row = {"of": order.id, "seen": stored[order.id], **order_row(order)}
        rows.append({name: row[name] for name in row if name not in _NEVER_CHANGED})
    # The rows are locked and their versions known: this can only fail if a lock did not hold.
    if conn.execute(_SWAP, rows).rowcount != len(rows):
        raise StaleWrite("an order moved under this change: read again")


def poke(conn: Connection, processor: str, processor_id: str, at: datetime) -> bool:
    """Ask for a look; no write takes a later wish back."""
    given = {"named": processor_id, "at_processor": processor, "poked_at": at}
    return conn.execute(_POKE, given).rowcount > 0


def one(conn: Connection, key: str) -> Order | None:
    """By our id, else by the processor's; the newest where two processors gave the same id."""
    row = conn.execute(sa.select(orders).where(orders.c.id == key)).first()
    named = [order_of(row)] if row is not None else _oldest_first(conn, _NAMED, {"of": key})
    return named[-1] if named else None


def of_refunds(conn: Connection, refund_ids: Iterable[str]) -> tuple[Order, ...]:
    """Every order of these refunds, oldest first."""
    found = [order for piece in pieces(refund_ids) for order in _oldest_first(conn, _OF_REFUNDS, {"among": piece})]
    return tuple(sorted(found, key=_age))


def funded_by(conn: Connection, transfer_id: str) -> tuple[Order, ...]:
    """The orders whose deposits a transfer pays."""
    return tuple(order_of(row) for row in conn.execute(_FUNDED_BY, {"of": transfer_id}))


def open_ones(conn: Connection, statuses: Iterable[OrderStatus], limit: int) -> tuple[Order, ...]:
    """In one of these statuses, of those that are live. One query a status: each reads `limit` rows at most."""
    found: list[Order] = []
    for status in sorted(LIVE & frozenset(statuses)):
        found.extend(_oldest_first(conn, _OPEN, {"in_status": str(status), "most": limit}))
    return tuple(sorted(found, key=_age)[:limit])


def unwatched(conn: Connection, limit: int) -> tuple[Order, ...]:
    """SETTLED and RETURNED ones that are still looked at."""
    return tuple(order_of(row) for row in conn.execute(_UNWATCHED, {"most": limit}))


def listed(conn: Connection, after: str | None, limit: int | None) -> tuple[Order, ...]:
    """Newest first; none if `after` is not on record."""
    query = sa.select(orders)
    if after is not None:
        mark = sa.select(*ORDER_AGE).where(orders.c.id == after).scalar_subquery()
        query = query.where(sa.tuple_(*ORDER_AGE) < mark)
    rows = conn.execute(query.order_by(*(column.desc() for column in ORDER_AGE)).limit(limit))
    return tuple(order_of(row) for row in rows)


def ids_among(conn: Connection, ids: Iterable[str]) -> set[str]:
    """Those that are on record."""
    found: set[str] = set()
    for piece in pieces(ids):
        found.update(conn.scalars(_IDS, {"among": piece}))
    return found


def _oldest_first(conn: Connection, query: Select[Any], given: dict[str, Any]) -> list[Order]:
    return sorted((order_of(row) for row in conn.execute(query, given)), key=_age)


def _age(order: Order) -> tuple[datetime, str, int]:
    return order.asked_at, order.refund_id, order.number
