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
from payout.transfer import TransferStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.approval import Approval
    from payout.quote import Quote
    from payout.refund import Refund
    from payout.wallet import Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetted:
    """The outcome for some refunds: payable items, notes for those that wait, faults for a person."""

    items: tuple[Item, ...]
    notes: tuple[Note, ...]
    faults: tuple[tuple[Refund, str], ...]


def vet(wallet: Wallet, refunds: Sequence[Refund], quote: Quote) -> Vetted:
    """Check signatures, limits, destination, journal and the day's cap. Writes nothing."""
    given: dict[str, list[Approval]] = {}
    for approval in wallet.store.approvals([refund.id for refund in refunds]):
        given.setdefault(approval.refund_id, []).append(approval)
    items: list[Item] = []
    faults: list[tuple[Refund, str]] = []
    views = wallet.journal_views()  # Once: each view locks its file and reads to its end.
    for refund in refunds:
        live = frozenset(txid for view in views for txid in view.live_transfers(refund.id))
        if _void_unwritten(wallet, live) or _ran_out(wallet, refund):
            continue
        fault = _fault(wallet, refund, given.get(refund.id, []), quote) or _journaled(live)
        if fault is None:
            alone = wallet.coin.alone(refund.destination)
            items.append(Item(refund=refund, amount=_amount(refund, quote), alone=alone))
        else:
            faults.append((refund, fault))
    fits, notes = _within_day(wallet, items)
    return Vetted(items=fits, notes=notes, faults=tuple(faults))


def _void_unwritten(wallet: Wallet, live: frozenset[str]) -> bool:
    """Its last transfer was begun and is VOID, and the journal has yet to say so: the tracker writes it."""
    rows = [wallet.store.transfer(txid) for txid in live]
    return any(row is not None and row.status is TransferStatus.VOID and row.begun for row in rows)


def _ran_out(wallet: Wallet, refund: Refund) -> bool:
    """Its approvals have expired: the desk takes it back to REQUESTED."""
    return refund.approved_until is not None and refund.approved_until <= wallet.now()


def _amount(refund: Refund, quote: Quote) -> Money:
    """Units at the quote, rounded down, and never above what the refund allows."""
    amount = units_for(refund.owed, quote.rate, refund.asset)
    return amount if refund.amount_max is None else min(amount, refund.amount_max)


def _fault(wallet: Wallet, refund: Refund, approvals: Sequence[Approval], quote: Quote) -> str | None:
    """What a person must see before this refund can be paid, or None. Only a signed row is reckoned with."""
    if refund.asset != wallet.rules.asset:
        return f"its row counts {refund.asset.code} with {refund.asset.decimals} decimals: find out who changed it"
    try:
        wallet.approver.check(refund, approvals, wallet.now())
        wallet.limits.check_refund(refund.owed)
    except (NotApproved, LimitReached) as error:
        return str(error)
    if _amount(refund, quote).units == 0:
        return f"{refund.owed} USD is less than the smallest unit of {refund.asset.code}"
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


def _within_day(wallet: Wallet, items: Sequence[Item]) -> tuple[tuple[Item, ...], tuple[Note, ...]]:
    """Those that the day's cap still allows, by the database and by the journals."""
    day = utc_day(wallet.now())
    journaled = sum(view.cents_on(day) for view in wallet.journal_views())
    used = max(wallet.store.cap_used(DAY_SCOPE, day), journaled)
    left = wallet.limits.left_today(used)
    fits: list[Item] = []
    notes: list[Note] = []
    for item in items:
        refund = item.refund
        if refund.owed <= left:
            left -= refund.owed
            fits.append(item)
            continue
        words = f"tomorrow (UTC), or a higher limits.day_max_usd: {left} USD of {wallet.limits.day_max} is left today"
        notes.append(Note(refund_id=refund.id, waiting_for=words, passed_over=refund.passed_over))
    return tuple(fits), tuple(notes)
