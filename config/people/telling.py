"""Says in the history that another people file is in force; the rules hold all the same where that fails."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from payout.change import Change
from payout.errors import PayoutError
from payout.event import Event

if TYPE_CHECKING:
    from datetime import datetime

    from config.people.file import Taken
    from payout.ports import Store

log = logging.getLogger("payout.people")


def tell(store: Store, taken: Taken, now: datetime) -> None:
    """One event."""
    who = " and ".join(taken.signers) or "payout"
    event = Event(at=now, kind="people.changed", words=taken.words, who=who)
    try:
        store.commit(Change(events=(event,)))
    except PayoutError as error:
        log.warning("people.not_told", extra={"why": str(error)})
