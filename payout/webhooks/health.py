"""
How each endpoint is, as one process sees it: an alarm once it has taken nothing for half an hour.

Messages wait for three days, so whoever runs this hears of a broken receiver while nothing is lost yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from payout.change import Change
from payout.event import Event

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from payout.ports import Clock, Store

LONG = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Hears what came of each try, and passes it on to `tell`."""

    store: Store
    clock: Clock
    tell: Callable[[str, str | None], None]
    _since: dict[str, datetime] = field(default_factory=dict)
    """When an endpoint that takes nothing began to do so."""
    _told: set[str] = field(default_factory=set)

    def hear(self, endpoint_id: str, words: str | None) -> None:
        """None: it took a message; else what was wrong. Raises StoreError."""
        self.tell(endpoint_id, words)
        if words is None:
            self._since.pop(endpoint_id, None)
            self._told.discard(endpoint_id)
            return
        now = self.clock.now()
        since = self._since.setdefault(endpoint_id, now)
        if now - since < LONG or endpoint_id in self._told:
            return
        self._told.add(endpoint_id)
        minutes = (now - since) // timedelta(minutes=1)
        said = f"endpoint {endpoint_id} has taken nothing for {minutes} minutes: {words}. Mend it, then try it: "
        remedy = f"payout webhooks test {endpoint_id}. What waits is sent by itself, for three days"
        event = Event(at=now, kind="endpoint.failing", words=said + remedy, alarm=True)
        self.store.commit(Change(events=(event,)))
