"""
Attempts and the quotes that priced them.

A refund has one attempt at most that is not FAILED: checked here to say which, and held by a unique index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from adapters.database.rows import attempt_of, attempt_row, quote_of, quote_row
from adapters.database.store import orders
from adapters.database.store.sql import add, among, pieces, through, upsert
from adapters.database.tables import BEGUN, LIVE, UNPROVEN, attempts, quotes, transfers
from payout.errors import StaleWrite
from payout.refund import AttemptStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection, Select

    from payout.quote import Quote
    from payout.refund import Attempt

_UNPROVEN = through(
    sa.select(attempts)
    .join(transfers, transfers.c.id == attempts.c.transfer_id)
    .where(UNPROVEN, BEGUN, transfers.c.wallet == sa.bindparam("of"))
    .order_by(attempts.c.opened_at, attempts.c.id)
    .limit(sa.bindparam("most")),
    attempts,
    "attempts_unproven",
)
_OF_REFUNDS = sa.select(attempts).where(among(attempts.c.refund_id))
_OF_TRANSFERS = sa.select(attempts).where(among(attempts.c.transfer_id))
_LIVE_OF_REFUNDS = sa.select(attempts.c.refund_id, attempts.c.id).where(among(attempts.c.refund_id), LIVE)


def write(conn: Connection, changed: Sequence[Attempt]) -> None:
    """
    Insert, or replace by id.

    Raises:
        StaleWrite: a refund would have two attempts that are not FAILED, or one names no order on record.
    """
    if not changed:
        return
    _check_orders(conn, changed)
    _check_one_live(conn, changed)
    # What fails makes room for what opens.
    ordered = sorted(changed, key=lambda each: each.status is not AttemptStatus.FAILED)
    conn.execute(upsert(conn, attempts), [attempt_row(attempt) for attempt in ordered])


def _check_orders(conn: Connection, changed: Sequence[Attempt]) -> None:
    named = {attempt.order_id: attempt for attempt in changed if attempt.order_id is not None}
    for missing in sorted(named.keys() - orders.ids_among(conn, named)):
        raise StaleWrite(f"attempt {named[missing].id} names order {missing}, which is not on record: read it again")


def _check_one_live(conn: Connection, changed: Sequence[Attempt]) -> None:
    live: dict[str, set[str]] = {}
    for piece in pieces(attempt.refund_id for attempt in changed):
        for refund_id, attempt_id in conn.execute(_LIVE_OF_REFUNDS, {"among": piece}):
            live.setdefault(refund_id, set()).add(attempt_id)
    for attempt in changed:
        ids = live.setdefault(attempt.refund_id, set())
        if attempt.status is AttemptStatus.FAILED:
            ids.discard(attempt.id)
        else:
            ids.add(attempt.id)
    for refund_id, ids in live.items():
        if len(ids) > 1:
            raise StaleWrite(
                f"refund {refund_id} would have {len(ids)} attempts that are not FAILED "
                f"({', '.join(sorted(ids))}): read it again"
            )


def write_quotes(conn: Connection, new: Iterable[Quote]) -> None:
    """Keep each once."""
    rows = [quote_row(quote) for quote in new]
    if rows:
        conn.execute(add(conn, quotes), rows)


def of_refunds(conn: Connection, refund_ids: Iterable[str]) -> tuple[Attempt, ...]:
    """Every attempt of these refunds, oldest first."""
    return _all_of(conn, _OF_REFUNDS, refund_ids)


def of_transfers(conn: Connection, transfer_ids: Iterable[str]) -> tuple[Attempt, ...]:
    """Every attempt that these transfers pay, oldest first."""
    return _all_of(conn, _OF_TRANSFERS, transfer_ids)


def unproven(conn: Connection, wallet: str, limit: int) -> tuple[Attempt, ...]:
    """OPEN, of a wallet's begun transfers, without a proof, oldest first."""
    rows = conn.execute(_UNPROVEN, {"of": wallet, "most": limit})
    return tuple(attempt_of(row) for row in rows)


def quote(conn: Connection, quote_id: str) -> Quote | None:
    """As it was kept with its attempts. Raises StoreError if the row was changed."""
    row = conn.execute(sa.select(quotes).where(quotes.c.id == quote_id)).first()
    return None if row is None else quote_of(row)


def _all_of(conn: Connection, query: Select[Any], keys: Iterable[str]) -> tuple[Attempt, ...]:
    found = [attempt_of(row) for piece in pieces(keys) for row in conn.execute(query, {"among": piece})]
    return tuple(sorted(found, key=lambda each: (each.opened_at, each.refund_id, each.number)))
