"""Reading the in-memory tables, in the orders that the port promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from payout.refund import AttemptStatus, RefundLine, RefundStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from adapters.memory.store.tables import Tables
    from payout.refund import Attempt, Refund
    from payout.transfer import Transfer

Item = TypeVar("Item")


def approved(tables: Tables, asset: tuple[str, str]) -> list[Refund]:
    """APPROVED refunds of an asset (code, network)."""
    return [
        refund
        for refund in tables.refunds.values()
        if refund.status is RefundStatus.APPROVED and refund.asset.key == asset
    ]


def expired(tables: Tables, now: datetime) -> tuple[Refund, ...]:
    """APPROVED refunds whose approvals have run out, longest ago first."""
    ended = [
        (refund.approved_until, refund.id)
        for refund in tables.refunds.values()
        if refund.status is RefundStatus.APPROVED and refund.approved_until is not None and refund.approved_until <= now
    ]
    return tuple(tables.refunds[key] for _, key in sorted(ended))


def transfers(tables: Tables, wanted: Callable[[Transfer], bool]) -> tuple[Transfer, ...]:
    """Oldest first."""
    found = filter(wanted, tables.transfers.values())
    return tuple(sorted(found, key=lambda each: (each.committed_at, each.id)))


def attempts(tables: Tables, wanted: Callable[[Attempt], bool]) -> tuple[Attempt, ...]:
    """Oldest first."""
    found = filter(wanted, tables.attempts.values())
    return tuple(sorted(found, key=lambda each: (each.opened_at, each.refund_id, each.number)))


def page(items: Sequence[Item], ids: Sequence[str], after: str | None, limit: int | None) -> tuple[Item, ...]:
    """The items behind `after`, `limit` at most; none if it is not among them."""
    if after is None:
        return tuple(items[:limit])
    if after not in ids:
        return ()
    return tuple(items[ids.index(after) + 1 :][:limit])


def refund_lines(
    tables: Tables, statuses: Sequence[RefundStatus], after: str | None, limit: int | None
) -> tuple[RefundLine, ...]:
    """Newest request first. `after` need not have one of the statuses: it is a place in the whole list."""
    whole = sorted(tables.refunds.values(), key=lambda each: (each.requested_at, each.id), reverse=True)
    behind = page(whole, [each.id for each in whole], after, None)
    fitting = [refund for refund in behind if not statuses or refund.status in statuses]
    return tuple(line(tables, refund) for refund in fitting[:limit])


def lines_of(tables: Tables, ids: Sequence[str]) -> tuple[RefundLine, ...]:
    """In the order asked; missing ones are left out."""
    return tuple(line(tables, tables.refunds[each]) for each in dict.fromkeys(ids) if each in tables.refunds)


def line(tables: Tables, refund: Refund) -> RefundLine:
    """A refund as a listing shows it."""
    tries = tables.attempts_of(refund.id)
    live = next((each for each in tries if each.status is not AttemptStatus.FAILED), None)
    return RefundLine(
        refund=refund,
        amount_units=None if live is None else live.amount.units,
        rate=None if live is None else live.rate,
        tx_ids=tuple(txid for each in tries for txid in _tx_ids(tables, each)),
        confirmations=None if live is None or live.order_id else _confirmations(tables, live),
    )


def _tx_ids(tables: Tables, attempt: Attempt) -> tuple[str, ...]:
    """Our transfer, then what its order sent on the customer's chain."""
    order = tables.orders.get(attempt.order_id or "")
    settled = None if order is None else order.settle_txid
    return (attempt.transfer_id,) if settled is None else (attempt.transfer_id, settled)


def _confirmations(tables: Tables, attempt: Attempt) -> int:
    transfer = tables.transfers[attempt.transfer_id]
    if transfer.height is None:
        return 0
    wallet = tables.wallets.get(transfer.wallet)
    return max(0, (wallet.tip if wallet else 0) - transfer.height)
