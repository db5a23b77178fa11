"""
The spender: how any batch becomes a committed transfer on its way, whether it pays refunds or funds orders.

Nothing is chosen while the wallet lacks a transfer that is on its way: it would choose the same inputs again.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.batch import Batch, Item, choose
from payout.change import Change, Note
from payout.delivery import deliver
from payout.departure import payload_of
from payout.errors import (
    FundsShort,
    KeyImageTaken,
    LimitReached,
    Paused,
    RefusedByRule,
    SentTooEarly,
    StaleWrite,
    StoreError,
    TransferRefused,
    WalletUnsafe,
)
from payout.money import Money, usd_cents_up
from payout.transfer import Output, Place, Prepared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.change import Lease
    from payout.commitment import Pairs
    from payout.quote import Quote
    from payout.transfer import Transfer
    from payout.vetting import Fault
    from payout.wallet import Wallet

log = logging.getLogger(__name__)

OPEN_WINDOW = 30
"""Blocks below the tip in which the wallet must list every open transfer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spender(ABC):
    """Spends from one wallet, during one tick."""

    wallet: Wallet
    tip: int
    address: str
    """Where outputs of our own go."""

    @abstractmethod
    def _record(
        self, items: Sequence[Item], prepared: Prepared, quote: Quote, lease: Lease, *, is_out: bool = False
    ) -> tuple[Transfer, Pairs]:
        """Commit it. Raises as `commit_payout`."""

    @abstractmethod
    def _reject(self, item: Item, why: str, lease: Lease) -> None:
        """The wallet will never take this one."""

    # ------------------------------------------------------------ before

    def _opened(self) -> tuple[Transfer, ...]:
        """What is on its way. Read once for each transfer that is made: only the lease's holder makes and ends them."""
        return self.wallet.store.open_transfers(self.wallet.name)

    def _ready(self, opened: Sequence[Transfer]) -> bool:
        """The wallet lists every open transfer; else it would choose their inputs again."""
        waiting = [transfer for transfer in opened if transfer.begun and transfer.give_up_by is None]
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
            self.wallet.coin.relay(payload_of(self.wallet, transfer))
            self.wallet.coin.save()
        log.info("transfer.unknown_to_wallet", extra={"transfer": transfer.id})

    def _choose(self, items: Sequence[Item], notes: tuple[Note, ...], opened: Sequence[Transfer]) -> Batch:
        batch = choose(
            items,
            funds=self.wallet.coin.funds(),
            expected=expected_outputs(opened),
            fee=self.wallet.coin.fee_hint(),
            rules=self.wallet.rules,
            now=self.wallet.now(),
        )
        return Batch(items=batch.items, own=batch.own, notes=batch.notes + notes)

    # ------------------------------------------------------------ the transfer

    def _pay_batch(self, batch: Batch, among: int, quote: Quote, lease: Lease) -> bool:
        """Sign, commit and send what was chosen among so many. True if there may be more to do now."""
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
        return self._commit(batch, among, prepared, quote, lease)

    def _fee_usd(self, prepared: Prepared, quote: Quote) -> Money:
        return usd_cents_up(Money(prepared.fee, self.wallet.rules.asset), quote.rate)

    def _prepare(self, batch: Batch, lease: Lease) -> tuple[Batch, Prepared] | None:
        """Sign the batch, or the part of it that the wallet takes. None: the one at fault is out of the way."""
        try:
            return batch, self.wallet.coin.prepare(self._outputs(batch))
        except (TransferRefused, FundsShort) as error:
            smaller = batch.smaller()
            if smaller is not None:
                return self._prepare(smaller, lease)
            if isinstance(error, FundsShort):
                raise
            self._reject(batch.items[0], f"the wallet refused it: {error}", lease)
            return None

    def _outputs(self, batch: Batch) -> tuple[Output, ...]:
        paid = tuple(Output(address=item.address, units=item.amount.units) for item in batch.items)
        own = tuple(Output(address=self.address, units=units, own=True) for units in batch.own)
        return paid + own

    def _commit(self, batch: Batch, among: int, prepared: Prepared, quote: Quote, lease: Lease) -> bool:
        """The decision. True if there may be more to do now."""
        try:
            transfer, pairs = self._record(batch.items, prepared, quote, lease)
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
        return len(batch.items) < among

    def _commit_sent(self, batch: Batch, early: SentTooEarly, quote: Quote, lease: Lease) -> None:
        """The wallet sent what it was to hold back: put it on record as sent, and stop."""
        prepared = early.prepared
        if not isinstance(prepared, Prepared):
            raise TypeError("SentTooEarly must carry the prepared transfer")
        out = f"the wallet broadcast transfer {prepared.txid} before it was told to"
        # It may pay a part of the batch only: the wallet had refused the whole.
        paid = {output.address for output in prepared.outputs if not output.own}
        items = [item for item in batch.items if item.address in paid]
        try:
            transfer, pairs = self._record(items, prepared, quote, lease, is_out=True)
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

    def _learn_spent(self, error: KeyImageTaken) -> None:
        """The wallet takes an output for free that is not: it forgot a transfer, or was told twice of a mined one."""
        log.warning("transfer.discarded", extra={"why": str(error)})
        self.wallet.coin.rescan()

    # ------------------------------------------------------------ in words

    def _hold(self, fault: Fault, lease: Lease) -> bool:
        try:
            self.wallet.store.commit(Change(refunds=(fault.stopped,), events=fault.events(self.wallet), lease=lease))
        except StaleWrite:
            return False
        return True

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


def expected_outputs(opened: Sequence[Transfer]) -> int:
    """Outputs of ours in transfers that are not mined."""
    return sum(1 + sum(output.own for output in transfer.outputs) for transfer in opened if transfer.height is None)
