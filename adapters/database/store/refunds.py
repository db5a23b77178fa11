"""
Refunds: written by compare-and-swap, read in the order in which they are paid or shown.

No query of a tick reads refunds that are done: each has a partial index of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from adapters.database.refund_rows import refund_of, refund_row
from adapters.database.store.sql import added, among, pieces, through
from adapters.database.tables import APPROVED, refunds
from payout.errors import DuplicateRefund, StaleWrite
from payout.refund import RefundStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from payout.change import Note
    from payout.refund import Refund

COUNTED = (
    RefundStatus.REQUESTED,
    RefundStatus.WAITING,
    RefundStatus.APPROVED,
    RefundStatus.PAYING,
    RefundStatus.HELD,
    RefundStatus.PAID,
)
"""Statuses that are not an end, and PAID."""

_NEVER_CHANGED = ("id", "external_id", "requested_by", "requested_at")
_VERSIONS = (
    sa.select(refunds.c.id, refunds.c.version).where(among(refunds.c.id)).order_by(refunds.c.id).with_for_update()
)
_MANY = sa.select(refunds).where(among(refunds.c.id))
_ONE = sa.select(refunds).where(refunds.c.id == sa.bindparam("id"))
"""The same for one, as the API asks: a list has to be written into the statement each time."""
_SWAP = (
    sa.update(refunds)
    .where(refunds.c.id == sa.bindparam("of"), refunds.c.version == sa.bindparam("seen"))
    .values({column.name: sa.bindparam(column.name) for column in refunds.columns if column.name not in _NEVER_CHANGED})
)
_PAYABLE = through(
    sa.select(refunds)
    .where(
        refunds.c.asset_code == sa.bindparam("code"),
        refunds.c.asset_network == sa.bindparam("network"),
        APPROVED,
    )
    .order_by(refunds.c.approved_at, refunds.c.id)
    .limit(sa.bindparam("most")),
    refunds,
    "refunds_payable",
)
_PAYABLE_ASSETS = through(
    sa.select(refunds.c.asset_code, refunds.c.asset_network).where(APPROVED).distinct(),
    refunds,
    "refunds_payable",
)
_APPROVED_OWED = through(
    sa.select(refunds.c.asset_code, refunds.c.asset_network, sa.func.sum(refunds.c.owed_cents).label("owed"))
    .where(APPROVED)
    .group_by(refunds.c.asset_code, refunds.c.asset_network),
    refunds,
    "refunds_payable",
)
_EXPIRED = through(
    sa.select(refunds)
    .where(APPROVED, refunds.c.approved_until <= sa.bindparam("now"))
    .order_by(refunds.c.approved_until, refunds.c.id)
    .limit(sa.bindparam("most")),
    refunds,
    "refunds_expiring",
)
_NOTE = (
    sa.update(refunds)
    .where(
        refunds.c.id == sa.bindparam("of"),
        APPROVED,
        sa.or_(
            refunds.c.waiting_for.is_distinct_from(sa.bindparam("words")),
            refunds.c.passed_over != sa.bindparam("times"),
        ),
    )
    .values(waiting_for=sa.bindparam("words"), passed_over=sa.bindparam("times"))
)


def write(conn: Connection, changed: Sequence[Refund]) -> None:
    """
    Insert those of version 0, and swap the others for the version that they were made from.

    Raises:
        DuplicateRefund: the id or external_id is on record.
        StaleWrite: the version on record is another one.
    """
    if not changed:
        return
    new = {refund.id for refund in changed if refund.version == 0}
    # Of new ones nothing has to be asked first: the insert itself finds out that one is on record.
    stored = _lock_versions(conn, [refund.id for refund in changed if refund.id not in new])
    last: dict[str, Refund] = {}
    for refund in changed:
        _check_version(refund, last[refund.id].version if refund.id in last else stored.get(refund.id))
        last[refund.id] = refund
    _insert(conn, [refund for key, refund in sorted(last.items()) if key not in stored])
    _swap(conn, stored, [refund for key, refund in sorted(last.items()) if key in stored])


def _lock_versions(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    versions: dict[str, int] = {}
    for piece in pieces(sorted(ids)):
        rows = conn.execute(_VERSIONS, {"among": piece})
        versions.update({row.id: row.version for row in rows})
    return versions


def _check_version(refund: Refund, seen: int | None) -> None:
    if refund.version == 0:
        if seen is not None:
            raise _duplicate(refund)
    elif seen != refund.version - 1:
        found = "is not on record" if seen is None else f"is at version {seen}"
        raise StaleWrite(
            f"refund {refund.external_id} {found}, this change was made from version "
            f"{refund.version - 1}: read it again"
        )


def _duplicate(refund: Refund) -> DuplicateRefund:
    return DuplicateRefund("external_id", f"{refund.external_id} is on record already", "read it instead of adding it")


def _insert(conn: Connection, new: Sequence[Refund]) -> None:
    for refund in new:
        if not added(conn, refunds, refund_row(refund)):
            raise _duplicate(refund)


def _swap(conn: Connection, stored: Mapping[str, int], changed: Sequence[Refund]) -> None:
    if not changed:
        return
    rows: list[dict[str, Any]] = []
    for refund in changed:
        row = {"of": refund.id, "seen": stored[refund.id], **refund_row(refund)}
        rows.append({name: row[name] for name in row if name not in _NEVER_CHANGED})
    # The rows are locked and their versions known: this can only fail if a lock did not hold.
    if conn.execute(_SWAP, rows).rowcount != len(rows):
        raise StaleWrite("a refund moved under this change: read again")


def note(conn: Connection, notes: Sequence[Note]) -> None:
    """Remarks on APPROVED refunds; a remark that is there already is not written again."""
    rows = [
        {"of": each.refund_id, "words": each.waiting_for, "times": each.passed_over}
        for each in sorted(notes, key=lambda each: each.refund_id)
    ]
    conn.execute(_NOTE, rows)


def note_all(conn: Connection, asset: tuple[str, str], waiting_for: str | None) -> None:
    """One remark on every APPROVED refund of an asset; one that another change holds is passed by."""
    others = (
        sa.select(refunds.c.id)
        .where(
            refunds.c.asset_code == asset[0],
            refunds.c.asset_network == asset[1],
            APPROVED,
            refunds.c.waiting_for.is_distinct_from(waiting_for),
        )
        .with_for_update(skip_locked=True)
    )
    conn.execute(sa.update(refunds).where(refunds.c.id.in_(others)).values(waiting_for=waiting_for))


def one(conn: Connection, key: str) -> Refund | None:
    """By id, else by external_id."""
    for column in (refunds.c.id, refunds.c.external_id):
        row = conn.execute(sa.select(refunds).where(column == key)).first()
        if row is not None:
            return refund_of(row)
    return None


def many(conn: Connection, ids: Iterable[str]) -> tuple[Refund, ...]:
    """In the order of the ids."""
    found: dict[str, Refund] = {}
    wanted = list(dict.fromkeys(ids))
    if len(wanted) == 1:
        return tuple(refund_of(row) for row in conn.execute(_ONE, {"id": wanted[0]}))
    for piece in pieces(wanted):
        for row in conn.execute(_MANY, {"among": piece}):
            found[row.id] = refund_of(row)
    return tuple(found[each] for each in wanted if each in found)


def payable(conn: Connection, asset: tuple[str, str], limit: int) -> tuple[Refund, ...]:
    """APPROVED ones of an asset, longest approved first."""
    given = {"code": asset[0], "network": asset[1], "most": limit}
    return tuple(refund_of(row) for row in conn.execute(_PAYABLE, given))


def payable_assets(conn: Connection) -> frozenset[tuple[str, str]]:
    """(code, network) of what APPROVED ones are owed in."""
    return frozenset((row.asset_code, row.asset_network) for row in conn.execute(_PAYABLE_ASSETS))


def approved_owed(conn: Connection) -> dict[tuple[str, str], int]:
    """What APPROVED ones come to, in cents, by (code, network)."""
    return {(row.asset_code, row.asset_network): int(row.owed) for row in conn.execute(_APPROVED_OWED)}


def expired(conn: Connection, now: datetime, limit: int) -> tuple[Refund, ...]:
    """APPROVED ones whose approvals have run out."""
    rows = conn.execute(_EXPIRED, {"now": now, "most": limit})
    return tuple(refund_of(row) for row in rows)


def counts(conn: Connection) -> dict[RefundStatus, int]:
    """How many stand in each counted status. Counting PAID walks its index: for people, not for ticks."""
    rows = conn.execute(
        sa.select(refunds.c.status, sa.func.count())
        .where(refunds.c.status.in_([str(status) for status in COUNTED]))
        .group_by(refunds.c.status)
    )
    found = {RefundStatus(status): number for status, number in rows}
    return {status: found.get(status, 0) for status in COUNTED}
