"""
Departure: the last look at a transfer before its bytes leave, against what no intruder in the database can write.

Rows can be edited. A transfer that was given up before it began has good bytes for as long as its inputs are unspent,
and its refunds may have been paid anew: only the spend journal and the seal say whether bytes may leave.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from payout.errors import WalletUnsafe
from payout.guard import REPAIR
from payout.spend_journal import Entry
from payout.transfer import TransferKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.refund import Attempt, Refund
    from payout.transfer import Payload, Transfer
    from payout.wallet import Wallet

_WHO = "do not resume before you know who; compare `payout transfers show` with the spend journal"

_PAYING = frozenset({TransferKind.PAYOUT, TransferKind.FUNDING})


def payload_of(wallet: Wallet, transfer: Transfer) -> Payload:
    """
    What is to be broadcast for this transfer: its own bytes, journaled and not VOID.

    Raises:
        WalletUnsafe: the row says otherwise than the journal or the seal; nothing may leave.
    """
    _check_alive(wallet, transfer)
    if not wallet.journal.view().has(Entry.COMMIT, transfer.id):
        raise WalletUnsafe(
            f"transfer {transfer.id} is to be broadcast, and the spend journal does not know it: was the journal "
            "file lost or replaced, or did somebody change the row?",
            f"put the journal file back, or {REPAIR}",
        )
    payload = wallet.sealer.unseal(transfer.sealed)
    # What was sealed before payloads named their transfer names none.
    if payload.txid not in {"", transfer.id}:
        raise WalletUnsafe(
            f"the sealed bytes of transfer {transfer.id} are those of {payload.txid}: somebody changed the row", _WHO
        )
    return payload


def check_unbegun(wallet: Wallet, transfer: Transfer, pairs: Sequence[tuple[Attempt, Refund]]) -> None:
    """
    A transfer that was found committed and not begun may be journaled: nothing else pays its refunds.

    Raises:
        WalletUnsafe: it was given up, or planted; nothing may be journaled or leave.
    """
    _check_alive(wallet, transfer)
    if transfer.kind in _PAYING and not pairs:
        raise WalletUnsafe(f"transfer {transfer.id} pays no refund on record: somebody planted it", _WHO)
    views = wallet.journal_views()
    for _, refund in pairs:
        others = {txid for view in views for txid in view.live_transfers(refund.id)} - {transfer.id}
        if others:
            raise WalletUnsafe(
                f"transfer {transfer.id} never began, and the spend journal says that {min(others)} pays refund "
                f"{refund.external_id}: was an old backup restored, or did somebody change the row?",
                REPAIR,
            )


def _check_alive(wallet: Wallet, transfer: Transfer) -> None:
    if wallet.journal.view().has(Entry.VOID, transfer.id):
        raise WalletUnsafe(
            f"the spend journal says that transfer {transfer.id} is VOID, and the database has it {transfer.status}: "
            "was an old backup restored, or did somebody change the row?",
            REPAIR,
        )
