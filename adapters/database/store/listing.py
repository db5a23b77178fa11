"""
Refunds as a listing shows them, each with its live attempt.

Pages go by keyset, never by OFFSET: first the ids alone, from an index; then whole rows for those ids only.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from adapters.database.refund_rows import refund_of
from adapters.database.store.sql import among, pieces
from adapters.database.tables import LIVE, attempts, orders, refunds, transfers, wallets
from payout.refund import RefundLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Row

    from payout.refund import RefundStatus

_NEWEST_FIRST = (refunds.c.requested_at.desc(), refunds.c.id.desc())
_LINES = (
    sa.select(
        refunds,
        attempts.c.amount_units,
        attempts.c.rate,
        attempts.c.transfer_id,
        attempts.c.order_id,
        transfers.c.height,
        wallets.c.tip,
    )
    .select_from(refunds)
    .outerjoin(attempts, sa.and_(attempts.c.refund_id == refunds.c.id, LIVE))
    .outerjoin(transfers, transfers.c.id == attempts.c.transfer_id)
    .outerjoin(wallets, wallets.c.name == transfers.c.wallet)
    .where(among(refunds.c.id))
)
_TX_IDS = (
    sa.select(attempts.c.refund_id, attempts.c.transfer_id, orders.c.settle_txid)
    .select_from(attempts)
    .outerjoin(orders, orders.c.id == attempts.c.order_id)
    .where(among(attempts.c.refund_id))
    .order_by(attempts.c.refund_id, attempts.c.number)
)


def list_refunds(
    conn: Connection,
    statuses: Sequence[RefundStatus],
    after: str | None,
    limit: int | None,
) -> tuple[RefundLine, ...]:
    """Newest request first; none if `after` is not on record."""
    return tuple(line for piece in pieces(_page(conn, statuses, after, limit)) for line in lines(conn, piece))


def _page(conn: Connection, statuses: Sequence[RefundStatus], after: str | None, limit: int | None) -> list[str]:
    """The ids of a page. One query a status: each reads `limit` entries of its index at most."""
    conditions = [refunds.c.status == str(status) for status in dict.fromkeys(statuses)]
    keys: list[tuple[Any, str]] = []
    for condition in conditions or [sa.true()]:
        query = sa.select(refunds.c.requested_at, refunds.c.id).where(condition)
        if after is not None:
            query = query.where(_older_than(after))
        rows = conn.execute(query.order_by(*_NEWEST_FIRST).limit(limit))
        keys.extend((row.requested_at, row.id) for row in rows)
    if len(conditions) > 1:
        keys.sort(reverse=True)
    return [key for _, key in keys[:limit]]


def _older_than(refund_id: str) -> sa.ColumnElement[bool]:
    mark = sa.select(refunds.c.requested_at, refunds.c.id).where(refunds.c.id == refund_id)
    return sa.tuple_(refunds.c.requested_at, refunds.c.id) < mark.scalar_subquery()


def some(conn: Connection, ids: Sequence[str]) -> tuple[RefundLine, ...]:
    """In the order asked; missing ones are left out."""
    return tuple(line for piece in pieces(ids) for line in lines(conn, piece))


def lines(conn: Connection, ids: Sequence[str]) -> Iterator[RefundLine]:
    """The lines of these refunds, in this order; at most a piece of them."""
    rows = {row.id: row for row in conn.execute(_LINES, {"among": ids})}
    tx_ids: dict[str, list[str]] = {}
    for refund_id, *sent in conn.execute(_TX_IDS, {"among": ids}):
        tx_ids.setdefault(refund_id, []).extend(txid for txid in sent if txid is not None)
    for each in ids:
        if each in rows:
            yield _line(rows[each], tuple(tx_ids.get(each, ())))


def _line(row: Row[Any], tx_ids: tuple[str, ...]) -> RefundLine:
    return RefundLine(
        refund=refund_of(row),
        amount_units=row.amount_units,
        rate=_rate(row.rate),
        tx_ids=tx_ids,
        confirmations=_confirmations(row),
    )


def _rate(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _confirmations(row: Row[Any]) -> int | None:
    """
    Blocks on top of a mined transfer, its own included, by the tip that was last noted.

    None for a swap: its transfer's depth says nothing of what the customer has.
    """
    if row.transfer_id is None or row.order_id is not None:
        return None
    if row.height is None:
        return 0
    tip: int = row.tip or 0
    return max(0, tip - int(row.height))
