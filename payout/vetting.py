"""
Vetting: may this refund be paid now, and how much is that? Asked of the row as it stands, before every commit.

What time will mend is a note; what needs a person is a fault.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.batch import Item
from payout.change import Note
from payout.errors import LimitReached, NotApproved
from payout.limits import DAY_SCOPE, utc_day
from payout.money import Money, units_for
from payout.order import OrderStatus
from payout.transfer import TransferStatus

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payout.approval import Approval
    from payout.asset import Asset
    from payout.quote import Quote
    from payout.refund import Refund
    from payout.swaps.rules import ProcessorRules
    from payout.wallet import Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetted:
    """The outcome for some refunds: payable items, notes for those that wait, faults for a person."""

    items: tuple[Item, ...]
    notes: tuple[Note, ...]
    faults: tuple[tuple[Refund, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The same before anything is priced: refunds that may be paid."""

    refunds: tuple[Refund, ...]
    notes: tuple[Note, ...]
    faults: tuple[tuple[Refund, str], ...]


def vet(wallet: Wallet, refunds: Sequence[Refund], quote: Quote) -> Vetted:
    """Check refunds that this wallet pays itself, and price them. Writes nothing."""
    coin = wallet.rules.asset
    sound, faults = _sound(wallet, refunds, {coin.key: coin})
    amounts = {refund.id: amount_of(refund, quote) for refund in sound}
    faults += [(refund, too_small(refund)) for refund in sound if amounts[refund.id].units == 0]
    fits, notes = _within_day(wallet, [refund for refund in sound if amounts[refund.id].units > 0])
    items = tuple(
        Item(refund=refund, amount=amounts[refund.id], alone=wallet.coin.alone(refund.destination)) for refund in fits
    )
    return Vetted(items=items, notes=notes, faults=tuple(faults))


def check_refunds(wallet: Wallet, refunds: Sequence[Refund], assets: Mapping[tuple[str, str], Asset]) -> Checked:
    """
    Check signatures, limits, destinations, journals and the day's cap. Writes nothing.

    `assets`, by (code, network): what the refunds may be owed in, as configured. Refunds that other parts have yet
    to move (approvals that ran out, a VOID or a return that the journal lacks) are in none of the outcomes.
    """
    sound, faults = _sound(wallet, refunds, assets)
    fits, notes = _within_day(wallet, sound)
    return Checked(refunds=fits, notes=notes, faults=tuple(faults))


def used_at(wallet: Wallet, processor: ProcessorRules, day: str) -> int:
    """US cents of its cap that are used up on a UTC day, by the database or by the journals: whichever says more."""
    journaled = sum(view.cents_at(processor.name, day) for view in wallet.journal_views())
    return max(wallet.store.cap_used(processor.scope, day), journaled)


def amount_of(refund: Refund, quote: Quote) -> Money:
    """Units at the quote, rounded down, and never above what the refund allows."""
    amount = units_for(refund.owed, quote.rate, refund.asset)
    return amount if refund.amount_max is None else min(amount, refund.amount_max)


def too_small(refund: Refund) -> str:
    """The fault of a refund that is worth no unit."""
    return f"{refund.owed} USD is less than the smallest unit of {refund.asset.code}"


def _sound(
    wallet: Wallet, refunds: Sequence[Refund], assets: Mapping[tuple[str, str], Asset]
) -> tuple[list[Refund], list[tuple[Refund, str]]]:
    given: dict[str, list[Approval]] = {}
    for approval in wallet.store.approvals([refund.id for refund in refunds]):
        given.setdefault(approval.refund_id, []).append(approval)
    sound: list[Refund] = []
    faults: list[tuple[Refund, str]] = []
    views = wallet.journal_views()  # Once: each view locks its file and reads to its end.
    for refund in refunds:
        live = frozenset(txid for view in views for txid in view.live_transfers(refund.id))
        if _end_unwritten(wallet, refund, live) or _ran_out(wallet, refund):
            continue
        needed = max(view.revision_needed(refund.id) for view in views)
        fault = (
            _fault(wallet, refund, given.get(refund.id, []), assets) or _journaled(live) or _outlived(refund, needed)
        )
        if fault is None:
            sound.append(refund)
        else:
            faults.append((refund, fault))
    return sound, faults


def _end_unwritten(wallet: Wallet, refund: Refund, live: frozenset[str]) -> bool:
    """What paid it was begun and came to nothing, and the journal has yet to say so: the track tick writes it."""
    rows = [wallet.store.transfer(txid) for txid in live]
    if any(row is not None and row.status is TransferStatus.VOID and row.begun for row in rows):
        return True
    orders = wallet.store.orders_of([refund.id]) if live else ()
    return any(order.status is OrderStatus.RETURNED and order.transfer_id in live for order in orders)


def _ran_out(wallet: Wallet, refund: Refund) -> bool:
    """Its approvals have expired: the desk takes it back to REQUESTED."""
    return refund.approved_until is not None and refund.approved_until <= wallet.now()


def _fault(
    wallet: Wallet, refund: Refund, approvals: Sequence[Approval], assets: Mapping[tuple[str, str], Asset]
) -> str | None:
    """What a person must see before this refund can be paid, or None. Only a signed row is reckoned with."""
    if refund.asset != assets.get(refund.asset.key):
        return f"its row counts {refund.asset.code} with {refund.asset.decimals} decimals: find out who changed it"
    try:
        wallet.approver.check(refund, approvals, wallet.now())
        wallet.limits.check_refund(refund.owed)
    except (NotApproved, LimitReached) as error:
        return str(error)
    if wallet.coin.owns(refund.destination):
        return "its destination is an address of our own wallet: amend it"
    return None


def _journaled(live: frozenset[str]) -> str | None:
    """The journal has a transfer for it that is not VOID: nothing else may pay it."""
    if not live:
        return None
    return (
        f"the spend journal says that transfer {min(live)} already pays it, and the database "
        "does not: run `payout reconcile --repair`"
    )


def _outlived(refund: Refund, needed: int) -> str | None:
    """People said that its swap failed, and it is to be signed anew: the old signatures pay nothing any more."""
    if refund.revision >= needed:
        return None
    return (
        f"people said that its swap failed, and the spend journal asks for revision {needed}: "
        "amend the refund, so that it is approved anew"
    )


def _within_day(wallet: Wallet, refunds: Sequence[Refund]) -> tuple[tuple[Refund, ...], tuple[Note, ...]]:
    """Those that the day's cap still allows, by the database and by the journals."""
    day = utc_day(wallet.now())
    journaled = sum(view.cents_on(day) for view in wallet.journal_views())
    used = max(wallet.store.cap_used(DAY_SCOPE, day), journaled)
    left = wallet.limits.left_today(used)
    fits: list[Refund] = []
    notes: list[Note] = []
    for refund in refunds:
        if refund.owed <= left:
            left -= refund.owed
            fits.append(refund)
            continue
        words = f"tomorrow (UTC), or a higher limits.day_max_usd: {left} USD of {wallet.limits.day_max} is left today"
        notes.append(Note(refund_id=refund.id, waiting_for=words, passed_over=refund.passed_over))
    return tuple(fits), tuple(notes)
