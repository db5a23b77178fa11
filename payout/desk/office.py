"""
The office: what every act of a person has in common.

An act is allowed by a role, means the row that the person saw, and is written by compare-and-swap. Whoever comes
second is told who was first: two people never decide over each other's heads.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.approval import permit
from payout.approval.manifest import fingerprint
from payout.change import Change
from payout.errors import BadInput, ForgedApproval, IllegalTransition, Overtaken, StaleWrite
from payout.event import SYSTEM, Event

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payout.approval import Act, Approver
    from payout.audit.chain import AuditKey
    from payout.intake import DestinationCheck
    from payout.limits import Limits
    from payout.ports import Clock, Store
    from payout.refund import Refund

TRIES = 8
"""Looks at a row that moves by itself, such as one that is being paid, before the act is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Where an act finds what it needs."""

    store: Store
    clock: Clock
    approver: Approver
    limits: Limits
    check_destination: DestinationCheck
    audit: AuditKey
    """Tells what people said from what somebody wrote into the database."""
    processors: frozenset[str] = frozenset()
    """Names of all that are configured: a pause of one is no wallet's."""

    def find(self, key: str) -> Refund:
        """
        A refund by id or external_id.

        Raises:
            BadInput: there is none.
        """
        refund = self.store.refund(key)
        if refund is None:
            raise BadInput("refund", f"{key!r} is not on record", "see `payout refunds list`")
        return refund

    def _permit(self, who: str, act: Act) -> None:
        """Raises NotAllowed."""
        permit(self.approver.rules(), who, act)

    def _act(
        self,
        key: str,
        who: str,
        revision: int | None,
        decide: Callable[[Refund], Change | None],
        beside: frozenset[str] = frozenset(),
    ) -> Refund:
        """
        Decide on the row as it stands and write that; None writes nothing. What the program did meanwhile is looked at
        anew, and so are events of the kinds `beside`, which leave room for this act.

        Raises:
            Overtaken: the row is not of that revision, or somebody else was first.
            IllegalTransition: the status does not allow it; says who saw to that.
        """
        found = self.find(key)
        last = self._newest(found)
        for _ in range(TRIES):
            refund = self.find(found.id)
            self._check_revision(refund, revision)
            try:
                change = decide(refund)
                if change is None:
                    return refund
                self.store.commit(change)
            except StaleWrite:
                self._check_first(refund, who, last, beside)
            except IllegalTransition as error:
                raise self._explained(error, refund) from error
            else:
                return change.refunds[-1] if change.refunds else refund
        raise StaleWrite(f"refund {found.external_id} changes all the time: try again")

    def _newest(self, refund: Refund) -> Event | None:
        return next(iter(self.store.events(refund_id=refund.id, limit=1)), None)

    def _check_revision(self, refund: Refund, revision: int | None) -> None:
        """What the person saw is what stands there. Raises Overtaken with the difference."""
        if revision is None or revision == refund.revision:
            return
        if not 1 <= revision < refund.revision:
            raise BadInput("revision", f"{revision} is not on record", f"look at it again: it is {refund.revision}")
        replaced = {each.number: each for each in self.store.revisions(refund.id)}
        seen, latest = replaced.get(revision), replaced.get(refund.revision - 1)
        facts = () if seen is None else (
            ("destination", seen.destination, refund.destination),
            ("memo", seen.memo, refund.memo),
        )  # fmt: skip
        differences = tuple(fact for fact in facts if fact[1] != fact[2])
        by = f": {latest.replaced_by} amended it at {to_the_second(latest.replaced_at)}" if latest else ""
        said = "".join(f"; its {name} was {old or 'none'} and is {new or 'none'}" for name, old, new in differences)
        raise Overtaken(
            f"refund {refund.external_id} is at revision {refund.revision}, and no longer {revision}{by}{said}: "
            "look at it again",
            differences,
        )

    def _check_seen(self, refund: Refund, seen: str | None) -> None:
        """The row says what the person saw, by its fingerprint. Raises Overtaken."""
        now = fingerprint(refund, self.approver.instance)
        if seen not in {None, now}:
            raise Overtaken(
                f"refund {refund.external_id} is not what you saw, although it may be the same revision: its "
                f"fingerprint is {now} now: look at it again"
            )

    def _check_first(self, refund: Refund, who: str, last: Event | None, beside: frozenset[str]) -> None:
        """Nobody else acted on it since `last`. Raises Overtaken."""
        events = self.store.events(refund_id=refund.id)
        since = events[events.index(last) + 1 :] if last in events else events
        others = [event for event in since if event.who not in (SYSTEM, who) and event.kind not in beside]
        if others:
            now = self.find(refund.id)
            raise Overtaken(
                f"{others[-1].who} was first: refund {refund.external_id} is {now.status} since "
                f"{to_the_second(others[-1].at)} ({others[-1].words})"
            )

    def _check_seal(self, refund: Refund) -> None:
        """
        The row is what was handed in: nobody approves or amends another by mistake, and everybody hears of it.

        Raises:
            ForgedApproval: it is not; it is HELD now.
        """
        try:
            self.approver.check_seal(refund)
        except ForgedApproval as error:
            kinds = ("approval.invalid", "refund.held")
            events = tuple(self._event(kind, str(error), SYSTEM, refund, alarm=True) for kind in kinds)
            with suppress(StaleWrite):
                self.store.commit(Change(refunds=(refund.hold(str(error)),), events=events))
            raise

    def _explained(self, error: IllegalTransition, refund: Refund) -> IllegalTransition:
        """With the one who brought it about, where that was a person."""
        last = self._newest(refund)
        if last is None or last.who == SYSTEM:
            return error
        return IllegalTransition(f"{error} ({to_the_second(last.at)}: {last.words})")

    def _event(self, kind: str, words: str, who: str, refund: Refund, *, alarm: bool = False) -> Event:
        return Event(at=self.clock.now(), kind=kind, words=words, who=who, refund_id=refund.id, alarm=alarm)


def to_the_second(at: datetime) -> str:
    """A time in words, where it matters who was first."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
