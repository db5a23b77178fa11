"""
Departure: the last look at a transfer before its bytes leave, against what no intruder in the database can write.

Rows can be edited. A transfer that was given up before it began has good bytes for as long as its inputs are unspent,
and its refunds may have been paid anew: only the spend journal and the seal say whether bytes may leave.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from payout.canonical import canonical_json
from payout.errors import WalletUnsafe
from payout.guard import REPAIR
from payout.spend_journal import Entry
from payout.transfer import TransferKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
    return _unsealed(wallet, transfer)


def digest_of_line(transfer: Transfer, pairs: Iterable[tuple[Attempt, Refund]]) -> str:
    """SHA-256, in hex, of all in a transfer's journal line that anything is concluded from."""
    paid = sorted(
        [refund.id, attempt.number, str(refund.owed), *refund.asset.key, attempt.destination, attempt.automatic,
         attempt.order_id, attempt.deposit_address]
        for attempt, refund in pairs
    )  # fmt: skip
    facts = [transfer.wallet, transfer.kind, transfer.committed_at.isoformat(), transfer.replaces, transfer.key_images,
             [[output.address, output.units, output.own] for output in transfer.outputs], paid]  # fmt: skip
    return hashlib.sha256(canonical_json(facts).encode()).hexdigest()


def check_unbegun(wallet: Wallet, transfer: Transfer, pairs: Sequence[tuple[Attempt, Refund]]) -> None:
    """
    A transfer that was found committed and not begun may be journaled: its rows say what was sealed, and no other
    transfer pays its refunds.

    Raises:
        WalletUnsafe: it was given up, changed or planted; nothing may be journaled or leave.
    """
    _check_alive(wallet, transfer)
    if transfer.kind in _PAYING and not pairs:
        raise WalletUnsafe(f"transfer {transfer.id} pays no refund on record: somebody planted it", _WHO)
    check_as_committed(wallet, transfer, pairs)
    check_alone(wallet, transfer, pairs)


def check_as_committed(
    wallet: Wallet, transfer: Transfer, pairs: Iterable[tuple[Attempt, Refund]], *, or_older: bool = False
) -> None:
    """
    Its rows say what was sealed with its bytes. `or_older`: or it was sealed before that was.

    Raises:
        WalletUnsafe: they do not; nothing that they say may be journaled.
    """
    sealed = _unsealed(wallet, transfer).line
    if sealed == "" and not or_older:
        raise WalletUnsafe(
            f"transfer {transfer.id} never began, and was committed before the upgrade: nothing says that its rows are "
            "as they were",
            f'give it up, which costs nothing: `payout transfers give-up {transfer.id} --why "..."`; then resume, and '
            "its refunds are paid anew",
        )
    if sealed not in {"", digest_of_line(transfer, pairs)}:
        raise WalletUnsafe(f"transfer {transfer.id} is not as it was committed: somebody changed its rows", _WHO)


def check_alone(wallet: Wallet, transfer: Transfer, pairs: Iterable[tuple[Attempt, Refund]]) -> None:
    """
    No other transfer pays its refunds. Asked once more when its line is on disk: of two workers that were let commit
    at the same time, by whoever can write to the database, each has written before it looks.

    Raises:
        WalletUnsafe: another does, by the journal of any wallet.
    """
    views = wallet.journal_views()
    if views[0].has(Entry.VOID, transfer.id):
        return  # It was given up meanwhile: its row lets nobody begin it.
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


def _unsealed(wallet: Wallet, transfer: Transfer) -> Payload:
    payload = wallet.sealer.unseal(transfer.sealed)
    # What was sealed before payloads named their transfer names none.
    if payload.txid not in {"", transfer.id}:
        raise WalletUnsafe(
            f"the sealed bytes of transfer {transfer.id} are those of {payload.txid}: somebody changed the row", _WHO
        )
    return payload
