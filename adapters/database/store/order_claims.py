"""
What an order has for itself alone: the one place of its refund, its addresses, its processor's id, its arrival.

Each claim is looked up by the unique index that holds it, over orders that have ended too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from adapters.database.store.sql import among, pieces
from adapters.database.tables import LIVE_ORDER, orders
from payout.errors import OrderTaken
from payout.order import LIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import ColumnElement, Connection

    from payout.order import Order


class _Claim(NamedTuple):
    what: str
    column: Any
    within: Any
    """The same value under another one of these is no clash; NULL where there is only one."""
    holds: ColumnElement[bool]
    """Which rows hold it."""
    of: Callable[[Order], tuple[str | None, str | None]]


_ALL = sa.true()
_CLAIMS = (
    _Claim(
        "refund, and both are live,",
        orders.c.refund_id,
        sa.null(),
        LIVE_ORDER,
        lambda order: (order.refund_id if order.status in LIVE else None, None),
    ),
    _Claim("return address", orders.c.return_address, sa.null(), _ALL, lambda order: (order.return_address, None)),
    _Claim("deposit address", orders.c.deposit_address, sa.null(), _ALL, lambda order: (order.deposit_address, None)),
    _Claim(
        "processor's id",
        orders.c.processor_id,
        orders.c.processor,
        _ALL,
        lambda order: (order.processor_id, order.processor),
    ),
    _Claim(
        "arrival",
        orders.c.arrival_id,
        orders.c.receive_network,
        _ALL,
        lambda order: (order.arrival_id, order.receive.asset.network),
    ),
)
_HOLDERS = tuple(
    sa.select(orders.c.id, each.column.label("value"), each.within.label("within")).where(
        among(each.column), each.holds
    )
    for each in _CLAIMS
)
_TAKEN = sa.select(orders.c.arrival_id).where(among(orders.c.arrival_id))


def check(conn: Connection, last: Mapping[str, Order]) -> None:
    """
    No other order has what these want, each as it will stand after the change.

    Raises:
        OrderTaken: says what, and which order has it.
    """
    for claim, query in zip(_CLAIMS, _HOLDERS, strict=True):
        wanted: dict[tuple[str, str | None], str] = {}
        for order in last.values():
            value, within = claim.of(order)
            if value is not None:
                _give(claim, wanted, (value, within), order.id)
        for piece in pieces(value for value, _ in wanted):
            for row in conn.execute(query, {"among": piece}):
                # One that this change writes too counts as it will stand.
                if row.id not in last and (row.value, row.within) in wanted:
                    raise _taken(claim, wanted[row.value, row.within], row.id)


def _give(claim: _Claim, wanted: dict[tuple[str, str | None], str], key: tuple[str, str | None], order_id: str) -> None:
    if key in wanted:
        raise _taken(claim, order_id, wanted[key])
    wanted[key] = order_id


def _taken(claim: _Claim, order_id: str, holder: str) -> OrderTaken:
    return OrderTaken(f"order {order_id} has the same {claim.what} as order {holder}: drop it")


def arrivals_taken(conn: Connection, ids: Iterable[str]) -> frozenset[str]:
    """Those that an order names already."""
    return frozenset(each for piece in pieces(ids) for each in conn.scalars(_TAKEN, {"among": piece}))
