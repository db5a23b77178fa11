"""
The payer: takes approved refunds to a committed transfer, and hands that to delivery.

Everything before the commit is without effect and may be thrown away; the commit is the decision.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.batch import Batch, choose, own_outputs
from payout.change import Change, Note
from payout.commitment import commit_own, commit_payout
from payout.delivery import deliver
from payout.errors import (
    FundsShort,
    KeyImageTaken,
    LimitReached,
    Paused,
    RateError,
    RefusedByRule,
    SentTooEarly,
    StaleWrite,
    StoreError,
    TransferRefused,
    WalletUnsafe,
)
from payout.money import Money, usd_cents_up
from payout.transfer import Output, Place, Prepared, TransferKind
from payout.vetting import Vetted, vet

if TYPE_CHECKING:
    from payout.change import Lease
    from payout.quote import Quote
    from payout.refund import Refund
    from payout.transfer import Transfer
    from payout.wallet import Wallet

log = logging.getLogger(__name__)

TRANSFERS_PER_TICK = 32
"""One tick commits at most so many transfers; the rest goes on at the next."""

CANDIDATES_MAX = 120
"""Refunds looked at for one transfer, longest approved first."""

SPLIT_LEAST = 2
"""The wallet may take a second input unasked: a split into one output and change would gain nothing, for ever."""

OPEN_WINDOW = 30
"""Blocks below the tip in which the wallet must list every open transfer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Pays from one wallet."""

    wallet: Wallet
    tip: int
    address: str
    """Where outputs of our own go."""

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
            self._wait_all(f"{pause.scope} is paused by {pause.who}: {pause.why}")
            return False
        refunds = self.wallet.store.payable(self.wallet.rules.asset.key, CANDIDATES_MAX)
        if not self._ready():
            self._wait_all("the wallet to learn of a transfer that is on its way")
            return False
        if not refunds:
            return self._split(lease)
        try:
            quote = self.wallet.pricing.quote(self.wallet.rules.asset.code, self.wallet.now())
        except RateError as error:
            self._wait_all(f"a rate: {error}")
            return False
        vetted = vet(self.wallet, refunds, quote)
        held = [self._hold(refund, why, lease) for refund, why in vetted.faults]
        batch = self._choose(vetted)
        self._write_notes(refunds, batch)
        if not batch.items:
            return any(held)
        return self._pay_batch(batch, quote, lease)

    def _ready(self) -> bool:
        """The wallet lists every open transfer; else it would choose their inputs again."""
        waiting = [
            transfer
            for transfer in self.wallet.store.open_transfers(self.wallet.name)
            if transfer.begun and transfer.give_up_by is None
        ]
        heights = [transfer.height for transfer in waiting if transfer.height is not None]
        since = min([self.tip - OPEN_WINDOW, *heights])
        listed = Counter(spend.txid for spend in self.wallet.coin.spends(max(0, since)))
        for txid, times in listed.items():
            if times > 1:  # Relayed after it was mined: left alone, the wallet would free its inputs.
                self.wallet.coin.mend(txid)
        unknown = [transfer for transfer in waiting if transfer.id not in listed]
        for transfer in unknown:
            self._heal(transfer)
        return not unknown

    def _heal(self, transfer: Transfer) -> None:
        """Tell the wallet of a transfer that it forgot; the next tick looks whether it learned."""
        sighting = self.wallet.coin.look([transfer])[transfer.id]
        if sighting.place is Place.MINED:
            self.wallet.coin.mend(transfer.id)
        elif sighting.place is Place.POOL:
            self.wallet.coin.relay(self.wallet.sealer.unseal(transfer.sealed))
            self.wallet.coin.save()
        log.info("transfer.unknown_to_wallet", extra={"transfer": transfer.id})

    def _hold(self, refund: Refund, why: str, lease: Lease) -> bool:
        event = self.wallet.event("refund.held", why, refund_id=refund.id, alarm=True)
        try:
            self.wallet.store.commit(Change(refunds=(refund.hold(why),), events=(event,), lease=lease))
        except StaleWrite:
            return False
        return True

    def _choose(self, vetted: Vetted) -> Batch:
        batch = choose(
            vetted.items,
            funds=self.wallet.coin.funds(),
            expected=self._expected(),
            fee=self.wallet.coin.fee_hint(),
            rules=self.wallet.rules,
            now=self.wallet.now(),
        )
        return Batch(items=batch.items, own=batch.own, notes=batch.notes + vetted.notes)

    def _expected(self) -> int:
        """Outputs of ours in transfers that are not mined."""
        return sum(
            1 + sum(output.own for output in transfer.outputs)
            for transfer in self.wallet.store.open_transfers(self.wallet.name)
            if transfer.height is None
        )

    def _pay_batch(self, batch: Batch, quote: Quote, lease: Lease) -> bool:
        try:
            found = self._prepare(batch, lease)
        except FundsShort as error:
            self._wait(batch, f"unlocked funds: {error}")
            return False
        except SentTooEarly as early:
            self._commit_sent(batch, early, quote, lease)
            return False
        if found is None:
            return True
        batch, prepared = found
        fee = self._fee_usd(prepared, quote)
        if fee > self.wallet.rules.fee_max:
            words = (
                f"a lower network fee: this transfer would cost {fee} USD, "
                f"above fee_max_usd = {self.wallet.rules.fee_max}"
            )
            self._wait(batch, words)
            return False
        return self._commit(batch, prepared, quote, lease)

    def _fee_usd(self, prepared: Prepared, quote: Quote) -> Money:
        return usd_cents_up(Money(prepared.fee, self.wallet.rules.asset), quote.rate)

    def _prepare(self, batch: Batch, lease: Lease) -> tuple[Batch, Prepared] | None:
        """Sign the batch, or the part of it that the wallet takes. None: the one at fault is HELD."""
        try:
            return batch, self.wallet.coin.prepare(self._outputs(batch))
        except (TransferRefused, FundsShort) as error:
            smaller = batch.smaller()
            if smaller is not None:
                return self._prepare(smaller, lease)
            if isinstance(error, FundsShort):
                raise
            self._hold(batch.items[0].refund, f"the wallet refused it: {error}", lease)
            return None

    def _outputs(self, batch: Batch) -> tuple[Output, ...]:
        paid = tuple(Output(address=item.refund.destination, units=item.amount.units) for item in batch.items)
        own = tuple(Output(address=self.address, units=units, own=True) for units in batch.own)
        return paid + own

    def _commit(self, batch: Batch, prepared: Prepared, quote: Quote, lease: Lease) -> bool:
        """The decision. True if there may be more to do now."""
        try:
            transfer, pairs = commit_payout(self.wallet, lease, prepared, batch.items, quote)
        except StaleWrite:
            return True
        except KeyImageTaken as error:
            self._learn_spent(error)
            self._wait(batch, "the wallet to learn which of its outputs are spent")
            return False
        except (LimitReached, Paused) as error:
            self._wait(batch, str(error))
            return False
        deliver(self.wallet, lease, transfer, pairs)
        return True

    def _commit_sent(self, batch: Batch, early: SentTooEarly, quote: Quote, lease: Lease) -> None:
        """The wallet sent what it was to hold back: put it on record as sent, and stop."""
        prepared = early.prepared
        if not isinstance(prepared, Prepared):
            raise TypeError("SentTooEarly must carry the prepared transfer")
        out = f"the wallet broadcast transfer {prepared.txid} before it was told to"
        # It may pay a part of the batch only: the wallet had refused the whole.
        paid = {output.address for output in prepared.outputs if not output.own}
        items = [item for item in batch.items if item.refund.destination in paid]
        try:
            transfer, pairs = commit_payout(self.wallet, lease, prepared, items, quote, is_out=True)
            deliver(self.wallet, lease, transfer, pairs)
        except (RefusedByRule, StoreError, WalletUnsafe) as error:
            names = ", ".join(item.refund.external_id for item in items)
            raise WalletUnsafe(
                f"{out}, and it could not be put on record ({error})",
                f"hold the refunds {names}, which it pays, before you resume",
            ) from error
        raise WalletUnsafe(
            f"{out}; its refunds are on record as PAYING",
            "check the version of monero-wallet-rpc before you resume",
        )

    def _split(self, lease: Lease) -> bool:
        """With nothing to pay, bring the wallet's outputs up to their target."""
        wallet = self.wallet
        if self._expected():
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

    def _learn_spent(self, error: KeyImageTaken) -> None:
        """The wallet takes an output for free that is not: it forgot a transfer, or was told twice of a mined one."""
        log.warning("transfer.discarded", extra={"why": str(error)})
        self.wallet.coin.rescan()

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

    def _wait(self, batch: Batch, words: str) -> None:
        self.wallet.store.note(
            tuple(
                Note(
                    refund_id=item.refund.id,
                    waiting_for=words,
                    passed_over=item.refund.passed_over,
                )
                for item in batch.items
            )
        )

    def _wait_all(self, words: str) -> None:
        self.wallet.store.note_all(self.wallet.rules.asset.key, words)
