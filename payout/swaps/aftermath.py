"""
The aftermath: an order that has ended is looked at for a while, as a chain may take back what it showed.

A settlement that is undone is under way again; a return after which the customer is paid all the same needs a person.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.errors import RailUnavailable
from payout.money import Money
from payout.swaps.evidence import expected_of
from payout.swaps.settlement import no_longer_watched, noted, sighted, unsettled
from payout.swaps.trouble import Trouble

if TYPE_CHECKING:
    from payout.order import Order
    from payout.ports import Arrival, Chain
    from payout.swaps.evidence import Back, Proof
    from payout.swaps.lookout import Lookout
    from payout.swaps.settlement import Case

log = logging.getLogger(__name__)

WATCH = timedelta(hours=24)
"""How long an ended order is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """Looks at orders that are SETTLED or RETURNED and still watched. Raises as `Follower.look`."""

    lookout: Lookout

    def watch_settled(self, case: Case) -> None:
        """Until it is old: a reorganisation of the customer's chain may undo it."""
        order = case.order
        chain = self.lookout.chain(order)
        if chain is not None and order.settle_txid is not None:
            try:
                if self._moved(case, chain, order.settle_txid):
                    return
            except RailUnavailable as error:
                log.info("order.unseen", extra={"order": order.id, "why": str(error)})
                return
        if self._ended_long_ago(order) and not self._note_gain(case):
            self.lookout.store.commit(no_longer_watched(case))

    def _moved(self, case: Case, chain: Chain, txid: str) -> bool:
        """It is gone, or elsewhere; that was written."""
        order, store, now = case.order, self.lookout.store, self.lookout.clock.now()
        finding = chain.look(expected_of(order), txid)
        same = next((arrival for arrival in finding.arrivals if arrival.id == order.arrival_id), None)
        undone = _undone(order, same, finding.words)
        if undone is not None:
            store.commit(unsettled(case, undone, now))
            return True
        seen, news = sighted(order, same)
        return self._note(case, seen, news, Trouble(words=order.trouble) if order.trouble else None)

    def _note_gain(self, case: Case) -> bool:
        """The customer has theirs, and the deposit came back as well: not ours to keep quietly."""
        order = case.order
        back = self.lookout.come_back(order)
        if back is None or not back.something or back.deep == order.returned_units:
            return False
        came = Money(back.deep, back.deposit.asset)
        words = f"it is settled, and {came} {came.asset.code} came back to us as well: tell {order.processor}'s support"
        return self._note(case, replace(order, returned_units=back.deep), (), Trouble(words=words))

    def watch_returned(self, case: Case) -> None:
        """Until it is old, and its return journaled: the customer may be paid all the same."""
        lookout = self.lookout
        heard = lookout.hear(case.order)
        order, news = heard.order, heard.news
        # A payment that nothing names may be the next order's by now.
        later = any(each.number > order.number for each in lookout.store.orders_of([order.refund_id]))
        proof = lookout.prove(heard, searching=not later)
        back = lookout.come_back(order)
        found = _after_return(order, proof, back)
        if found is None and back is not None and back.deep > (order.returned_units or 0):
            order = replace(order, returned_units=back.deep)
            news = (*news, "more came to its return address")
        wrote = self._note(case, order, news, found)
        if not wrote and self._ended_long_ago(order) and lookout.journaled(order):
            lookout.store.commit(no_longer_watched(case))

    def _note(self, case: Case, seen: Order, news: tuple[str, ...], found: Trouble | None) -> bool:
        """Write what is new; True if anything was."""
        change = noted(case, seen, news, found, self.lookout.clock.now())
        if change is not None:
            self.lookout.store.commit(change)
        return change is not None

    def _ended_long_ago(self, order: Order) -> bool:
        return order.ended_at is not None and self.lookout.clock.now() - order.ended_at >= WATCH


def _undone(order: Order, arrival: Arrival | None, words: str) -> str | None:
    """Why what settled it is no longer there; None while it is."""
    if arrival is None:
        return f"{order.settle_txid} is gone ({words})"
    moved = (arrival.height, arrival.block) != (order.settle_height, order.settle_block)
    if moved and not arrival.final:  # In the same block a lower depth is only a node that lags.
        return f"{arrival.txid} is no longer final"
    return None


def _after_return(order: Order, proof: Proof, back: Back | None) -> Trouble | None:
    """What must not be after a return: the customer is paid, or the return is gone."""
    paid = proof.settles or proof.seen or proof.stray
    if paid is not None:
        return Trouble(
            words=f"its deposit came back, and the customer is paid in {paid.txid} all the same: hold the refund, "
            f"and settle it with {order.processor} and the customer",
            hold=True,
        )
    if back is not None and order.returned_units and back.units < order.returned_units:
        words = "a reorganisation took its return out of our wallet: hold the refund until it is back"
        return Trouble(words=words, hold=True)
    return None
