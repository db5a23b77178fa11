"""
Addresses of ours that orders return to, made ahead.

`taken` says that an order has one: looking for a free one must not read those of every order there ever was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from adapters.database.order_rows import return_address_of, return_address_row
from adapters.database.store.sql import add, among, pieces, through
from adapters.database.tables import FREE, orders, return_addresses

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from payout.change import ReturnAddress

_TAKE = (
    sa.update(return_addresses)
    .where(among(return_addresses.c.address), return_addresses.c.taken.is_(sa.false()))
    .values(taken=sa.true())
)
_HAD = sa.select(orders.c.return_address).where(among(orders.c.return_address))
_FREE = through(
    sa.select(return_addresses)
    .where(FREE, return_addresses.c.wallet == sa.bindparam("of"))
    .order_by(return_addresses.c.made_at, return_addresses.c.address_index)
    .limit(sa.bindparam("most")),
    return_addresses,
    "return_addresses_free",
)


def write(conn: Connection, made: Sequence[ReturnAddress]) -> None:
    """Keep each once. One that a repaired order has already is taken from the start."""
    had: set[str] = set()
    for piece in pieces(each.address for each in made):
        had.update(conn.scalars(_HAD, {"among": piece}))
    rows = [return_address_row(each, taken=each.address in had) for each in made]
    if rows:
        conn.execute(add(conn, return_addresses), rows)


def take(conn: Connection, addresses: Iterable[str]) -> None:
    """Orders have these now."""
    for piece in pieces(addresses):
        conn.execute(_TAKE, {"among": piece})


def free(conn: Connection, wallet: str, limit: int) -> tuple[ReturnAddress, ...]:
    """Those that no order has, oldest first."""
    rows = conn.execute(_FREE, {"of": wallet, "most": limit})
    return tuple(return_address_of(row) for row in rows)
