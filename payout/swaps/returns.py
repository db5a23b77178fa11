"""
Returns: the spend journal learns that an order's deposit came back, which frees its refund to be paid anew.

Never on the database's word alone: the money is seen in our own wallet, or the refund needs new signatures.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from payout.audit.genuine import genuine_events
from payout.errors import WalletUnsafe
from payout.journal_order import order_id_of, read_order, return_body
from payout.order import OrderStatus
from payout.spend_journal import Entry
from payout.swaps.attestation import is_said_to_have_failed
from payout.swaps.evidence import come_back

if TYPE_CHECKING:
    from payout.money import Money
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
        WalletUnsafe: a row names another return than its funding was journaled with, or a word that nobody gave.
    """
    ended = wallet.store.unwatched_orders(LOOKED_AT_MAX)
    returned = [order for order in ended if order.status is OrderStatus.RETURNED and order.wallet == wallet.name]
    if not returned:
        return
    view = wallet.journal.view()
    for order in returned:
        if order.transfer_id is None or not view.has(Entry.COMMIT, order.transfer_id):
            continue
        # By the row alone first: the journal is long, and reading it whole for each order would outlast a tick.
        if view.has(Entry.RETURN, order.id) or not _is_over(wallet, order, order):
            continue
        agreed = _journaled(wallet, order)
        if _is_over(wallet, order, agreed):
            body = return_body(replace(order, revision=agreed.revision))
            wallet.journal.append(Entry.RETURN, order.id, wallet.now(), body)


def _journaled(wallet: Wallet, order: Order) -> Order:
    """
    The order as it was journaled with its funding: where it returns to, and how much that should be.

    Raises:
        WalletUnsafe: the row says otherwise.
    """
    for line in wallet.journal.lines():
        if line.entry is not Entry.COMMIT or line.txid != order.transfer_id:
            continue
        for facts in line.body["attempts"]:
            if order_id_of(facts) == order.id:
                agreed = read_order(line.txid, facts, void=False)
                if _return_of(agreed) == _return_of(order):
                    return agreed
    raise WalletUnsafe(
        f"order {order.id} is not in the spend journal as the database has it: somebody changed the row",
        "do not resume before you know who; compare `payout orders show` with the processor's own page",
    )


def _return_of(order: Order) -> tuple[str, int, Money | None]:
    return (order.return_address, order.return_index, order.deposit)


def _is_over(wallet: Wallet, order: Order, agreed: Order) -> bool:
    """It may be paid anew, by what the wallet shows, or by people's word and signatures that nobody has given yet."""
    if order.attested_by is not None:
        if wallet.history is None or not is_said_to_have_failed(wallet.store, wallet.history.key, order.id):
            raise WalletUnsafe(
                f"the row of order {order.id} says that it failed by the word of {order.attested_by}, and the audit "
                "trail does not: somebody changed the row",
                "do not resume before you know who; compare `payout orders show` with the processor's own page",
            )
        refund = wallet.store.refund(order.refund_id)
        return refund is not None and refund.revision > agreed.revision
    # Anybody may send us as much: only the follower knew that the processor had, and that the customer got nothing.
    key = wallet.history.key if wallet.history is not None else None
    if key is not None and not genuine_events(wallet.store, key, ("order.returned",), order_id=order.id):
        raise WalletUnsafe(
            f"the row of order {order.id} says that its deposit came back, and the audit trail does not: somebody "
            "changed the row",
            "do not resume before you know who; compare `payout orders show` with the processor's own page",
        )
    back = come_back(wallet.coin, agreed, wallet.rules.confirmations)
    if back is not None and back.whole:
        return True
    log.info("return.not_seen", extra={"order": order.id, "wallet": wallet.name})
    return False
