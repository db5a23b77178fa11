"""
The tick that tells others. It only begins errands: one lane for each endpoint and each service.

Whoever hangs fills a lane of one thread and nothing else; a payment never waits for any of them.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.wiring import House
    from payout.swaps.errands import Errands

log = logging.getLogger("payout.telling")

Guard = Callable[[str, Callable[[], None]], None]
"""Does a named piece of work, and deals with its errors."""


class Telling:
    """Webhooks and alarms of one process, which `owner` names."""

    def __init__(self, house: House, owner: str) -> None:
        self._lock = threading.Lock()
        self._ill: dict[tuple[str, str], str] = {}
        self._courier = house.webhooks.courier(partial(self._heard, "endpoint"))
        self._crier = house.webhooks.crier(owner, partial(self._heard, "alarm_service"))

    def tick(self, errands: Errands, guard: Guard) -> None:
        """Begin what is due, unless it is under way. Raises StoreError."""
        for endpoint_id, work in self._courier.rounds():
            name = f"webhooks {endpoint_id}"
            errands.begin(name, name, partial(guard, name, work))
        errands.begin("webhooks", "webhooks", partial(guard, "webhooks", self._courier.forget))
        for key, work in self._crier.rounds():
            name = f"alarms {key}"
            errands.begin(name, name, partial(guard, name, work))

    def _heard(self, what: str, name: str, words: str | None) -> None:
        """One log line when an endpoint or a service begins to fail, and one when it is well again."""
        with self._lock:
            was = self._ill.pop((what, name), None)
            if words is not None:
                self._ill[what, name] = words
        if words is None and was is not None:
            log.info("%s.recovered", what, extra={what: name})
        if words is not None and was is None:
            log.warning("%s.failing", what, extra={what: name, "why": words})
