"""
Puts pauses by file into the history: who looks at it later should find every pause there, also those of a bad day.

They have kinds of their own, since no row of the database stands for them and nobody can resume them there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from payout.change import Change
from payout.event import Event

if TYPE_CHECKING:
    from payout.ports import Clock, Halts, Store


@dataclass(slots=True, kw_only=True)
class HaltWatch:
    """Of one process. What was there before it began is told once more."""

    store: Store
    clock: Clock
    halts: Halts
    _there: dict[str, str] = field(default_factory=dict)
    """The words of each scope's pause."""

    def look(self) -> None:
        """
        Tell what is new and what is gone.

        Raises:
            StoreError: it is told at the next look.
        """
        there = {pause.scope: pause.words for pause in self.halts.pauses()}
        events = [
            *(
                self._event("pause_file.seen", words)
                for scope, words in there.items()
                if self._there.get(scope) != words
            ),
            *(
                self._event("pause_file.gone", f"over: {words}")
                for scope, words in self._there.items()
                if scope not in there
            ),
        ]
        if events:
            self.store.commit(Change(events=tuple(events)))
        self._there = there

    def _event(self, kind: str, words: str) -> Event:
        return Event(at=self.clock.now(), kind=kind, words=words)
