"""
The history, and its chain: each event is written with its number and the MAC over it and the one before.

The row of the chain's end is the last lock that a commit takes. Whoever holds it waits for nobody, so that two commits
never wait for each other; on PostgreSQL it is also what brings all commits that leave an event into one order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import exc

from adapters.database.outward_rows import audit_line_of, event_of, event_row
from adapters.database.store.sql import added, through
from adapters.database.tables import ALARMS, NUMBERED, ONLY_ROW, UNCHAINED, audit_head, events, places
from payout.audit.chain import AuditHead, AuditLine
from payout.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Select

    from payout.audit.chain import AuditKey
    from payout.event import Event

_HEAD = sa.select(audit_head).where(audit_head.c.only_row == ONLY_ROW)
_LOCKED = _HEAD.with_for_update()
_MOVE = (
    sa.update(audit_head)
    .where(audit_head.c.only_row == ONLY_ROW)
    .values(number=sa.bindparam("to"), mac=sa.bindparam("with_mac"))
)
_ADD = sa.insert(events)
_LINKS = sa.select(events).where(NUMBERED, events.c.number > sa.bindparam("above")).order_by(events.c.number)
_PAGE = through(_LINKS.limit(sa.bindparam("most")), events, "events_number")
_ALARMS = through(_LINKS.where(ALARMS).limit(sa.bindparam("most")), events, "events_alarms")
_NUMBER = sa.select(events).where(NUMBERED, events.c.number == sa.bindparam("number"))
_UNCHAINED = through(sa.select(sa.func.count()).select_from(events).where(UNCHAINED), events, "events_unchained")
_PLACE = sa.select(places.c.number).where(places.c.reader == sa.bindparam("of"))
_MOVE_PLACE = (
    sa.update(places)
    .where(places.c.reader == sa.bindparam("of"), places.c.number == sa.bindparam("stood_at"))
    .values(number=sa.bindparam("number"))
)
_UNREADABLE = (ValueError, TypeError, OverflowError, exc.DataError)


def link(conn: Connection, key: AuditKey, new: Sequence[Event]) -> tuple[AuditLine, ...]:
    """
    Write events as the next links of the chain. Locks its end: nothing that may wait comes after it.

    Raises:
        StoreError: somebody deleted the chain's end.
    """
    before = _head(conn, key, _LOCKED)
    lines: list[AuditLine] = []
    mac = before.mac
    for number, event in enumerate(new, before.number + 1):
        mac = key.link(mac, number, event)
        lines.append(AuditLine(number=number, event=event, mac=mac))
    conn.execute(_ADD, [event_row(line.event, line.number, line.mac) for line in lines])
    conn.execute(_MOVE, {"to": before.number + len(lines), "with_mac": mac})
    return tuple(lines)


def head(conn: Connection, key: AuditKey) -> AuditHead:
    """The end of the chain. Raises StoreError where somebody deleted it."""
    return _head(conn, key, _HEAD)


def _head(conn: Connection, key: AuditKey, query: Select[Any]) -> AuditHead:
    row = conn.execute(query).first()
    if row is None:
        raise StoreError(
            "the end of the audit chain is missing from the database: somebody deleted it; "
            "run `payout audit verify`, find out who, and restore a backup"
        )
    # Migrations have no key: the first MAC is made when it is first asked for.
    mac = row.mac or key.first(row.before)
    return AuditHead(number=row.number, mac=mac, before=row.before)


def lines(
    conn: Connection,
    after: int,
    limit: int,
    *,
    refund_id: str | None,
    transfer_id: str | None,
    order_id: str | None,
) -> tuple[AuditLine, ...]:
    """Links above a number, in the order of their numbers."""
    query = _about(_LINKS, refund_id, transfer_id, order_id)
    return _read(conn, _PAGE if query is _LINKS else query.limit(sa.bindparam("most")), after, limit)


def alarms(conn: Connection, after: int, limit: int) -> tuple[AuditLine, ...]:
    """Alarms among the links above a number."""
    return _read(conn, _ALARMS, after, limit)


def _read(conn: Connection, query: Select[Any], after: int, limit: int) -> tuple[AuditLine, ...]:
    given = {"above": after, "most": limit}
    try:
        return tuple(audit_line_of(row) for row in conn.execute(query, given))
    except _UNREADABLE:
        _name_the_unreadable(conn, query, given)
        raise


def _name_the_unreadable(conn: Connection, query: Select[Any], given: dict[str, int]) -> None:
    """
    Say which row cannot be read.

    Raises:
        StoreError: names it.
    """
    for number in conn.scalars(query.with_only_columns(events.c.number), given).all():
        try:
            audit_line_of(conn.execute(_NUMBER, {"number": number}).one())
        except _UNREADABLE as error:
            raise StoreError(
                f"event {number} in the database is not what was written ({error}): "
                "find out who changed it, and restore the row from a backup"
            ) from error


def _about(query: Select[Any], refund_id: str | None, transfer_id: str | None, order_id: str | None) -> Select[Any]:
    if refund_id is not None:
        query = query.where(events.c.refund_id == refund_id)
    if transfer_id is not None:
        query = query.where(events.c.transfer_id == transfer_id)
    if order_id is not None:
        query = query.where(events.c.order_id == order_id)
    return query


def unchained(conn: Connection) -> int:
    """Events that are no link."""
    return conn.scalar(_UNCHAINED) or 0


def newest_events(
    conn: Connection,
    refund_id: str | None,
    transfer_id: str | None,
    order_id: str | None,
    *,
    alarms_only: bool,
    limit: int,
) -> tuple[Event, ...]:
    """The newest `limit` that fit all that is given, oldest first among them: by their numbers, which are signed."""
    query = _about(sa.select(events), refund_id, transfer_id, order_id)
    if alarms_only:
        query = query.where(ALARMS)
    found = list(conn.execute(query.where(NUMBERED).order_by(events.c.number.desc()).limit(limit)))
    if len(found) < limit:
        older = query.where(UNCHAINED).order_by(events.c.seq.desc())
        found += conn.execute(older.limit(limit - len(found)))
    return tuple(event_of(row) for row in reversed(found))


def place(conn: Connection, reader: str) -> int | None:
    """How far a reader has read."""
    return conn.scalar(_PLACE, {"of": reader})


def move_place(conn: Connection, reader: str, before: int | None, number: int) -> bool:
    """It has read up to here; False where it no longer stood at `before`."""
    if before is None:
        return added(conn, places, {"reader": reader, "number": number})
    return bool(conn.execute(_MOVE_PLACE, {"of": reader, "stood_at": before, "number": number}).rowcount)
