"""
Returns: the spend journal learns that an order's deposit came back, which frees its refund to be paid anew.

Never on the database's word alone: the money is seen in our own wallet, or the refund needs new signatures.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from payout.evidence import come_back
from payout.journal_order import return_body
from payout.order import OrderStatus
from payout.spend_journal import Entry

if TYPE_CHECKING:
    from payout.order import Order
    from payout.wallet import Wallet

log = logging.getLogger(__name__)

LOOKED_AT_MAX = 1000
"""Ended orders that one tick considers, oldest first."""


def journal_returns(wallet: Wallet) -> None:
    """
    Write a line for each RETURNED order of this wallet that has none. Under the lease, on the journal's host.

    Raises:
        JournalBroken: a line could not be written.
    """
    ended = wallet.store.unwatched_orders(LOOKED_AT_MAX)
    returned = [order for order in ended if order.status is OrderStatus.RETURNED and order.wallet == wallet.name]
    if not returned:
        return
    view = wallet.journal.view()
    for order in returned:
        if order.transfer_id is None or not view.has(Entry.COMMIT, order.transfer_id):
            continue
        if not view.has(Entry.RETURN, order.id) and _is_over(wallet, order):
            wallet.journal.append(Entry.RETURN, order.id, wallet.now(), return_body(order))


def _is_over(wallet: Wallet, order: Order) -> bool:
    """It may be paid anew, by what the wallet shows or by signatures that nobody has given yet."""
    if order.attested_by is not None:
        refund = wallet.store.refund(order.refund_id)
        return refund is not None and refund.revision > order.revision
    back = come_back(wallet.coin, order, wallet.rules.confirmations)
    if back is not None and back.whole:
        return True
    log.info("return.not_seen", extra={"order": order.id, "wallet": wallet.name})
    return False
