"""
Giving up a transfer: make it impossible first, and only then free its refunds.

A transfer that never began is voided by a compare-and-swap alone. One that may have left is given up only by spending
its first key image in a committed, journaled transfer to ourselves; the tracker voids it when that one is final.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from payout.change import Change
from payout.commitment import commit_own
from payout.delivery import deliver
from payout.errors import (
    FundsShort,
    KeyImageTaken,
    LimitReached,
    RailUnavailable,
    RateError,
    StaleWrite,
    TransferRefused,
    WalletUnsafe,
)
from payout.footing import where
from payout.money import Money, usd_cents_up
from payout.outcome import voided
from payout.spend_journal import Entry
from payout.transfer import KeyImage, Place, Transfer, TransferKind, TransferStatus

if TYPE_CHECKING:
    from payout.change import Lease
    from payout.transfer import Prepared
    from payout.wallet import Wallet

log = logging.getLogger(__name__)


def give_up_requested(wallet: Wallet, lease: Lease) -> None:
    """Act on every request to give up one of this wallet's transfers, as far as can be done now."""
    for transfer in wallet.store.open_transfers(wallet.name):
        if transfer.give_up_by is not None:
            _give_up(wallet, transfer, lease)


def _give_up(wallet: Wallet, transfer: Transfer, lease: Lease) -> None:
    # A journaled transfer counts as begun: its row may be a restored one.
    journaled = wallet.journal.view().has(Entry.COMMIT, transfer.id)
    if not transfer.begun and not journaled:
        why = f"{transfer.give_up_by} gave it up before its broadcast: {transfer.give_up_why}"
        wallet.store.commit(voided(wallet, transfer, why, lease))
        # Its bytes are good, and were never journaled: whoever can write to the database could set it OPEN again.
        wallet.journal.append(Entry.VOID, transfer.id, wallet.now(), {})
        return
    if not transfer.begun:
        transfer = transfer.begin(wallet.now())
        words = "the spend journal has it, so it may have left"
        event = wallet.event("transfer.begun", words, transfer_id=transfer.id)
        wallet.store.commit(Change(transfers=(transfer,), events=(event,), lease=lease))
    if _replacement(wallet, transfer) is None:
        _replace(wallet, transfer, lease)


def _replacement(wallet: Wallet, transfer: Transfer) -> Transfer | None:
    """The live give-up of this transfer."""
    return next(
        (
            other
            for other in wallet.store.spending(transfer.key_images[:1])
            if other.replaces == transfer.id and other.status is not TransferStatus.VOID
        ),
        None,
    )


def _replace(wallet: Wallet, transfer: Transfer, lease: Lease) -> None:
    sighting = wallet.coin.look([transfer])[transfer.id]
    if sighting.place is Place.MINED:
        _withdraw(wallet, transfer, f"it is {where(sighting)}", lease)
        return
    if sighting.place is Place.POOL or sighting.key_images[0] is not KeyImage.FREE:
        return  # Its own bytes, or a rival, hold the input now: look again at the next tick.
    first = transfer.key_images[0]
    wallet.coin.rescan()
    try:
        prepared = wallet.coin.prepare_give_up(first)
        _check_fee(wallet, prepared)
    except (RateError, LimitReached, TransferRefused, FundsShort, RailUnavailable) as error:
        _postpone(wallet, transfer, str(error))
        return
    if prepared.key_images != (first,):
        raise WalletUnsafe(
            f"the give-up of {transfer.id} would not spend its first input",
            "do not resume: the wallet does not do what it is told",
        )
    try:
        give_up = commit_own(wallet, lease, TransferKind.GIVE_UP, prepared, replaces=transfer.id)
    except (StaleWrite, KeyImageTaken) as error:
        log.info("give_up.discarded", extra={"transfer": transfer.id, "why": str(error)})
        return
    deliver(wallet, lease, give_up, [])


def _postpone(wallet: Wallet, transfer: Transfer, why: str) -> None:
    """Say why it cannot be done now: once, however many ticks that lasts."""
    said = wallet.store.events(transfer_id=transfer.id, limit=1)
    words = f"it cannot be given up yet: {why}"
    if not said or said[-1].words != words:
        event = wallet.event("transfer.give_up_postponed", words, transfer_id=transfer.id, alarm=True)
        wallet.store.commit(Change(events=(event,)))


def _check_fee(wallet: Wallet, prepared: Prepared) -> None:
    """
    The fee's cap holds for every transfer: the wallet would spend the whole output on it.

    Raises:
        LimitReached, RateError: not now.
    """
    rules = wallet.rules
    quote = wallet.pricing.quote(rules.asset.code, wallet.now())
    fee = usd_cents_up(Money(prepared.fee, rules.asset), quote.rate)
    if fee > rules.fee_max:
        raise LimitReached(f"it would cost {fee} USD, above fee_max_usd = {rules.fee_max}: it waits for a lower fee")


def _withdraw(wallet: Wallet, transfer: Transfer, why: str, lease: Lease) -> None:
    """The request has no object: the transfer paid."""
    after = transfer.to(TransferStatus.OPEN, give_up_by=None, give_up_why=None)
    words = f"it cannot be given up: {why}"
    event = wallet.event("transfer.give_up_refused", words, transfer_id=transfer.id, alarm=True)
    wallet.store.commit(Change(transfers=(after,), events=(event,), lease=lease))
