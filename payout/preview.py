"""
A preview: what a refund would pay now, and why. It writes nothing and promises nothing.

It asks what the worker will ask, as far as that is known outside the worker: the price is taken anew when a payment
is committed, and what is signed is verified there alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.approval import AUTOMATIC
from payout.caps import CapBook, Ceiling
from payout.errors import LimitReached
from payout.money import Money
from payout.refund import AMENDABLE, Refund, RefundStatus
from payout.scope import ALL
from payout.vetting import amount_of, too_small

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from payout.approval import Approver
    from payout.asset import Asset
    from payout.change import Pause
    from payout.limits import Limits
    from payout.ports import Clock, Store
    from payout.quote import Quote, Sample, Verdict
    from payout.quote.rate_book import RateReport

_S = RefundStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Rail:
    """How an asset is paid here: by these wallets themselves, or through these processors, which the wallets fund."""

    wallets: tuple[str, ...]
    processors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One ceiling, and how much of it is used up by the database."""

    ceiling: Ceiling
    cap: Money
    used: Money

    @property
    def left(self) -> Money:
        """What may still go out under it; never negative."""
        return self.ceiling.left(self.used.units)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """All that there is to say."""

    refund: Refund
    rail: Rail
    quote: Quote | None
    refusal: str | None
    """Why there is no rate."""
    verdicts: tuple[Verdict, ...]
    amount: Money | None
    needed: int
    """People who must approve it."""
    signers: tuple[str, ...]
    rooms: tuple[Room, ...]
    waits_for: tuple[str, ...]
    """Empty: nothing that is known here keeps it waiting."""

    def sample(self, source: str) -> Sample | None:
        """What a source said."""
        samples = self.quote.samples if self.quote else ()
        return next((each for each in samples if each.source == source), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewer:
    """Looks at one refund, which need not be on record."""

    store: Store
    clock: Clock
    approver: Approver
    limits: Limits
    rail: Callable[[Asset], Rail]
    rates: Callable[[str], RateReport]
    """By an asset's code; may ask the sources."""
    pauses: Callable[[], Sequence[Pause]]

    def look(self, refund: Refund, *, on_record: bool) -> Preview:
        """What it would pay now, and what it waits for."""
        now, rail = self.clock.now(), self.rail(refund.asset)
        report = self.rates(refund.asset.code)
        amount = None if report.quote is None else amount_of(refund, report.quote)
        signers, automatic = self._signers(refund, now)
        needed = self.approver.needed(refund)
        rooms = self._rooms(refund, rail, now, automatic=automatic and needed == 0, on_record=on_record)
        cooling = self.approver.rules().cooling(refund, now)
        waits = [
            *_standing(refund, needed, len(signers)),
            *self._refused(refund),
            # The sources' own reasons stand beside it.
            *([f"a rate: {str(report.refusal).partition(' (')[0]}"] if report.refusal else []),
            *([f"nothing: {too_small(refund)}"] if amount is not None and amount.units == 0 else []),
            *_short(refund, rooms),
            *([cooling] if cooling else []),
            *self._paused(rail),
        ]
        return Preview(
            refund=refund,
            rail=rail,
            quote=report.quote,
            refusal=None if report.refusal is None else str(report.refusal),
            verdicts=report.verdicts,
            amount=amount,
            needed=needed,
            signers=signers,
            rooms=rooms,
            waits_for=tuple(waits),
        )

    def _signers(self, refund: Refund, now: datetime) -> tuple[tuple[str, ...], bool]:
        """People whose signatures over this revision have not run out, and whether there is none but intake's."""
        given = [
            each
            for each in self.store.approvals([refund.id])
            if each.revision == refund.revision and now < each.expires_at
        ]
        people = sorted({each.signer for each in given if each.kind != AUTOMATIC})
        return tuple(people), not people

    def _rooms(
        self, refund: Refund, rail: Rail, now: datetime, *, automatic: bool, on_record: bool
    ) -> tuple[Room, ...]:
        caps = self.approver.rules().caps
        found: dict[tuple[str, str], Ceiling] = {}
        for wallet in rail.wallets:
            book = CapBook(limits=self.limits, caps=caps, wallet=wallet)
            for each in book.ceilings(refund, now, automatic=automatic):
                # What is not on record has no destination that could have a ceiling of its own.
                if on_record or not each.scope.startswith("destination:"):
                    found[each.scope, each.day] = each
        return tuple(
            Room(ceiling=each, cap=each.cap, used=Money(self.store.cap_used(each.scope, each.day), each.cap.asset))
            for each in found.values()
            if each.cap is not None
        )

    def _refused(self, refund: Refund) -> list[str]:
        try:
            self.limits.check_refund(refund.owed, self.approver.rules().caps)
        except LimitReached as error:
            return [str(error)]
        return []

    def _paused(self, rail: Rail) -> list[str]:
        paused = {each.scope: each for each in self.pauses()}
        if ALL in paused:
            return [paused[ALL].words]
        for scopes in (rail.wallets, rail.processors):
            if scopes and all(scope in paused for scope in scopes):
                return [paused[scopes[0]].words]
        return []


def _standing(refund: Refund, needed: int, given: int) -> list[str]:
    """What its status asks for."""
    if refund.status is _S.PAYING:
        return ["the payment that is under way: nothing else pays it"]
    if refund.status is _S.HELD:
        return [f"a person: {refund.hold_reason}"]
    if refund.status not in AMENDABLE:
        return [f"nothing: it is {refund.status}"]
    if refund.status is _S.APPROVED or needed == 0:
        return []
    left = max(1, needed - given)
    return [f"{left} more approval{'s' if left > 1 else ''} of revision {refund.revision}"]


def _short(refund: Refund, rooms: Sequence[Room]) -> list[str]:
    """Ceilings that leave no room for it; of several wallets it is enough that one has."""
    wallets = [room for room in rooms if room.ceiling.scope.startswith("wallet:")]
    fits = any(refund.owed <= room.left for room in wallets)
    return [
        room.ceiling.wait(room.left)
        for room in rooms
        if refund.owed > room.left and not (room in wallets and fits and len(wallets) > 1)
    ]
