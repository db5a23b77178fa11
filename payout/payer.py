"""
The payer: takes approved refunds to a committed transfer, and hands that to delivery.

Everything before the commit is without effect and may be thrown away; the commit is the decision.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.batch import Batch, own_outputs
from payout.change import Note
from payout.commitment import commit_own, commit_payout
from payout.delivery import deliver
from payout.errors import FundsShort, KeyImageTaken, Paused, RateError, StaleWrite, TransferRefused
from payout.order import OrderStatus
from payout.spender import Spender, expected_outputs
from payout.transfer import TransferKind
from payout.vetting import Fault, vet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.batch import Item
    from payout.change import Lease
    from payout.commitment import Pairs
    from payout.quote import Quote
    from payout.refund import Refund
    from payout.transfer import Prepared, Transfer
    from payout.vetting import Vetted

log = logging.getLogger(__name__)

TRANSFERS_PER_TICK = 32
"""One tick commits at most so many transfers; the rest goes on at the next."""

CANDIDATES_MAX = 120
"""Refunds looked at for one transfer, longest approved first."""

WAITING_MAX = 16 * CANDIDATES_MAX
"""So many where all before them wait: what a cap keeps until tomorrow must not keep back what could be paid now."""

SPLIT_LEAST = 2
"""The wallet may take a second input unasked: a split into one output and change would gain nothing, for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer(Spender):
    """Pays refunds from one wallet."""

    def pay(self, lease: Lease) -> None:
        """
        Commit and broadcast transfers until nothing more can be paid now.

        Raises:
            WalletUnsafe: a guard failed; the wallet must be paused.
            LeaseLost, StoreError, RailUnavailable: stop; the next tick goes on.
        """
        for _ in range(TRANSFERS_PER_TICK):
            if not self._pay_one(lease):
                return

    def _pay_one(self, lease: Lease) -> bool:
        """One transfer at most. True if there may be more to do now."""
        pause = self.wallet.pause_in_force()
        if pause is not None:
            self._wait_all(pause.words)
            return False
        refunds = self.wallet.store.payable(self.wallet.rules.asset.key, CANDIDATES_MAX)
        opened = self._opened()
        if not self._ready(opened):
            self._wait_all("the wallet to learn of a transfer that is on its way")
            return False
        if not refunds:
            return self._split(opened, lease)
        try:
            quote = self.wallet.pricing.quote(self.wallet.rules.asset.code, self.wallet.now())
        except RateError as error:
            self._wait_all(f"a rate: {error}")
            return False
        refunds, vetted = self._vetted(refunds, quote)
        held = [self._hold(fault, lease) for fault in vetted.faults]
        batch = self._choose(vetted.items, vetted.notes, opened)
        self._write_notes(refunds, batch)
        if not batch.items:
            return any(held)
        return self._pay_batch(batch, len(vetted.items), quote, lease)

    def _vetted(self, refunds: tuple[Refund, ...], quote: Quote) -> tuple[tuple[Refund, ...], Vetted]:
        """What may be paid of these; where that is nothing, of more. With all that were looked at."""
        vetted, limit = vet(self.wallet, refunds, quote), CANDIDATES_MAX
        while not vetted.items and len(refunds) == limit < WAITING_MAX:
            limit *= 4
            refunds = self.wallet.store.payable(self.wallet.rules.asset.key, limit)
            vetted = vet(self.wallet, refunds, quote)
        return refunds, vetted

    def _record(
        self, items: Sequence[Item], prepared: Prepared, quote: Quote, lease: Lease, *, is_out: bool = False
    ) -> tuple[Transfer, Pairs]:
        return commit_payout(self.wallet, lease, prepared, items, quote, is_out=is_out)

    def _reject(self, item: Item, why: str, lease: Lease) -> None:
        self._hold(Fault(refund=item.refund, words=why), lease)

    def _split(self, opened: Sequence[Transfer], lease: Lease) -> bool:
        """With nothing to pay, bring the wallet's outputs up to their target."""
        wallet = self.wallet
        if expected_outputs(opened) or self._orders_wait():
            return False
        fee = wallet.coin.fee_hint()
        units = own_outputs((), wallet.coin.funds(), 0, fee, wallet.rules)
        if len(units) < SPLIT_LEAST:
            return False
        try:
            quote = wallet.pricing.quote(wallet.rules.asset.code, wallet.now())
            prepared = wallet.coin.prepare(self._outputs(Batch(own=units)))
            if self._fee_usd(prepared, quote) > wallet.rules.fee_max:
                return False
            transfer = commit_own(wallet, lease, TransferKind.SPLIT, prepared)
        except KeyImageTaken as error:
            self._learn_spent(error)
            return False
        except (RateError, TransferRefused, FundsShort, Paused, StaleWrite) as error:
            log.info("split.postponed", extra={"why": str(error)})
            return False
        deliver(wallet, lease, transfer, [])
        return False

    def _orders_wait(self) -> bool:
        """An order must be funded within minutes: its outputs may not be locked by a split."""
        found = self.wallet.store.open_orders((OrderStatus.ASKED, OrderStatus.UNFUNDED), CANDIDATES_MAX)
        return any(order.wallet == self.wallet.name for order in found)

    def _write_notes(self, refunds: tuple[Refund, ...], batch: Batch) -> None:
        """What each refund waits for, where it is something else than what its row says."""
        said = {note.refund_id: note for note in batch.notes}
        notes = [
            said.get(refund.id) or Note(refund_id=refund.id, waiting_for=None, passed_over=refund.passed_over)
            for refund in refunds
        ]
        new = [
            note
            for note, refund in zip(notes, refunds, strict=True)
            if (note.waiting_for, note.passed_over) != (refund.waiting_for, refund.passed_over)
        ]
        if new:
            self.wallet.store.note(new)

    def _wait_all(self, words: str) -> None:
        self.wallet.store.note_all(self.wallet.rules.asset.key, words)
