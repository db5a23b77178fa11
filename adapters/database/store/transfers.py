"""
Transfers: what was signed is inserted once; what is seen of it is swapped in by version.

A payload is read with its transfer and written only with its first row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from adapters.database.rows import transfer_news, transfer_of, transfer_row
from adapters.database.store.sql import added, among, pieces, through
from adapters.database.tables import BEGUN, OPEN, TO_WATCH, key_images, payloads, transfers
from payout.errors import StaleWrite

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from payout.transfer import Transfer

_WHOLE = sa.select(transfers, payloads.c.sealed).join(payloads, payloads.c.transfer_id == transfers.c.id)
_OLDEST_FIRST = (transfers.c.committed_at, transfers.c.id)
_NEWS = (
    "status",
    "begun_at",
    "give_up_by",
    "give_up_why",
    "place",
    "height",
    "block_hash",
    "depth",
    "unseen_since",
    "pool_since",
    "refused_at",
    "final_at",
    "watched",
    "version",
)
_VERSIONS = (
    sa.select(transfers.c.id, transfers.c.version)
    .where(among(transfers.c.id))
    .order_by(transfers.c.id)
    .with_for_update()
)
_SWAP = (
    sa.update(transfers)
    .where(transfers.c.id == sa.bindparam("of"), transfers.c.version == sa.bindparam("seen"))
    .values({name: sa.bindparam(name) for name in _NEWS})
)
_ADD_PAYLOAD = sa.insert(payloads)
_ONE = _WHOLE.where(transfers.c.id == sa.bindparam("of"))
_IDS = sa.select(transfers.c.id).where(among(transfers.c.id))
_SPENDING = _WHOLE.where(transfers.c.id.in_(sa.select(key_images.c.transfer_id).where(among(key_images.c.key_image))))
_OPEN = through(
    _WHOLE.where(transfers.c.wallet == sa.bindparam("of"), OPEN).order_by(*_OLDEST_FIRST),
    transfers,
    "transfers_open",
)
_UNWATCHED = through(
    _WHOLE.where(transfers.c.wallet == sa.bindparam("of"), TO_WATCH)
    .order_by(*_OLDEST_FIRST)
    .limit(sa.bindparam("most")),
    transfers,
    "transfers_to_watch",
)
_LAST_BEGUN = through(
    sa.select(transfers.c.id)
    .where(transfers.c.wallet == sa.bindparam("of"), BEGUN)
    .order_by(transfers.c.begun_at.desc(), transfers.c.id.desc())
    .limit(sa.bindparam("most")),
    transfers,
    "transfers_begun",
)


def write(conn: Connection, changed: Sequence[Transfer]) -> tuple[Transfer, ...]:
    """
    Insert those of version 0, swap the news of the others; returns those that are new.

    Raises:
        StaleWrite: the id is on record already, or at another version.
    """
    if not changed:
        return ()
    stored = _lock_versions(conn, [transfer.id for transfer in changed])
    last: dict[str, Transfer] = {}
    for transfer in changed:
        before = last.get(transfer.id)
        _check_version(transfer, before.version if before else stored.get(transfer.id))
        last[transfer.id] = transfer
    new = tuple(transfer for key, transfer in sorted(last.items()) if key not in stored)
    _insert(conn, new)
    _swap(conn, stored, [transfer for key, transfer in sorted(last.items()) if key in stored])
    return new


def _lock_versions(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    versions: dict[str, int] = {}
    for piece in pieces(sorted(ids)):
        rows = conn.execute(_VERSIONS, {"among": piece})
        versions.update({row.id: row.version for row in rows})
    return versions


def _check_version(transfer: Transfer, seen: int | None) -> None:
    made_from = None if transfer.version == 0 else transfer.version - 1
    if seen == made_from:
        return
    found = "is not on record" if seen is None else f"is on record at version {seen}"
    asked = "a new one" if made_from is None else f"one made from version {made_from}"
    raise StaleWrite(f"transfer {transfer.id} {found}, this change brings {asked}: read it again")


def _insert(conn: Connection, new: Sequence[Transfer]) -> None:
    for transfer in new:
        if not added(conn, transfers, transfer_row(transfer)):
            raise StaleWrite(f"transfer {transfer.id} was just put on record: read it again")
        conn.execute(_ADD_PAYLOAD, {"transfer_id": transfer.id, "sealed": transfer.sealed})


def _swap(conn: Connection, stored: Mapping[str, int], changed: Sequence[Transfer]) -> None:
    if not changed:
        return
    rows: list[dict[str, Any]] = [
        {"of": transfer.id, "seen": stored[transfer.id], **transfer_news(transfer)} for transfer in changed
    ]
    # The rows are locked and their versions known: this can only fail if a lock did not hold.
    if conn.execute(_SWAP, rows).rowcount != len(rows):
        raise StaleWrite("a transfer moved under this change: read again")


def one(conn: Connection, txid: str) -> Transfer | None:
    """By txid."""
    row = conn.execute(_ONE, {"of": txid}).first()
    return None if row is None else transfer_of(row)


def open_ones(conn: Connection, wallet: str) -> tuple[Transfer, ...]:
    """OPEN ones of a wallet, oldest first."""
    return tuple(transfer_of(row) for row in conn.execute(_OPEN, {"of": wallet}))


def unwatched(conn: Connection, wallet: str, limit: int) -> tuple[Transfer, ...]:
    """FINAL and VOID ones that are still looked at, oldest first."""
    rows = conn.execute(_UNWATCHED, {"of": wallet, "most": limit})
    return tuple(transfer_of(row) for row in rows)


def listed(conn: Connection, after: str | None, limit: int | None) -> tuple[Transfer, ...]:
    """Newest first; none if `after` is not on record."""
    query = _WHOLE
    if after is not None:
        mark = sa.select(*_OLDEST_FIRST).where(transfers.c.id == after).scalar_subquery()
        query = query.where(sa.tuple_(*_OLDEST_FIRST) < mark)
    newest_first = (column.desc() for column in _OLDEST_FIRST)
    rows = conn.execute(query.order_by(*newest_first).limit(limit))
    return tuple(transfer_of(row) for row in rows)


def spending(conn: Connection, images: Iterable[str]) -> tuple[Transfer, ...]:
    """Of any status, those that spend any of these key images, oldest first."""
    found: dict[str, Transfer] = {}
    for piece in pieces(images):
        for row in conn.execute(_SPENDING, {"among": piece}):
            found[row.id] = transfer_of(row)
    return tuple(sorted(found.values(), key=lambda each: (each.committed_at, each.id)))


def ids_among(conn: Connection, txids: Iterable[str]) -> set[str]:
    """Those that are transfers of ours."""
    found: set[str] = set()
    for piece in pieces(txids):
        found.update(conn.scalars(_IDS, {"among": piece}))
    return found


def last_begun(conn: Connection, wallet: str, limit: int) -> tuple[str, ...]:
    """The newest of a wallet whose broadcast was begun, newest first."""
    return tuple(conn.scalars(_LAST_BEGUN, {"of": wallet, "most": limit}))
