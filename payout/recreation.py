"""
Recreation: the rows of one journaled transfer, for a database that forgot them.

A transfer counts as begun, and an order as funded, until chains say more: what is recreated can only keep money from
being sent again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from payout.change import Change
from payout.event import Event
from payout.journal_body import read_attempt, read_refund, read_transfer
from payout.journal_order import order_id_of, read_order
from payout.order import LIVE, OrderStatus
from payout.refund import AttemptStatus, Refund, RefundStatus
from payout.spend_journal import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from payout.change import Lease
    from payout.order import Order
    from payout.spend_journal import Line
    from payout.wallet import Wallet


def recreation(wallet: Wallet, line: Line, who: str, lease: Lease, returns: Mapping[str, Line]) -> Change:
    """The rows of one commit line. `returns`: the lines of deposits that came back, by order."""
    facts: Sequence[dict[str, Any]] = line.body["attempts"]
    void = wallet.journal.view().has(Entry.VOID, line.txid)
    over = [void or order_id_of(each) in returns for each in facts]
    refunds = [
        _refund_now(each, wallet.store.refund(each["refund_id"]), over=ended)
        for each, ended in zip(facts, over, strict=True)
    ]
    orders = _orders_now(wallet, line, returns, void=void)
    return Change(
        refunds=tuple(refund for refund in refunds if refund is not None),
        attempts=tuple(read_attempt(line.txid, each, void=ended) for each, ended in zip(facts, over, strict=True)),
        orders=(*orders, *_crowded_out(wallet, orders)),
        transfers=(read_transfer(line.txid, line.body, void=void),),
        events=(
            _event(wallet, "transfer.recreated", line, who),
            *(_event(wallet, "refund.recreated", line, who, each) for each in facts),
        ),
        lease=lease,
    )


def returned_since(wallet: Wallet, line: Line, lease: Lease) -> Change | None:
    """An order that the old database has as funded, and whose deposit came back since. None: it is not so."""
    order = wallet.store.order(line.txid)
    if order is None or order.id != line.txid or order.status is not OrderStatus.FUNDED:
        return None
    now = wallet.now()
    units = int(line.body["units"])
    ended = order.to(
        OrderStatus.RETURNED, return_txid=line.body["return_txid"], returned_units=units, trouble=None, ended_at=now
    )
    tries = [each for each in wallet.store.attempts([order.refund_id]) if each.order_id == order.id]
    live = [each for each in tries if each.status is AttemptStatus.OPEN]
    refund = wallet.store.refund(order.refund_id)
    free = refund is not None and refund.status is RefundStatus.PAYING and live
    words = f"the spend journal says, at line {line.seq}, that its deposit came back"
    return Change(
        orders=(ended,),
        attempts=tuple(replace(each, status=AttemptStatus.FAILED, closed_at=now) for each in live),
        refunds=(refund.fail_attempt(),) if refund is not None and free else (),
        events=(wallet.event("order.returned", words, refund_id=order.refund_id, order_id=order.id),),
        lease=lease,
    )


def _refund_now(facts: dict[str, Any], row: Refund | None, *, over: bool) -> Refund | None:
    """The refund that a line paid, as it must stand: PAYING, or free where that is over. None: as it is."""
    number = int(facts["number"])
    if row is None:
        refund = read_refund(facts, RefundStatus.REQUESTED if over else RefundStatus.PAYING)
        return replace(refund, approved_at=None, approved_until=None) if over else refund
    attempts = max(row.attempts, number)
    if not over:
        lost = read_refund(facts, RefundStatus.PAYING)
        return row.to(
            RefundStatus.PAYING,
            attempts=attempts,
            hold_reason=row.hold_reason,
            approved_at=row.approved_at or lost.approved_at,
            approved_until=row.approved_until or lost.approved_until,
        )
    return None if attempts == row.attempts else replace(row, attempts=attempts, version=row.version + 1)


def _orders_now(wallet: Wallet, line: Line, returns: Mapping[str, Line], *, void: bool) -> tuple[Order, ...]:
    """The orders that a line funded. What the database made under the same id since was never funded, and gives way."""
    found = []
    for facts in line.body["attempts"]:
        if "order" not in facts:
            continue
        lost = read_order(line.txid, facts, void=void, back=returns.get(order_id_of(facts) or ""))
        row = wallet.store.order(lost.id)
        found.append(lost if row is None else replace(lost, version=row.version + 1))
    return tuple(found)


def _crowded_out(wallet: Wallet, orders: Iterable[Order]) -> tuple[Order, ...]:
    """Other orders of their refunds that the database has as live and nobody funded: a refund has one live order."""
    alive = {order.refund_id: order.id for order in orders if order.status in LIVE}
    others = wallet.store.orders_of(list(alive)) if alive else ()
    return tuple(
        other.to(OrderStatus.DROPPED, ended_at=wallet.now())
        for other in others
        if other.status in LIVE and other.status is not OrderStatus.FUNDED and other.id != alive[other.refund_id]
    )


def _event(wallet: Wallet, kind: str, line: Line, who: str, facts: dict[str, Any] | None = None) -> Event:
    return Event(
        at=wallet.now(),
        kind=kind,
        words=f"recreated from line {line.seq} of the spend journal by {who}",
        who=who,
        refund_id=facts["refund_id"] if facts else None,
        transfer_id=line.txid,
        order_id=order_id_of(facts) if facts else None,
        wallet=wallet.name,
    )
