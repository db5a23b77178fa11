"""
The market: what every part of order making has in its hands, and the moves that they share.

Whatever a processor says ends here as words and rows: an answer that is wrong in one field never becomes an order
that could be funded.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from payout.change import Change, Note
from payout.errors import OrderTaken, PayoutError, ProcessorDenied, ProcessorGarbled, StaleWrite, WalletUnsafe
from payout.money import usd_value
from payout.order import OrderStatus
from payout.swaps.echo import echo_problems, expiry_problem, good_until
from payout.swaps.offer import spend_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from decimal import Decimal

    from payout.errors import RailError
    from payout.event import Event
    from payout.money import Money
    from payout.order import Order, Said
    from payout.ports import Processor
    from payout.refund import Refund
    from payout.swaps.health import Health
    from payout.swaps.readings import Readings
    from payout.swaps.rules import SwapRules
    from payout.swaps.side_by_side import SideBySide
    from payout.vetting import Fault
    from payout.wallet import Wallet

log = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """One wallet, and the processors that it pays."""

    wallet: Wallet
    rules: SwapRules
    processors: Mapping[str, Processor]
    readings: Readings
    health: Health
    calls: SideBySide

    @staticmethod
    def ask(call: Callable[[], T]) -> T:
        """
        A call to a processor. What its client did not foresee is an answer that nobody can read.

        Raises:
            PayoutError: as the call does.
            ProcessorGarbled: also for a fault of the program, which is logged whole.
        """
        try:
            return call()
        except PayoutError:
            raise
        except Exception as error:
            log.exception("processor.fault")
            kind = type(error).__name__
            raise ProcessorGarbled(f"its client met a fault of the program ({kind}): see the log") from error

    def event(self, order: Order, kind: str, words: str, *, alarm: bool = False) -> Event:
        """An event of an order and its refund."""
        return self.wallet.event(kind, words, refund_id=order.refund_id, order_id=order.id, alarm=alarm)

    def away(self, name: str) -> str | None:
        """Why a processor is not to be asked now. Looked at before each call: the one before may have been in vain."""
        return self.health.away(name, self.wallet.now())

    def say(self, refund: Refund, words: str) -> None:
        """What an APPROVED refund waits for, where its row says something else."""
        if refund.waiting_for != words:
            note = Note(refund_id=refund.id, waiting_for=words, passed_over=refund.passed_over)
            self.wallet.store.note((note,))

    def say_of(self, order: Order, words: str) -> None:
        """The same, of the refund of an order."""
        for refund in self.wallet.store.refunds([order.refund_id]):
            self.say(refund, words)

    def limit(self, order: Order, rate: Decimal) -> Money:
        """The most that its deposit may be, at `rate` USD for our own coin."""
        worth = usd_value(order.receive, order.rate)
        return spend_limit(worth, rate, self.wallet.rules.asset, self.rules.spread_max)

    def secret(self, order: Order) -> str | None:
        """What the order's support asks for, in clear; None where it cannot be unsealed: most questions go without."""
        try:
            return None if order.sealed_secret is None else self.wallet.sealer.unseal_text(order.sealed_secret)
        except WalletUnsafe as error:
            log.warning("order.secret_sealed", extra={"order": order.id, "why": str(error)})
            return None

    def accept(self, order: Order, said: Said, limit: Money, kind: str) -> Order | None:
        """
        Take the answer to a creating call: the order is UNFUNDED, and returned, or DROPPED.

        None, too, where someone else moved its row first.
        """
        now = self.wallet.now()
        problems = echo_problems(order, said, coin=self.wallet.coin, limit=limit, rules=self.rules, now=now)
        if problems:
            late = expiry_problem(order, said, self.rules, now)
            self.drop(order, "; ".join(problems), alarm=problems != (late,), named=said.processor_id)
            return None
        made = self._made(order, said, now)
        found = "the answer was found again: " if kind == "order.adopted" else ""
        what = f"{said.deposit} {order.offered.asset.code} for {order.receive} {order.receive.asset.code}"
        words = f"{found}{order.processor} made order {said.processor_id}: {what}"
        event = self.event(made, kind, f"{words}, good until {made.expires_at:%H:%M:%S} UTC")
        try:
            self.wallet.store.commit(Change(orders=(made,), events=(event,)))
        except StaleWrite:
            return None
        except OrderTaken:
            why = f"its id {said.processor_id!a} or its deposit address is another order's"
            self.drop(order, why, alarm=True)
            return None
        self.say_of(made, f"its deposit to {order.processor}: order {said.processor_id} is to be funded")
        return made

    def _made(self, order: Order, said: Said, now: datetime) -> Order:
        sealer = self.wallet.sealer
        return order.to(
            OrderStatus.UNFUNDED,
            processor_id=said.processor_id,
            sealed_secret=None if said.secret is None else sealer.seal_text(said.secret),
            deposit=said.deposit,
            deposit_address=said.deposit_address,
            expires_at=good_until(order, said, self.rules),
            stage=said.stage,
            status_text=said.status_text,
            reason=said.reason,
            support_url=said.support_url or self.rules.processors[order.processor].support_url,
            said_at=now,
        )

    def drop(self, order: Order, why: str, *, alarm: bool = False, named: str | None = None) -> None:
        """End an order that nothing was sent to. `named`: the id of one that was refused, for its event."""
        name = order.processor_id or named
        words = f"order {ascii(name)[1:-1][:40]} at {order.processor}" if name else f"the order at {order.processor}"
        after = order.to(OrderStatus.DROPPED, ended_at=self.wallet.now(), reason=why)
        event = self.event(after, "order.dropped", f"{words} is not funded: {why}", alarm=alarm)
        try:
            self.wallet.store.commit(Change(orders=(after,), events=(event,)))
        except StaleWrite:
            return  # Funded, or dropped, by someone else.
        if order.processor_id is not None:
            self.readings.forget(order.processor, order.processor_id)
        self.say_of(order, f"another order, as {words} was dropped: {why}")

    def hold(self, fault: Fault) -> None:
        """Only a person can mend it."""
        with suppress(StaleWrite):  # It was moved meanwhile; the next tick looks at it again.
            self.wallet.store.commit(Change(refunds=(fault.stopped,), events=fault.events(self.wallet)))

    def trouble(self, name: str, error: RailError) -> None:
        """A processor failed us: leave it alone for a while."""
        now = self.wallet.now()
        if not isinstance(error, ProcessorDenied):
            log.info("processor.failed", extra={"processor": name, "why": str(error)})
            self.health.failed(name, str(error), now)
        elif self.health.denied(name, str(error), now):
            words = f"{name} refuses us, and gets no new orders: {str(error).removeprefix(f'{name}: ')}"
            self.wallet.store.commit(Change(events=(self.wallet.event("processor.denied", words, alarm=True),)))
