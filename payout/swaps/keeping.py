"""
Keeping: what becomes of orders that are not funded yet.

Lost answers are looked for and never repeated; orders that are still wanted are read again and again, so that
the funder has a fresh word to go by; all others are dropped, which costs nothing.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.change import Change
from payout.errors import (
    OrderMissing,
    ProcessorDenied,
    ProcessorGarbled,
    RailUnavailable,
    RateError,
    StaleWrite,
)
from payout.order import OrderStatus, Stage
from payout.refund import RefundStatus
from payout.swaps.echo import differences, expiry_problem, good_until, mismatches, same_address, was_edited

if TYPE_CHECKING:
    from collections.abc import Callable

    from payout.order import Order, Said
    from payout.refund import Refund
    from payout.swaps.market import Market

log = logging.getLogger(__name__)

ORDERS_MAX = 500
"""Orders of each kind that one tick looks at, longest asked first."""

ANSWER_TIME = timedelta(seconds=40)
"""While a process may still wait for its answer, nobody looks for the order; the secret comes with that answer."""

CLOCKS = timedelta(minutes=2)
"""How far a processor's clock may be before ours."""

MISSING_MAX = 3
"""Looks in a row at which a processor may not know an order that it made: it has more than one machine."""

OVER = frozenset({Stage.EXPIRED, Stage.FAILED, Stage.CANCELED, Stage.VANISHED})
"""Stages in which an order that nothing was sent to has simply ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """Keeps the orders of one wallet."""

    market: Market
    _lost: set[str] = field(default_factory=set)
    """Orders whose creating call, made by this process, has ended without an answer."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    # ------------------------------------------------------------ lost answers

    def lose(self, order: Order) -> None:
        """No answer will come any more: it may be looked for at once."""
        with self._lock:
            self._lost.add(order.id)

    def find_lost(self) -> None:
        """Look for orders that were asked for and whose answer is not on record."""
        now = self.market.wallet.now()
        asked = self._orders(OrderStatus.ASKED)
        with self._lock:
            self._lost.intersection_update(order.id for order in asked)
            lost = set(self._lost)
        due = [order for order in asked if order.id in lost or now >= order.asked_at + ANSWER_TIME]
        self._each(due, self._find)

    def _find(self, order: Order) -> None:
        if order.wallet != self.market.wallet.name:
            self.market.drop(order, _foreign(order))
            return
        matches = self._matches(order)
        if len(matches) == 1 and self._adopt(order, matches[0]):
            return
        if self.market.wallet.now() >= order.asked_at + self.market.rules.lost_patience:
            found = f"{len(matches)} orders there could be it" if matches else "it was not found there"
            self.market.drop(order, f"the answer to our asking for it was lost, and {found}")

    def _matches(self, order: Order) -> list[Said]:
        """Orders at the processor that pay just this, and that no other row of ours has."""
        processor = self.market.processors.get(order.processor)
        if processor is None or self.market.away(order.processor) is not None:
            return []
        try:
            found = self.market.ask(lambda: processor.find(order, order.asked_at - CLOCKS))
        except (RailUnavailable, ProcessorDenied, ProcessorGarbled) as error:
            self.market.trouble(order.processor, error)
            return []
        return [said for said in found if _is_it(order, said) and not self._taken(order, said)]

    def _taken(self, order: Order, said: Said) -> bool:
        other = self.market.wallet.store.order(said.processor_id)
        return other is not None and other.id != order.id

    def _adopt(self, order: Order, said: Said) -> bool:
        """False: not now, as no rate can be vouched for."""
        wallet = self.market.wallet
        try:
            rate = wallet.pricing.quote(wallet.rules.asset.code, wallet.now()).rate
        except RateError as error:
            self.market.say_of(order, f"a rate: {error}")
            return False
        self.market.accept(order, said, self.market.limit(order, rate), "order.adopted")
        return True

    # ------------------------------------------------------------ made, and not funded

    def reread(self) -> None:
        """Drop orders that are too old or no longer wanted, and read the others again where it is time."""
        orders = self._orders(OrderStatus.UNFUNDED)
        # What another process has funded or dropped is in nobody's way, and would stay for ever.
        self.market.readings.keep((order.processor, order.processor_id) for order in orders)
        refunds = {refund.id: refund for refund in self.market.wallet.store.refunds([o.refund_id for o in orders])}
        wanted = []
        for order in orders:
            refund = refunds.get(order.refund_id)
            why = self._end_of(order, refund)
            if why is None:
                wanted.append(order)
            else:
                self.market.drop(order, why, alarm=was_edited(order, refund))
        self._each([order for order in wanted if self._is_old(order)], self.read)

    def _is_old(self, order: Order) -> bool:
        """Its last reading, which the next tick might find too old; also where there is none."""
        rules = self.market.rules
        return self.market.readings.fresh(order, self.market.wallet.now(), rules.reread) is None

    def _end_of(self, order: Order, refund: Refund | None) -> str | None:
        """Why nothing will be sent to it any more; None: it may still be funded."""
        if order.wallet != self.market.wallet.name:
            return _foreign(order)
        if refund is None:
            return "its refund is not on record"
        if refund.status is not RefundStatus.APPROVED:
            return f"its refund is {refund.status}"
        unlike = mismatches(order, refund)
        if unlike:
            return "; ".join(unlike)
        now = self.market.wallet.now()
        if order.expires_at is None or now + self.market.rules.expiry_margin >= order.expires_at:
            return "it runs out before a deposit would surely be on its way"
        return None if order.processor in self.market.processors else f"{order.processor} is no longer configured"

    def read(self, order: Order) -> None:
        """Ask its processor what it says of this order now, and keep that for the funder."""
        if self.market.away(order.processor) is not None:
            return
        at = self.market.wallet.now()
        processor, name, secret = self.market.processors[order.processor], order.processor_id, self.market.secret(order)
        if name is None:
            raise ValueError(f"order {order.id} is {order.status} without the id that its processor gave it")
        try:
            said = self.market.ask(lambda: processor.read(name, secret, order.receive.asset))
        except OrderMissing:
            self._missed(order)
        except (RailUnavailable, ProcessorDenied, ProcessorGarbled) as error:
            self.market.trouble(order.processor, error)
        else:
            self.market.health.worked(order.processor)
            changed = differences(order, said)
            if changed or said.stage is not Stage.AWAITING_DEPOSIT:
                words = "; ".join(changed) or f"it says {said.status_text[:40]!a} of an order that nothing was sent to"
                self.market.drop(order, words, alarm=bool(changed) or said.stage not in OVER)
                return
            # First the row, if it changes: the funder may act on a reading the moment that it is there.
            if self._hastened(order, said):
                self.market.readings.take(order.processor, said, at)

    def _hastened(self, order: Order, said: Said) -> bool:
        """Where it now runs out earlier, the row says so. False: it ended by that, or its row was moved."""
        rules, now = self.market.rules, self.market.wallet.now()
        late = expiry_problem(order, said, rules, now)
        if late is not None:
            self.market.drop(order, late)
            return False
        end = good_until(order, said, rules)
        if end == order.expires_at and not order.missing:
            return True
        return self._write(order.to(OrderStatus.UNFUNDED, expires_at=end, missing=0, said_at=now))

    def _missed(self, order: Order) -> None:
        if order.missing + 1 >= MISSING_MAX:
            self.market.drop(order, f"{order.processor} does not know it any more", alarm=True)
        else:
            self._write(order.to(OrderStatus.UNFUNDED, missing=order.missing + 1))

    # ------------------------------------------------------------ helpers

    def _orders(self, status: OrderStatus) -> tuple[Order, ...]:
        """Of all wallets: one that pays for orders no more must not keep refunds from new ones."""
        return self.market.wallet.store.open_orders((status,), ORDERS_MAX)

    def _each(self, orders: list[Order], deed: Callable[[Order], None]) -> None:
        """In the lane of each one's processor; an order whose processor is gone, at once."""
        jobs = []
        for order in orders:
            if order.processor in self.market.processors:
                jobs.append((order.processor, lambda order=order: deed(order)))
            else:
                deed(order)
        self.market.calls.run(jobs)

    def _write(self, order: Order) -> bool:
        try:
            self.market.wallet.store.commit(Change(orders=(order,)))
        except StaleWrite:
            return False
        return True


def _foreign(order: Order) -> str:
    return f"wallet {order.wallet}, which it returns to, pays for orders no more"


def _is_it(order: Order, said: Said) -> bool:
    return (
        said.destination is not None
        and said.receive == order.receive
        and same_address(said.destination, order.destination)
    )
