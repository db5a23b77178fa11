"""
The watch over the counters of caps: what the database counts for today, held against the spend journals.

A counter that was lowered widens no cap, as the journals count too; one that was raised keeps refunds waiting for no
reason. Either way somebody else wrote it, and people should know.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from payout.asset import USD
from payout.caps import AUTOMATIC_SCOPE, DAY_SCOPE, utc_day, wallet_scope
from payout.change import Change
from payout.money import Money
from payout.spend_journal import Entry

if TYPE_CHECKING:
    from datetime import datetime

    from payout.transfer import Transfer
    from payout.wallet import Wallet

LOOK_EVERY: Final = timedelta(minutes=1)
RECENT: Final = 500
"""Transfers among which those are looked for that were counted, and given up before they were journaled."""


@dataclass(slots=True, kw_only=True)
class CounterWatch:
    """Of one wallet, in one process: each counter is told of once."""

    wallet: Wallet
    _next: datetime | None = None
    _said: set[tuple[str, str]] = field(default_factory=set)

    def look(self) -> None:
        """
        Compare, about once a minute.

        Raises:
            StoreError, JournalBroken: the next look says it.
        """
        now = self.wallet.now()
        if self._next is not None and now < self._next <= now + LOOK_EVERY:
            return
        self._next = now + LOOK_EVERY
        day = utc_day(now)
        self._said = {said for said in self._said if said[1] == day}
        for scope in (DAY_SCOPE, AUTOMATIC_SCOPE, wallet_scope(self.wallet.name)):
            if (scope, day) not in self._said:
                self._compare(scope, day)

    def _compare(self, scope: str, day: str) -> None:
        # The counter first: whatever it counts by now has a row, and mostly a line, when those are read.
        stands = self.wallet.store.cap_used(scope, day)
        journaled = sum(view.cents(scope, day) for view in self.wallet.journal_views())
        if stands < journaled:
            # Once more: other wallets go on paying, and what has a line by now was counted before that.
            stands = min(journaled, self.wallet.store.cap_used(scope, day))
        if stands == journaled or (stands > journaled and not self._is_raised(stands - journaled, day)):
            return
        self._said.add((scope, day))
        edited, then = ("lowered", "no cap is widened by it") if stands < journaled else ("raised", "refunds may wait")
        words = (
            f"the counter {scope} of {day} stands at {Money(stands, USD)} USD, and the spend journals say "
            f"{Money(journaled, USD)}: was an old backup restored, or did somebody change it? It was {edited}: {then}"
        )
        self.wallet.store.commit(Change(events=(self.wallet.event("counter.edited", words, alarm=True),)))

    def _is_raised(self, beyond: int, day: str) -> bool:
        """By more than was committed and has no line here."""
        journals = (self.wallet.journal, *self.wallet.neighbours)
        if any(journal.view().adopted is None for journal in journals):
            return False  # Another host has that wallet's journal: what it paid is not known here.
        return beyond > self._unjournaled(day)

    def _unjournaled(self, day: str) -> int:
        """US cents that rows say were committed on that day, of which no journal knows."""
        views = self.wallet.journal_views()

        def is_unknown(transfer: Transfer) -> bool:
            return utc_day(transfer.committed_at) == day and not any(v.has(Entry.COMMIT, transfer.id) for v in views)

        store = self.wallet.store
        unknown = [transfer.id for transfer in store.list_transfers(limit=RECENT) if is_unknown(transfer)]
        paid = [attempt.refund_id for attempt in store.attempts_of(unknown)] if unknown else []
        owed = {refund.id: refund.owed.units for refund in store.refunds(paid)}
        return sum(owed[refund_id] for refund_id in paid if refund_id in owed)
