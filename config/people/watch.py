"""Tells once of each people file that is proposed and not in force: as an alarm, as an intruder may have written it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from payout.change import Change
from payout.event import SYSTEM, Event

if TYPE_CHECKING:
    from config.people.file import PeopleFile
    from payout.ports import Clock, Store

KIND: Final = "people.proposed"
LOOKED_BACK: Final = 50
"""Alarms among which the same may have been told, by another process or before a restart."""

DIGEST_CHARS: Final = 16


class PeopleWatch:
    """Looks at the people file; that alone also puts a signed change in force."""

    def __init__(self, people: PeopleFile, store: Store, clock: Clock) -> None:
        self._people = people
        self._store = store
        self._clock = clock
        self._told: str | None = None

    def look(self) -> None:
        """Tell of a proposal that nobody has told of yet."""
        proposal = self._people.state().proposal
        if proposal is None:
            self._told = None
            return
        digest = proposal.step.file
        if digest == self._told:
            return
        named = f"(sha-256 {digest[:DIGEST_CHARS]}..)"
        events = self._store.events(alarms=True, limit=LOOKED_BACK)
        if not any(event.kind == KIND and event.words.endswith(named) for event in events):
            words = f"{proposal.words}; {proposal.remedy} {named}"
            event = Event(at=self._clock.now(), kind=KIND, words=words, who=SYSTEM, alarm=True)
            self._store.commit(Change(events=(event,)))
        self._told = digest
