"""
API keys, endpoints, and the replies and revisions that are written once.

A reply is written before anything else of its change: of two requests with one Idempotency-Key the second waits here,
and finds the first's answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from adapters.database.outward_rows import api_key_of, api_key_row, endpoint_of, endpoint_row
from adapters.database.rows import plain_row
from adapters.database.store.sql import added
from adapters.database.tables import api_keys, endpoints, replies, revisions
from payout.errors import KeyUsed, StaleWrite
from payout.reply import Reply
from payout.revision import Revision

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Table

    from payout.api_key import ApiKey
    from payout.webhooks.message import Endpoint

_REPLY = sa.select(replies).where(replies.c.key == sa.bindparam("of"))
_API_KEY = sa.select(api_keys).where(api_keys.c.id == sa.bindparam("of"))
_API_KEYS = sa.select(api_keys).order_by(api_keys.c.made_at, api_keys.c.id)
_ENDPOINTS = sa.select(endpoints).order_by(endpoints.c.made_at, endpoints.c.id)
_LIVE = _ENDPOINTS.where(endpoints.c.stopped_at.is_(None))
_REVISIONS = sa.select(revisions).where(revisions.c.refund_id == sa.bindparam("of")).order_by(revisions.c.number)
_ADD_REVISIONS = sa.insert(revisions)


def write_replies(conn: Connection, new: Iterable[Reply]) -> None:
    """
    Keep each under its key.

    Raises:
        KeyUsed: there is a reply to this key already.
    """
    for reply in sorted(new, key=lambda each: each.key):
        row = {name: getattr(reply, name) for name in reply.__slots__}
        if not added(conn, replies, row):
            raise KeyUsed(f"a reply to the Idempotency-Key {reply.key} is on record already: read it")


def reply(conn: Connection, key: str) -> Reply | None:
    """The answer that was given to an Idempotency-Key."""
    row = conn.execute(_REPLY, {"of": key}).first()
    return None if row is None else Reply(**row._asdict())


def write_revisions(conn: Connection, new: Sequence[Revision]) -> None:
    """Keep what amendments replaced. The refunds are locked already."""
    if new:
        conn.execute(_ADD_REVISIONS, [plain_row(each) for each in new])


def revisions_of(conn: Connection, refund_id: str) -> tuple[Revision, ...]:
    """Oldest first."""
    return tuple(Revision(**row._asdict()) for row in conn.execute(_REVISIONS, {"of": refund_id}))


def write_api_keys(conn: Connection, changed: Iterable[ApiKey]) -> None:
    """Raises StaleWrite where the version on record is another one."""
    _write(conn, api_keys, "API key", [api_key_row(key) for key in changed])


def write_endpoints(conn: Connection, changed: Iterable[Endpoint]) -> None:
    """Raises StaleWrite where the version on record is another one."""
    _write(conn, endpoints, "endpoint", [endpoint_row(each) for each in changed])


def _write(conn: Connection, table: Table, noun: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows of version 0, swap the others for the version that they were made from."""
    for row in sorted(rows, key=lambda row: (row["id"], row["version"])):
        if row["version"] == 0:
            done = added(conn, table, row)
        else:
            seen = (table.c.id == row["id"], table.c.version == row["version"] - 1)
            done = conn.execute(sa.update(table).where(*seen).values(row)).rowcount == 1
        if not done:
            raise StaleWrite(f"{noun} {row['id']} is not on record as this change was made from: read it again")


def api_key(conn: Connection, key_id: str) -> ApiKey | None:
    """By id, revoked or not."""
    row = conn.execute(_API_KEY, {"of": key_id}).first()
    return None if row is None else api_key_of(row)


def all_api_keys(conn: Connection) -> tuple[ApiKey, ...]:
    """Oldest first."""
    return tuple(api_key_of(row) for row in conn.execute(_API_KEYS))


def all_endpoints(conn: Connection) -> tuple[Endpoint, ...]:
    """Oldest first."""
    return tuple(endpoint_of(row) for row in conn.execute(_ENDPOINTS))


def live_endpoints(conn: Connection) -> tuple[Endpoint, ...]:
    """Those that are not stopped, oldest first."""
    return tuple(endpoint_of(row) for row in conn.execute(_LIVE))
