"""
The follower: looks at every funded order until it ended, and for a while after that.

What its processor says is written down and never believed: an order ends when the customer's chain shows its
settlement, or when its deposit is back in our wallet. It takes no lease and sends nothing; any process may follow.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from payout.change import Change
from payout.errors import IllegalTransition, OrderTaken, PayoutError, StaleWrite
from payout.event import Event
from payout.money import Money
from payout.order import Order, OrderStatus, Stage
from payout.swaps.aftermath import Aftermath
from payout.swaps.errands import AtOnce, Errands
from payout.swaps.polling import Polling
from payout.swaps.settlement import Case, noted, open_case, returned, settled, sighted
from payout.swaps.trouble import State, Trouble, trouble

if TYPE_CHECKING:
    from payout.swaps.evidence import Back
    from payout.swaps.lookout import Heard, Lookout

log = logging.getLogger(__name__)

FOLLOWED_MAX = 1000
"""Orders of one kind that one tick considers, longest asked first."""

_ON_ITS_WAY = frozenset({None, Stage.AWAITING_DEPOSIT, Stage.DEPOSIT_SEEN, Stage.EXCHANGING, Stage.SENDING})
"""Stages in which nothing is expected at the return address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Follows the orders of an installation."""

    lookout: Lookout
    overdue: timedelta = timedelta(hours=48)
    errands: Errands = field(default_factory=AtOnce)
    polling: Polling = field(default_factory=Polling)
    reported: set[str] = field(default_factory=set)
    """Processors that refuse us, and orders whose rows contradict each other, as far as this process has said so."""

    def tick(self) -> None:
        """
        Begin a look at each order for which it is time. Returns at once where `errands` are threads.

        Raises:
            StoreError: the database did not answer.
        """
        store, now = self.lookout.store, self.lookout.clock.now()
        funded = store.open_orders((OrderStatus.FUNDED,), FOLLOWED_MAX)
        orders = (*funded, *store.unwatched_orders(FOLLOWED_MAX))
        for order in orders:
            # Neither a slow processor nor a slow chain delays the orders of others.
            lane = f"{order.processor} {order.receive.asset.network}"
            due = self.polling.due(order, now)
            if due and self.errands.begin(lane, order.id, partial(self._look_safely, order.id)):
                self.polling.looked(order, now)
        self.polling.keep(order.id for order in orders)

    def look(self, order_id: str) -> None:
        """
        Look at one order now.

        Raises:
            StaleWrite, OrderTaken: someone else moved it first; the next look reads it again.
            StoreError: the database did not answer.
        """
        order = self.lookout.store.order(order_id)
        case = open_case(self.lookout.store, order) if order is not None else None
        if case is None:
            return
        match case.order.status:
            case OrderStatus.FUNDED:
                self._follow(case)
            case OrderStatus.SETTLED if not case.order.watched:
                Aftermath(lookout=self.lookout).watch_settled(case)
            case OrderStatus.RETURNED if not case.order.watched:
                Aftermath(lookout=self.lookout).watch_returned(case)

    def _look_safely(self, order_id: str) -> None:
        try:
            self.look(order_id)
        except (StaleWrite, OrderTaken) as error:
            log.debug("order %s moved meanwhile: %s", order_id, error)
        except IllegalTransition as error:
            words = f"{error}: its rows contradict each other, so somebody changed them; nothing is concluded from them"
            self._report_once(order_id, "order.contradicted", words, order_id)
        except PayoutError as error:
            log.warning("order.not_followed", extra={"order": order_id, "why": str(error)})
        except Exception as error:
            # One order's must not be all orders'. It is told where people look, and the log has it whole.
            log.exception("order.fault", extra={"order": order_id})
            words = f"a fault of the program ({type(error).__name__}) keeps it from being followed: see the log"
            self._report_once(order_id, "order.not_followed", words, order_id)

    def _follow(self, case: Case) -> None:
        lookout = self.lookout
        heard = lookout.hear(case.order)
        self._report(heard)
        order = heard.order
        proof = lookout.prove(heard)
        now = lookout.clock.now()
        if proof.settles is not None:
            lookout.store.commit(settled(case, order, proof.settles, now))
            return
        back = lookout.come_back(order) if self._asks_wallet(order) else None
        if back is not None and back.whole and order.stage is Stage.RETURNED and proof.nothing:
            lookout.store.commit(returned(case, order, back, now))
            return
        seen, news = sighted(order, proof.seen) if proof.answered else (order, ())
        seen, came = _came_back(seen, back)
        state = State(
            order=order,
            proof=proof,
            chain_configured=lookout.chain(order) is not None,
            back=back,
            now=now,
            changed=heard.changed,
        )
        found = self._unconfigured(order) or trouble(state, self.overdue)
        change = noted(case, seen, (*heard.news, *news, *came), found, now)
        if change is not None:
            lookout.store.commit(change)

    def _report(self, heard: Heard) -> None:
        """A processor that refuses our key is an alarm once, however many orders it has."""
        name = heard.order.processor
        if heard.answered:
            self.reported.discard(name)
        elif heard.denied is not None:
            why = heard.denied.removeprefix(f"{name}: ")
            words = f"{name} refuses us, and its open orders cannot be followed there: {why}"
            self._report_once(name, "processor.denied", words)

    def _report_once(self, subject: str, kind: str, words: str, order_id: str | None = None) -> None:
        if subject in self.reported:
            return
        self.reported.add(subject)
        event = Event(at=self.lookout.clock.now(), kind=kind, words=words, order_id=order_id, alarm=True)
        self.lookout.store.commit(Change(events=(event,)))

    def _unconfigured(self, order: Order) -> Trouble | None:
        if order.processor in self.lookout.processors:
            return None
        return Trouble(words=f"[processors.{order.processor}] is not configured: put it back, its order is still open")

    def _asks_wallet(self, order: Order) -> bool:
        """The wallet is asked only where something may have come back: it is busy with paying."""
        late = self.lookout.clock.now() - (order.funded_at or order.asked_at) >= self.overdue
        return late or order.stage not in _ON_ITS_WAY


def _came_back(order: Order, back: Back | None) -> tuple[Order, tuple[str, ...]]:
    """What is at its return address, and what is new about that."""
    if back is None or back.deep == (order.returned_units or 0):
        return order, ()
    came = Money(back.deep, back.deposit.asset)
    seen = replace(order, returned_units=back.deep, return_txid=back.txid or order.return_txid)
    return seen, (f"{came} of {back.deposit} {came.asset.code} came to its return address",)
