"""
Funding: pays the deposits of orders, in transfers of their own.

A deposit is paid by what the processor itself said to this process within the last minute, and by what people
signed; the database's copy of an order only ever stops one. Nothing here asks a processor: the paying tick must not
wait for one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from payout.asset import USD
from payout.batch import Item
from payout.caps import utc_day
from payout.change import Change, Note
from payout.commitment import commit_funding
from payout.errors import RateError, StaleWrite
from payout.money import Money
from payout.order import OrderStatus
from payout.refund import RefundStatus
from payout.spender import Spender
from payout.swaps.deposit import BROADCAST_MARGIN, SIGNING_TIME, is_too_late
from payout.swaps.echo import differences, good_until, mismatches, was_edited
from payout.swaps.vetting import funding_problems
from payout.vetting import check_refunds, used_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from payout.change import Lease
    from payout.commitment import Pairs
    from payout.event import Event
    from payout.order import Order
    from payout.quote import Quote
    from payout.refund import Refund
    from payout.swaps.readings import Readings
    from payout.swaps.rules import SwapRules
    from payout.transfer import Prepared, Transfer
    from payout.vetting import Fault

log = logging.getLogger(__name__)

FUNDINGS_PER_TICK = 16
"""One tick commits at most so many; the rest goes on at the next."""

ORDERS_MAX = 120
"""Orders looked at for one transfer, longest asked first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swaps:
    """What a wallet needs to fund orders: the rules, and what processors said to this process."""

    rules: SwapRules
    readings: Readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Funder(Spender):
    """Funds orders from one wallet, during one tick."""

    swaps: Swaps

    def fund(self, lease: Lease) -> None:
        """
        Commit and broadcast fundings until nothing more can be funded now.

        Raises as `Payer.pay`.
        """
        for _ in range(FUNDINGS_PER_TICK):
            if not self._fund_one(lease):
                return

    def _fund_one(self, lease: Lease) -> bool:
        """One transfer at most. True if there may be more to do now."""
        orders = self._unfunded()
        if not orders:
            return False
        pause = self.wallet.pause_in_force()
        if pause is not None:
            self._tell(orders, pause.words)
            return False
        opened = self._opened()
        if not self._ready(opened):
            self._tell(orders, "the wallet to learn of a transfer that is on its way")
            return False
        try:
            quote = self.wallet.pricing.quote(self.wallet.rules.asset.code, self.wallet.now())
        except RateError as error:
            self._tell(orders, f"a rate: {error}")
            return False
        items, notes = self._vet(orders, lease)
        batch = self._choose(items, notes, opened)
        self._note(batch.notes)
        return self._pay_batch(batch, len(items), quote, lease) if batch.items else False

    def _unfunded(self) -> list[Order]:
        """This wallet's, one of a refund."""
        found = self.wallet.store.open_orders((OrderStatus.UNFUNDED,), ORDERS_MAX)
        return list({order.refund_id: order for order in found if order.wallet == self.wallet.name}.values())

    # ------------------------------------------------------------ which of them

    def _vet(self, orders: Sequence[Order], lease: Lease) -> tuple[list[Item], tuple[Note, ...]]:
        """Those that may be funded now, and what the others wait for. What can never be funded is dropped or HELD."""
        wanted = self._wanted(orders, lease)
        checked = check_refunds(self.wallet, [refund for _, refund in wanted.values()], self.swaps.rules.coins)
        for fault in checked.faults:
            self._hold_both(wanted[fault.refund.id][0], fault, lease)
        items: list[Item] = []
        notes = list(checked.notes)
        halted = self._halted()
        for refund in checked.refunds:
            order, _ = wanted[refund.id]
            found = halted.get(order.processor) or self._item(order, refund, lease)
            if isinstance(found, Item):
                items.append(replace(found, approved=checked.approved[refund.id]))
            elif found is not None:
                notes.append(_note(refund, found))
        fits, over = self._within_caps(items)
        return fits, (*notes, *over)

    def _within_caps(self, items: Sequence[Item]) -> tuple[list[Item], list[Note]]:
        """Those that their processors' caps of the day still allow; the commit itself counts again."""
        now = self.wallet.now()
        left: dict[str, Money] = {}
        fits: list[Item] = []
        notes: list[Note] = []
        for item in items:
            name, owed = _order_of(item).processor, item.refund.owed
            given = self.swaps.rules.processors[name]
            if name not in left:
                used = used_at(self.wallet, given, utc_day(now))
                left[name] = Money(max(0, given.day_max.units - used), USD)
            if owed <= left[name]:
                left[name] -= owed
                fits.append(item)
                continue
            cap = f"processors.{name}.day_max_usd: {left[name]} USD of {given.day_max} is left today"
            notes.append(_note(item.refund, f"tomorrow (UTC), or a higher {cap}"))
        return fits, notes

    def _wanted(self, orders: Sequence[Order], lease: Lease) -> dict[str, tuple[Order, Refund]]:
        """By refund: those whose refund still wants them, in time."""
        refunds = {refund.id: refund for refund in self.wallet.store.refunds([order.refund_id for order in orders])}
        wanted: dict[str, tuple[Order, Refund]] = {}
        for order in orders:
            refund = refunds.get(order.refund_id)
            why = self._end_of(order, refund)
            if why is not None or refund is None:
                alarm = was_edited(order, refund)
                self._drop(order, why or "its refund is not on record", lease, alarm=alarm)
            else:
                wanted[refund.id] = (order, refund)
        return wanted

    def _end_of(self, order: Order, refund: Refund | None) -> str | None:
        """Why nothing will be sent to it any more; None: it may still be funded."""
        if refund is None or refund.status is not RefundStatus.APPROVED:
            return f"its refund is {refund.status}" if refund is not None else "its refund is not on record"
        if is_too_late(order, self.wallet.now(), BROADCAST_MARGIN + SIGNING_TIME):
            return "it runs out before a deposit would surely be on its way"
        return "; ".join(mismatches(order, refund)) or None

    def _halted(self) -> dict[str, str]:
        """By processor that is paused: why, in words."""
        every = (*self.wallet.halts.pauses(), *self.wallet.store.pauses())
        return {pause.scope: pause.words for pause in every}

    def _item(self, order: Order, refund: Refund, lease: Lease) -> Item | str | None:
        """What is to be paid for it, or what it waits for, in words. None: it was dropped."""
        rules = self.swaps.rules
        said = self.swaps.readings.fresh(order, self.wallet.now(), rules.reading_age)
        if said is None or order.deposit is None or order.deposit_address is None:
            return f"{order.processor} to confirm order {order.processor_id}"
        try:
            problems = funding_problems(self.wallet, rules, order, refund, said)
        except RateError as error:
            return f"a rate: {error}"
        if problems:
            # No row of ours names a strange address to return to, unless somebody else wrote it.
            changed = differences(order, said) or not self.wallet.coin.owns(order.return_address)
            self._drop(order, "; ".join(problems), lease, alarm=bool(changed))
            return None
        return Item(
            refund=refund,
            amount=order.deposit,
            alone=self.wallet.coin.alone(order.deposit_address),
            order=replace(order, expires_at=good_until(order, said, rules)),
        )

    # ------------------------------------------------------------ the transfer

    def _record(
        self, items: Sequence[Item], prepared: Prepared, quote: Quote, lease: Lease, *, is_out: bool = False
    ) -> tuple[Transfer, Pairs]:
        if not is_out:
            self._check_last_word(items)
        processors = self.swaps.rules.processors
        done = commit_funding(self.wallet, lease, prepared, items, quote, processors=processors, is_out=is_out)
        for item in items:
            self._forget(_order_of(item))
        return done

    def _forget(self, order: Order) -> None:
        """Nobody funds it again."""
        if order.processor_id is not None:
            self.swaps.readings.forget(order.processor, order.processor_id)

    def _check_last_word(self, items: Iterable[Item]) -> None:
        """While the wallet signed, no processor changed its mind or fell silent. Raises StaleWrite."""
        age_max = self.swaps.rules.reading_age + SIGNING_TIME
        for item in items:
            order = _order_of(item)
            said = self.swaps.readings.fresh(order, self.wallet.now(), age_max)
            if said is None or differences(order, said):
                raise StaleWrite(f"what is said of the order of refund {item.refund.external_id} changed meanwhile")

    def _reject(self, item: Item, why: str, lease: Lease) -> None:
        self._drop(_order_of(item), why, lease, alarm=True)

    # ------------------------------------------------------------ what is not funded

    def _drop(self, order: Order, why: str, lease: Lease, *, alarm: bool = False) -> None:
        """End an order that nothing was sent to; its refund is free for another."""
        self._write(Change(orders=(self._dropped(order, why),), events=(self._told(order, why, alarm=alarm),)), lease)
        self._forget(order)

    def _hold_both(self, order: Order, fault: Fault, lease: Lease) -> None:
        """A person must see the refund; its order would run out meanwhile."""
        change = Change(
            refunds=(fault.stopped,),
            orders=(self._dropped(order, fault.words),),
            events=(*fault.events(self.wallet), self._told(order, f"its refund is {fault.stopped.status}")),
        )
        self._write(change, lease)

    def _dropped(self, order: Order, why: str) -> Order:
        return order.to(OrderStatus.DROPPED, ended_at=self.wallet.now(), reason=why)

    def _told(self, order: Order, why: str, *, alarm: bool = False) -> Event:
        words = f"order {order.processor_id} at {order.processor} is not funded: {why}"
        return self.wallet.event("order.dropped", words, refund_id=order.refund_id, order_id=order.id, alarm=alarm)

    def _write(self, change: Change, lease: Lease) -> None:
        try:
            self.wallet.store.commit(replace(change, lease=lease))
        except StaleWrite as error:
            log.debug("an order moved meanwhile: %s", error)

    # ------------------------------------------------------------ in words

    def _tell(self, orders: Sequence[Order], words: str) -> None:
        refunds = self.wallet.store.refunds([order.refund_id for order in orders])
        self._note([_note(refund, words) for refund in refunds])

    def _note(self, notes: Sequence[Note]) -> None:
        """What refunds wait for, where their rows say something else."""
        rows = {refund.id: refund for refund in self.wallet.store.refunds([note.refund_id for note in notes])}
        new = [
            note
            for note in notes
            if note.refund_id in rows
            and (note.waiting_for, note.passed_over)
            != (rows[note.refund_id].waiting_for, rows[note.refund_id].passed_over)
        ]
        if new:
            self.wallet.store.note(new)


def _order_of(item: Item) -> Order:
    if item.order is None:
        raise ValueError(f"refund {item.refund.id} is to be funded without an order")
    return item.order


def _note(refund: Refund, words: str) -> Note:
    return Note(refund_id=refund.id, waiting_for=words, passed_over=refund.passed_over)
