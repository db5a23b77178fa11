"""
Alarms, told to people by mail or chat: each at least once to each service, in bundles when there are many.

Each service has a place of its own in the chain of events, in the database: one that fails hears everything later,
and the others hear nothing twice. Nothing here is in the way of a payment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from payout.change import Change
from payout.event import Event
from payout.text import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from payout.audit.chain import AuditLine
    from payout.ports import Clock, Store
    from payout.ports.webhooks import Messenger

BUNDLE_MAX = 500
"""Alarms that one text stands for."""

SHOWN_MAX = 20
"""Alarms that one text spells out."""

WORDS_MAX = 600
"""Of one alarm; chats cut long texts off."""

PAUSE = timedelta(minutes=1)
"""From one text to the next: in a storm, what comes meanwhile is bundled."""

PATIENCE_MAX = timedelta(minutes=15)
"""The longest pause after a service failed again and again."""

TURN = timedelta(minutes=2)
"""Longer than any service may take: while one process tells it something, no other does."""


def _say_nothing(_name: str, _words: str | None) -> None:
    """For whoever needs no log."""


@dataclass(slots=True)
class _Pace:
    next_at: datetime | None = None
    failures: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Crier:
    """
    Tells services of the alarms on record. `owner` names this process, `instance` the installation.

    `tell` hears after each text how the service is: None where it took it, else what is wrong.
    """

    store: Store
    clock: Clock
    services: Sequence[Messenger]
    instance: str
    owner: str
    tell: Callable[[str, str | None], None] = _say_nothing
    _paces: dict[str, _Pace] = field(default_factory=dict)

    def rounds(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        """One piece of work for each service, by its key. They may be done side by side."""
        return tuple((each.key, partial(self.cry, each)) for each in self.services)

    def cry(self, service: Messenger) -> None:
        """Tell one service what it has not heard, unless it was told something just now. Raises StoreError."""
        now = self.clock.now()
        pace = self._paces.setdefault(service.key, _Pace())
        # Farther off than any pause: the clock was ahead, and was set back.
        if pace.next_at is not None and now < pace.next_at <= now + PATIENCE_MAX:
            return
        reader = f"alarms/{service.key}"
        if not self._unheard(reader):
            return
        turn = self.store.claim_lease(reader, self.owner, TURN)
        if turn is None:
            return  # Another process is telling it.
        try:
            # Read anew: whoever had the turn before us may have told it all.
            lines = self._unheard(reader)
            if lines:
                self._send(service, reader, lines, pace)
        finally:
            self.store.release_lease(turn)

    def test(self) -> list[tuple[str, str | None]]:
        """Tell every service that this is a test; what each said, None where it took it."""
        title = f"payout {self.instance}: a test"
        body = f"{iso(self.clock.now())} This is a test: alarms of {self.instance} will arrive here.\n"
        return [(each.name, each.send(title, body)) for each in self.services]

    def _unheard(self, reader: str) -> tuple[AuditLine, ...]:
        place = self.store.place(reader)
        if place is None:
            # A service that was just configured hears what happens from now on, not what long has passed.
            self.store.move_place(reader, None, self.store.audit_head().number)
            return ()
        head = self.store.audit_head().number
        if place > head:
            self._say_moved(reader, place, head)
            place, head = head, self.store.audit_head().number
        # A planted row with a high number must not move the place past alarms that are still to come.
        return tuple(line for line in self.store.alarms_after(place, BUNDLE_MAX) if line.number <= head)

    def _say_moved(self, reader: str, place: int, head: int) -> None:
        """Whoever writes to the database may try to keep alarms from people: that is one."""
        words = (
            f"alarms were marked as told up to event {place}, and there are {head}: somebody wrote to the database, "
            "and some may not have been told. Look through `payout status`, and run `payout audit verify`"
        )
        if self.store.move_place(reader, place, head):
            event = Event(at=self.clock.now(), kind="alarms.skipped", words=words, alarm=True)
            self.store.commit(Change(events=(event,)))

    def _send(self, service: Messenger, reader: str, lines: Sequence[AuditLine], pace: _Pace) -> None:
        before = self.store.place(reader)
        complaint = service.send(*text(self.instance, [line.event for line in lines]))
        self.tell(service.name, complaint)
        if complaint is None:
            pace.failures = 0
            self.store.move_place(reader, before, lines[-1].number)
        else:
            pace.failures += 1
        # Doubles with each failure; the exponent is bounded so that the number stays one.
        pace.next_at = self.clock.now() + min(PAUSE * 2 ** min(pace.failures, 8), PATIENCE_MAX)


def text(instance: str, events: Sequence[Event]) -> tuple[str, str]:
    """Title and body that tell of these alarms, oldest first."""
    first = events[0]
    what = first.kind if len(events) == 1 else f"{len(events)} alarms, the first {first.kind}"
    shown = [_line(event) for event in events[:SHOWN_MAX]]
    left = len(events) - len(shown)
    if left:
        shown.append(f"... and {left} more, up to {iso(events[-1].at)}")
    shown.append("See `payout status`.")
    return _one_line(f"payout {instance}: {what}"), "\n\n".join(shown) + "\n"


def _line(event: Event) -> str:
    about = (("wallet", event.wallet), ("refund", event.refund_id), ("order", event.order_id))
    where = ", ".join(f"{name} {value}" for name, value in about if value)
    words = event.words if len(event.words) <= WORDS_MAX else f"{event.words[:WORDS_MAX]}..."
    return _one_line(f"{iso(event.at)} {event.kind}" + (f" ({where})" if where else "") + f": {words}")


def _one_line(words: str) -> str:
    """Whatever a node, a processor or an intruder said."""
    return "".join(c if c.isprintable() else " " for c in words)
