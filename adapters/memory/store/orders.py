"""Reading the in-memory orders, in the orders that the port promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.memory.store.lists import page
from payout.order import LIVE, OrderStatus
from payout.refund import RefundStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from adapters.memory.store.tables import Tables
    from payout.change import ReturnAddress
    from payout.order import Order

_ENDED_AND_LOOKED_AT = frozenset({OrderStatus.SETTLED, OrderStatus.RETURNED})


def one(tables: Tables, key: str) -> Order | None:
    """By our id, or by the processor's; the newest where two processors gave the same id."""
    named = ordered(tables, lambda each: each.processor_id == key)
    return tables.orders.get(key) or (named[-1] if named else None)


def ordered(tables: Tables, wanted: Callable[[Order], bool]) -> tuple[Order, ...]:
    """Longest asked first."""
    found = filter(wanted, tables.orders.values())
    return tuple(sorted(found, key=lambda each: (each.asked_at, each.refund_id, each.number)))


def open_ones(tables: Tables, statuses: Iterable[OrderStatus]) -> tuple[Order, ...]:
    """In one of these statuses, of those that are live."""
    asked = LIVE & frozenset(statuses)
    return ordered(tables, lambda each: each.status in asked)


def unwatched(tables: Tables) -> tuple[Order, ...]:
    """SETTLED or RETURNED, and still looked at."""
    return ordered(tables, lambda each: each.status in _ENDED_AND_LOOKED_AT and not each.watched)


def listed(tables: Tables, after: str | None, limit: int | None) -> tuple[Order, ...]:
    """Newest first."""
    newest_first = ordered(tables, lambda _: True)[::-1]
    return page(newest_first, [each.id for each in newest_first], after, limit)


def funded(tables: Tables, processor: str, processor_id: str) -> Order | None:
    """The FUNDED order of that name."""
    named = (processor, processor_id)
    found = ordered(tables, lambda each: (each.processor, each.processor_id) == named)
    return next((each for each in found if each.status is OrderStatus.FUNDED), None)


def free_return_addresses(tables: Tables, wallet: str) -> tuple[ReturnAddress, ...]:
    """Those that no order has, oldest first."""
    taken = {order.return_address for order in tables.orders.values()}
    free = [each for each in tables.return_addresses.values() if each.wallet == wallet and each.address not in taken]
    return tuple(sorted(free, key=lambda each: (each.made_at, each.index)))


def arrivals_taken(tables: Tables, ids: Sequence[str]) -> frozenset[str]:
    """Those that an order names already."""
    return frozenset(ids) & {order.arrival_id for order in tables.orders.values() if order.arrival_id is not None}


def payable_assets(tables: Tables) -> frozenset[tuple[str, str]]:
    """(code, network) of what APPROVED refunds are owed in."""
    standing = (each for each in tables.refunds.values() if each.status is RefundStatus.APPROVED)
    return frozenset(refund.asset.key for refund in standing)
