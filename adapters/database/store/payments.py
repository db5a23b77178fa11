"""
Payments: what a customer once paid, and that its refunds never sum above it.

A payment has one row, locked while a refund of it is put on record: two refunds taken at the same moment each see
the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from adapters.database.refund_rows import cents
from adapters.database.store.sql import add, among, pieces
from adapters.database.tables import payments, refunds
from payout.asset import USD
from payout.errors import BadInput, LimitReached
from payout.money import Money
from payout.refund import RefundStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from payout.change import PaymentCap
    from payout.refund import Refund

NOT_COUNTED = (RefundStatus.REJECTED, RefundStatus.CANCELED)

_WORTHS = sa.select(payments).where(among(payments.c.payment_tx)).order_by(payments.c.payment_tx).with_for_update()
_SUMS = (
    sa.select(refunds.c.payment_tx, sa.func.sum(refunds.c.owed_cents).label("owed"))
    .where(among(refunds.c.payment_tx), refunds.c.status.not_in([str(status) for status in NOT_COUNTED]))
    .group_by(refunds.c.payment_tx)
    .order_by(refunds.c.payment_tx)
)
_SET_WORTH = (
    sa.update(payments).where(payments.c.payment_tx == sa.bindparam("of")).values(paid_cents=sa.bindparam("worth"))
)


def agree_on_worth(conn: Connection, caps: Iterable[PaymentCap]) -> Mapping[str, int | None]:
    """
    What each payment was worth in cents, None where nobody has said it yet. Locks their rows.

    Raises:
        BadInput: the record, or another of these caps, says otherwise.
    """
    said = sorted(caps, key=lambda cap: cap.payment_tx)
    if not said:
        return {}
    recorded = _lock(conn, [cap.payment_tx for cap in said])
    news: dict[str, int] = {}
    for cap in said:
        if cap.paid is None:
            continue
        known, given = recorded[cap.payment_tx], cents("paid_usd", cap.paid)
        if known is not None and known != given:
            raise BadInput(
                "paid_usd",
                f"payment {cap.payment_tx} is on record with {Money(known, USD)} USD, not {cap.paid}",
                "give what is on record, or leave it out",
            )
        if known is None:
            recorded[cap.payment_tx] = news[cap.payment_tx] = given
    if news:
        conn.execute(_SET_WORTH, [{"of": tx, "worth": worth} for tx, worth in news.items()])
    return recorded


def check_sums(conn: Connection, worths: Mapping[str, int | None], new: Iterable[Refund]) -> None:
    """
    The refunds of each payment, those of this change included, fit into what it was worth.

    Raises:
        LimitReached: names the payment, its worth, what is refunded already and what is left.
    """
    capped = {tx: worth for tx, worth in worths.items() if worth is not None}
    asked = dict.fromkeys(capped, 0)
    for refund in new:
        if refund.payment_tx in asked and refund.status not in NOT_COUNTED:
            asked[refund.payment_tx] += refund.owed.units
    for piece in pieces(capped):
        for row in conn.execute(_SUMS, {"among": piece}):
            payment_tx, owed = row.payment_tx, int(row.owed)
            worth, before = capped[payment_tx], owed - asked[payment_tx]
            if owed > worth:
                raise LimitReached(
                    f"payment {payment_tx} was worth {Money(worth, USD)} USD: {Money(before, USD)} are "
                    f"refunded already, {Money(max(0, worth - before), USD)} are left, "
                    f"{Money(asked[payment_tx], USD)} were asked; refund less"
                )


def _lock(conn: Connection, payment_txs: list[str]) -> dict[str, int | None]:
    recorded: dict[str, int | None] = {}
    for piece in pieces(payment_txs):
        conn.execute(add(conn, payments), [{"payment_tx": tx} for tx in piece])
        rows = conn.execute(_WORTHS, {"among": piece})
        recorded.update({row.payment_tx: row.paid_cents for row in rows})
    return recorded
