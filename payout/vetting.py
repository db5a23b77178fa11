"""
Vetting: may this refund be paid now, and how much is that? Asked of the row as it stands, before every commit.

What time will mend is a note; what needs a person is a fault, and a forged signature is a fault with an alarm of its
own.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from payout.batch import Item
from payout.change import Note
from payout.errors import ForgedApproval, LimitReached, NotApproved, OutdatedApproval
from payout.money import Money, units_for
from payout.order import OrderStatus
from payout.transfer import TransferStatus
from payout.withdrawals import read_history, taken_back

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from payout.approval import Approval, Approved
    from payout.asset import Asset
    from payout.caps import CapBook, Ceiling
    from payout.event import Event
    from payout.quote import Quote
    from payout.refund import Refund
    from payout.spend_journal import JournalView
    from payout.swaps.rules import ProcessorRules
    from payout.wallet import Wallet


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """
    Why a refund needs a person. `forged`: somebody who can write to the database was there. `outdated`: the rules have
    changed since people approved it, and all that it needs is to be approved again.
    """

    refund: Refund
    words: str
    forged: bool = False
    outdated: bool = False

    @property
    def stopped(self) -> Refund:
        """What becomes of the refund."""
        return self.refund.unapprove() if self.outdated else self.refund.hold(self.words)

    def events(self, wallet: Wallet) -> tuple[Event, ...]:
        """What is said of it."""
        kinds = [
            *(["approval.invalid"] if self.forged else []),
            "approval.outdated" if self.outdated else "refund.held",
        ]
        return tuple(wallet.event(kind, self.words, refund_id=self.refund.id, alarm=True) for kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vetted:
    """The outcome for some refunds: payable items, notes for those that wait, faults for a person."""

    items: tuple[Item, ...]
    notes: tuple[Note, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The same before anything is priced: refunds that may be paid."""

    refunds: tuple[Refund, ...]
    notes: tuple[Note, ...]
    faults: tuple[Fault, ...]
    approved: Mapping[str, Approved]
    """What the signatures of each add up to, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sound:
    """A refund that is approved, and by whom."""

    refund: Refund
    approved: Approved


def vet(wallet: Wallet, refunds: Sequence[Refund], quote: Quote) -> Vetted:
    """Check refunds that this wallet pays itself, and price them. Writes nothing."""
    wallet, coin = wallet.at_present(), wallet.rules.asset
    sound, faults = _sound(wallet, refunds, {coin.key: coin})
    amounts = {each.refund.id: amount_of(each.refund, quote) for each in sound}
    faults += [
        Fault(refund=each.refund, words=too_small(each.refund)) for each in sound if amounts[each.refund.id].units == 0
    ]
    fits, notes = _within_caps(wallet, [each for each in sound if amounts[each.refund.id].units > 0])
    items = tuple(
        Item(
            refund=each.refund,
            amount=amounts[each.refund.id],
            alone=wallet.coin.alone(each.refund.destination),
            approved=each.approved,
        )
        for each in fits
    )
    return Vetted(items=items, notes=notes, faults=tuple(faults))


def check_refunds(wallet: Wallet, refunds: Sequence[Refund], assets: Mapping[tuple[str, str], Asset]) -> Checked:
    """
    Check signatures, limits, destinations, journals and caps. Writes nothing.

    `assets`, by (code, network): what the refunds may be owed in, as configured. Refunds that other parts have yet
    to move (approvals that ran out, a VOID or a return that the journal lacks) are in none of the outcomes.
    """
    wallet = wallet.at_present()
    sound, faults = _sound(wallet, refunds, assets)
    fits, notes = _within_caps(wallet, sound)
    return Checked(
        refunds=tuple(each.refund for each in fits),
        notes=notes,
        faults=tuple(faults),
        approved={each.refund.id: each.approved for each in fits},
    )


def used_at(wallet: Wallet, processor: ProcessorRules, day: str) -> int:
    """US cents of its cap that are used up on a UTC day, by the database or by the journals: whichever says more."""
    return _used(wallet, wallet.journal_views(), processor.scope, day)


def amount_of(refund: Refund, quote: Quote) -> Money:
    """Units at the quote, rounded down, and never above what the refund allows."""
    amount = units_for(refund.owed, quote.rate, refund.asset)
    return amount if refund.amount_max is None else min(amount, refund.amount_max)


def too_small(refund: Refund) -> str:
    """The fault of a refund that is worth no unit."""
    return f"{refund.owed} USD is less than the smallest unit of {refund.asset.code}"


def _sound(
    wallet: Wallet, refunds: Sequence[Refund], assets: Mapping[tuple[str, str], Asset]
) -> tuple[list[_Sound], list[Fault]]:
    given: dict[str, list[Approval]] = {}
    for approval in wallet.store.approvals([refund.id for refund in refunds]):
        given.setdefault(approval.refund_id, []).append(approval)
    sound: list[_Sound] = []
    faults: list[Fault] = []
    read_history(wallet)  # After the rows were read: who released one of them has said so by now.
    views = wallet.journal_views()  # Once: each view locks its file and reads to its end.
    own = views[0]  # Each wallet reads the chain itself; a neighbour's worker may stand still.
    for refund in refunds:
        live = frozenset(txid for view in views for txid in view.live_transfers(refund.id))
        if _end_unwritten(wallet, refund, live) or _ran_out(wallet, refund):
            continue
        needed = max(view.revision_needed(refund.id) for view in views)
        found = _approved(wallet, refund, given.get(refund.id, []), assets)
        approved = None if isinstance(found, Fault) else found
        why = _journaled(live) or _outlived(refund, needed) or taken_back(own, refund, approved)
        if isinstance(found, Fault):
            faults.append(replace(found, outdated=found.outdated and why is None))
        elif why is not None:
            faults.append(Fault(refund=refund, words=why))
        else:
            sound.append(_Sound(refund=refund, approved=found))
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


def _approved(
    wallet: Wallet, refund: Refund, approvals: Sequence[Approval], assets: Mapping[tuple[str, str], Asset]
) -> Approved | Fault:
    """By whom it is approved, or what a person must see before it can be paid. Only a signed row is reckoned with."""
    if refund.asset != assets.get(refund.asset.key):
        words = f"its row counts {refund.asset.code} with {refund.asset.decimals} decimals: find out who changed it"
        return Fault(refund=refund, words=words, forged=refund.asset.key in assets)
    try:
        found = wallet.approver.check(refund, approvals, wallet.now())
        wallet.limits.check_refund(refund.owed, wallet.approver.rules().caps)
    except (NotApproved, LimitReached) as error:
        return Fault(
            refund=refund,
            words=str(error),
            forged=isinstance(error, ForgedApproval),
            outdated=isinstance(error, OutdatedApproval),
        )
    if wallet.coin.owns(refund.destination):
        return Fault(refund=refund, words="its destination is an address of our own wallet: amend it, and release it")
    return found


def _journaled(live: frozenset[str]) -> str | None:
    """The journal has a transfer for it that is not VOID: nothing else may pay it."""
    if not live:
        return None
    return (
        f"the spend journal says that transfer {min(live)} already pays it, and the database "
        "does not: run `payout reconcile --repair`"
    )


def _outlived(refund: Refund, needed: int) -> str | None:
    """It was amended since, or people said that its swap failed: what was signed before pays nothing any more."""
    if refund.revision >= needed:
        return None
    return (
        f"it is at revision {refund.revision}, and the spend journal asks for {needed}: was an old backup restored, or "
        "did somebody change the row? Amend the refund and release it, so that it is approved anew"
    )


def _within_caps(wallet: Wallet, sound: Sequence[_Sound]) -> tuple[tuple[_Sound, ...], tuple[Note, ...]]:
    """Those that may be paid now, by the cooling-off and by every cap, as database and journals count."""
    room = _Room(wallet=wallet, book=wallet.caps, views=wallet.journal_views())
    rules, now = wallet.approver.rules(), wallet.now()
    fits: list[_Sound] = []
    notes: list[Note] = []
    for each in sound:
        words = rules.cooling(each.refund, now) or room.take(each)
        if words is None:
            fits.append(each)
        else:
            notes.append(Note(refund_id=each.refund.id, waiting_for=words, passed_over=each.refund.passed_over))
    return tuple(fits), tuple(notes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """What the caps leave, less what was already taken of it in this look."""

    wallet: Wallet
    book: CapBook
    views: tuple[JournalView, ...]
    left: dict[tuple[str, str], Money] = field(default_factory=dict)

    def take(self, each: _Sound) -> str | None:
        """Take what the refund owes from all of its caps; or what it waits for, and nothing is taken."""
        ceilings = self.book.ceilings(each.refund, self.wallet.now(), automatic=each.approved.automatic)
        capped = [ceiling for ceiling in ceilings if ceiling.cap is not None]
        for ceiling in capped:
            left = self._left(ceiling)
            if each.refund.owed > left:
                return ceiling.wait(left)
        for ceiling in capped:
            self.left[ceiling.scope, ceiling.day] -= each.refund.owed
        return None

    def _left(self, ceiling: Ceiling) -> Money:
        key = (ceiling.scope, ceiling.day)
        if key not in self.left:
            used = _used(self.wallet, self.views, *key)
            self.left[key] = ceiling.left(used)
        return self.left[key]


def _used(wallet: Wallet, views: Sequence[JournalView], scope: str, day: str) -> int:
    """US cents, by the database or by the journals, whichever says more: whoever lowers a counter gains nothing."""
    return max(wallet.store.cap_used(scope, day), sum(view.cents(scope, day) for view in views))
