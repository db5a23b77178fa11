"""A desk among several people, for tests: one sealed refund on it, and what happens behind a person's back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from adapters.memory.store import MemoryStore
from payout.approval import Rules
from payout.asset import Asset
from payout.change import Change
from payout.desk import Desk
from payout.errors import BadInput
from payout.refund import Refund
from payout.resolution import Resolution
from tests.approvers import EVERYTHING, make_approver, make_rules
from tests.clock import HandClock
from tests.factories import LIMITS, make_attempt, make_quote, make_refund, make_transfer
from tests.stores import AUDIT

TWO = make_rules({"ann": EVERYTHING, "bob": EVERYTHING})
ACTS: dict[str, Callable[[Desk, str], object]] = {
    "approve": lambda desk, who: desk.approve("E-1", who),
    "draft": lambda desk, who: desk.draft("E-1", who),
    "release": lambda desk, who: desk.release("E-1", who),
    "reject": lambda desk, who: desk.reject("E-1", who, "no"),
    "cancel": lambda desk, who: desk.cancel("E-1", who, "withdrawn"),
    "hold": lambda desk, who: desk.hold("E-1", who, "look"),
    "amend": lambda desk, who: desk.amend("E-1", "4elsewhere", None, who, "typo"),
    "credited": lambda desk, who: desk.resolve("E-1", Resolution.CREDITED, who, "credit"),
    "failed": lambda desk, who: desk.resolve("E-1", Resolution.FAILED, who, "nothing came"),
    "give up": lambda desk, who: desk.give_up(make_transfer().id, who, "slow"),
    "classify": lambda desk, who: desk.classify("hot", "t1", who, "a test"),
}


def check_destination(_asset: Asset, address: str, _memo: str | None) -> None:
    if not address.startswith("4"):
        raise BadInput("destination", "is not an address", "copy it whole")


class Office:
    """A desk with one sealed refund on it, handed in by the shop."""

    def __init__(self, rules: Rules = TWO, **facts: Any) -> None:
        self.clock = HandClock()
        self.store = MemoryStore(self.clock)
        self.rules = rules
        self.approver = replace(make_approver(), rules=lambda: self.rules)
        refund = self.approver.sealed(make_refund(**{"requested_by": "api:shop", **facts}))
        self.store.commit(Change(refunds=(refund,)))

    def desk(self, store: Any = None) -> Desk:
        return Desk(
            store=store or self.store,
            audit=AUDIT,
            clock=self.clock,
            approver=self.approver,
            limits=LIMITS,
            check_destination=check_destination,
        )

    @property
    def refund(self) -> Refund:
        return self.desk().find("E-1")

    def pay(self) -> None:
        """An attempt is opened, as the worker does it."""
        self.desk().approve("E-1", "ann")
        refund = self.refund.open_attempt()
        transfer = make_transfer()
        attempt = make_attempt(refund, transfer)
        self.store.commit(Change(refunds=(refund,), transfers=(transfer,), attempts=(attempt,), quotes=(make_quote(),)))

    def edit(self, **changes: Any) -> None:
        """Somebody writes to the database."""
        self.store._t.refunds[self.refund.id] = replace(self.refund, **changes)

    def said(self) -> list[tuple[str, str]]:
        return [(event.kind, event.who) for event in self.store.events(refund_id=self.refund.id)]

    def kinds(self) -> list[str]:
        return [event.kind for event in self.store.events()]

    def alarms(self) -> list[str]:
        return [event.kind for event in self.store.events(alarms=True)]


class Meanwhile:
    """A store in which something happens between a look and the next write."""

    def __init__(self, store: MemoryStore, deed: Callable[[], object]) -> None:
        self._store, self._deed = store, deed
        self.done = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, change: Change) -> None:
        if not self.done:
            self.done = True
            self._deed()
        self._store.commit(change)
