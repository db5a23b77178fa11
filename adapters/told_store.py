"""
A Store that tells the log what was written: each event of a change, once the change is on record.

Nothing else passes through here changed. A change whose answer was lost is not told; whoever reads it
again will write, and tell, what follows from it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from payout.change import Change
    from payout.event import Event
    from payout.ports import Store

log = logging.getLogger("payout.events")


def told(store: Store) -> Store:
    """The same store, with a log line for each event."""
    return cast("Store", _ToldStore(store))


class _ToldStore:
    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, change: Change) -> None:
        self._store.commit(change)
        for event in change.events:
            log.log(logging.WARNING if event.alarm else logging.INFO, event.kind, extra=_fields(event))


def _fields(event: Event) -> dict[str, str]:
    fields = {
        "wallet": event.wallet,
        "refund": event.refund_id,
        "transfer": event.transfer_id,
        "order": event.order_id,
        "who": event.who,
        "words": event.words,
    }
    return {name: value for name, value in fields.items() if value is not None}
