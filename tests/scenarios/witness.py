"""A store whose every commit the reader sees, at the moment when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios.testimony import unsaid
from tests.scenarios.violation import fail

if TYPE_CHECKING:
    from payout.change import Change
    from tests.scenarios.database import Database
    from tests.scenarios.reader import Reader


class Witnessed:
    """A store whose every commit the reader sees."""

    def __init__(self, database: Database, reader: Reader) -> None:
        self._database = database
        self._reader = reader

    def __getattr__(self, method: str) -> Any:
        return getattr(self._database.store, method)

    def commit(self, change: Change) -> None:
        """Pass it on, then let the reader look. A change of state of which the history says nothing is a fault."""
        silent = unsaid(change, self._database.store)
        self._database.store.commit(change)
        if silent:
            fail(f"no event says that {'; '.join(silent)}")
        self._reader.see_commit()
