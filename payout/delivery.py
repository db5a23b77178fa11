"""
Delivery: a committed transfer is journaled, begun, broadcast, looked at and proved, in this order.

Nothing leaves before its journal line is on disk and its row says "begun". Every step may be repeated by any worker
at any time, so a crash between two of them is finished by whoever comes next. A funding is begun only while every
order that it pays has time left; once begun it goes on like any other.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from payout.change import Change
from payout.departure import check_alone, check_unbegun, payload_of
from payout.errors import RailUnavailable, WalletUnsafe
from payout.event import SYSTEM
from payout.footing import orders_of, pairs_of, where
from payout.guard import REPAIR, missing_transfers
from payout.journal_body import commit_body
from payout.outcome import voided
from payout.spend_journal import Entry
from payout.swaps.deposit import expired
from payout.transfer import Place, TransferKind, TransferStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.change import Lease
    from payout.event import Event
    from payout.refund import Attempt, Refund
    from payout.transfer import Transfer
    from payout.wallet import Wallet

log = logging.getLogger(__name__)

PROOFS_MAX = 60
"""Missing proofs that one tick makes up for."""


def deliver(wallet: Wallet, lease: Lease, transfer: Transfer, pairs: Sequence[tuple[Attempt, Refund]]) -> None:
    """
    Take a committed transfer to the network; a funding that is too late is given up unsent.

    Raises:
        JournalBroken: it could not be journaled, and was not broadcast.
        WalletUnsafe: another transfer pays the same refunds; it was not broadcast.
        StaleWrite, LeaseLost: another worker has it; it was not broadcast here.
    """
    # A line that was there before us may mean more than the row knows: the row may come from an old backup.
    doubtful = transfer.kind is TransferKind.FUNDING and wallet.journal.view().has(Entry.COMMIT, transfer.id)
    if _stop_late(wallet, lease, transfer, doubtful=doubtful):
        return
    is_ours = journal(wallet, transfer, pairs)
    if not transfer.begun:
        check_alone(wallet, transfer, pairs)
    if _stop_late(wallet, lease, transfer, doubtful=not is_ours):  # Once more: the disk may have taken its time.
        return
    begun = transfer if transfer.begun else _begin(wallet, lease, transfer)
    wallet.coin.relay(payload_of(wallet, begun))
    try:
        _confirm(wallet, lease, begun, [attempt for attempt, _ in pairs])
        wallet.coin.save()
    except RailUnavailable as error:
        # It is committed and may be out: the tracker looks again until evidence closes it.
        log.debug("transfer %s: not looked at after its broadcast: %s", begun.id, error)


def journal(wallet: Wallet, transfer: Transfer, pairs: Sequence[tuple[Attempt, Refund]]) -> bool:
    """Write the transfer's line; False: it is there, and another worker may have gone on from it."""
    body = commit_body(transfer, pairs, orders_of(wallet, transfer))
    return wallet.journal.append(Entry.COMMIT, transfer.id, transfer.committed_at, body)


def finish(wallet: Wallet, lease: Lease) -> None:
    """
    Deliver what was committed and not begun: its worker died, or never learned that it had committed.

    Raises:
        WalletUnsafe: the database is an old one or was edited: the journal knows another transfer for the same
            refunds.
    """
    for transfer in wallet.store.open_transfers(wallet.name):
        if transfer.begun or transfer.give_up_by is not None:
            continue
        if missing_transfers(wallet):
            why = f"transfer {transfer.id} never began, and the spend journal went on without the database"
            raise WalletUnsafe(why, REPAIR)
        if wallet.journal.view().has(Entry.VOID, transfer.id):
            _void_again(wallet, lease, transfer)
            continue
        pairs = pairs_of(wallet, transfer)
        check_unbegun(wallet, transfer, pairs)
        # The row may come from an old backup. What is mined must not be relayed: it corrupts the wallet.
        if wallet.coin.look([transfer])[transfer.id].place is Place.MINED:
            journal(wallet, transfer, pairs)
            _begin(wallet, lease, transfer)
        else:
            deliver(wallet, lease, transfer, pairs)


def _void_again(wallet: Wallet, lease: Lease, transfer: Transfer) -> None:
    """It was given up before it began, and its refunds may have been paid since. Its row is an old one, or edited."""
    why = "the spend journal says that it was given up: an old backup was restored, or somebody changed the row"
    event = wallet.event("transfer.revived", f"not sent: {why}", transfer_id=transfer.id, alarm=True)
    wallet.store.commit(voided(wallet, transfer, why, lease, onto=Change(events=(event,), lease=lease)))


def _stop_late(wallet: Wallet, lease: Lease, transfer: Transfer, *, doubtful: bool) -> bool:
    """
    Give up a funding that is not begun and has an order that it is too late to fund. True: it may not be sent.

    `doubtful`: it may have been begun after all, so that only spending its input makes it impossible.
    """
    if transfer.begun or transfer.kind is not TransferKind.FUNDING:
        return False
    late = expired(orders_of(wallet, transfer), wallet.now())
    if not late:
        return False
    why = f"order {late[0].id} expires at {late[0].expires_at}, and its deposit was not on its way in time"
    if doubtful:
        _ask_to_give_up(wallet, lease, transfer, why)
        return True
    wallet.store.commit(voided(wallet, transfer, why, lease))
    # Also where it has no line yet: its bytes are good, and whoever can write to the database could set it OPEN again.
    wallet.journal.append(Entry.VOID, transfer.id, wallet.now(), {})
    return True


def _ask_to_give_up(wallet: Wallet, lease: Lease, transfer: Transfer, why: str) -> None:
    asked = transfer.to(transfer.status, begun_at=wallet.now(), give_up_by=SYSTEM, give_up_why=why)
    event = wallet.event("transfer.give_up_requested", why, transfer_id=transfer.id, alarm=True)
    wallet.store.commit(Change(transfers=(asked,), events=(event,), lease=lease))


def _begin(wallet: Wallet, lease: Lease, transfer: Transfer) -> Transfer:
    begun = transfer.begin(wallet.now())
    words = f"broadcast of {transfer.kind} begun: {len(transfer.outputs)} outputs"
    event = wallet.event("transfer.begun", words, transfer_id=transfer.id)
    wallet.store.commit(Change(transfers=(begun,), events=(event,), lease=lease))
    return begun


def _confirm(wallet: Wallet, lease: Lease, transfer: Transfer, attempts: Sequence[Attempt]) -> None:
    sighting = wallet.coin.look([transfer])[transfer.id]
    if sighting.place is Place.UNSEEN:
        return
    seen = transfer.see(sighting, wallet.now())
    event = wallet.event("transfer.seen", where(sighting), transfer_id=transfer.id)
    proved = _prove(wallet, attempts)
    wallet.store.commit(Change(transfers=(seen,), attempts=proved, events=(event,), lease=lease))


def prove_missing(wallet: Wallet, lease: Lease) -> None:
    """Make up for proofs that could not be had at send time."""
    lacking = wallet.store.unproven(wallet.name, PROOFS_MAX)
    seen = [attempt for attempt in lacking if _is_out(wallet, attempt)]
    proved = _prove(wallet, seen)
    if proved:
        events = tuple(_proved(wallet, attempt) for attempt in proved)
        wallet.store.commit(Change(attempts=proved, events=events, lease=lease))


def _proved(wallet: Wallet, attempt: Attempt) -> Event:
    words = f"a proof of attempt {attempt.number} was saved"
    return wallet.event("attempt.proved", words, refund_id=attempt.refund_id, transfer_id=attempt.transfer_id)


def _is_out(wallet: Wallet, attempt: Attempt) -> bool:
    transfer = wallet.store.transfer(attempt.transfer_id)
    # An order stays open long after its funding is FINAL: what could not be had until then, the wallet has forgotten.
    return transfer is not None and transfer.status is TransferStatus.OPEN and transfer.place is not Place.UNSEEN


def _prove(wallet: Wallet, attempts: Sequence[Attempt]) -> tuple[Attempt, ...]:
    """The attempts with their proofs, as far as the wallet gives them."""
    proved = []
    for attempt in attempts:
        try:
            proof = wallet.coin.prove(attempt.transfer_id, attempt.paid_to, attempt.refund_id)
        except RailUnavailable as error:
            log.debug("attempt %s: no proof yet: %s", attempt.id, error)
            continue
        proved.append(replace(attempt, proof=proof))
    return tuple(proved)
