"""
One connection to the console: how long each of its stages may last.

uvicorn bounds none of them, so whoever opens connections and says nothing would keep everybody else out. Here a
request has to come in time and its answer has to be taken in time, and where there are too many connections the one
that has waited longest makes room for the new one.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar, Final

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

CONNECTIONS_MAX: Final = 256


class Connection(H11Protocol):
    """One of uvicorn's, with an end to each stage: no byte that drips in prolongs one."""

    head_seconds: ClassVar[float] = 10
    """For a whole head, from the connection or from the end of the last answer."""
    exchange_seconds: ClassVar[float] = 60
    """From the head to the end of the answer. A body has less, and the test of a webhook takes half of it at most."""

    _served: RequestResponseCycle | None = None
    _timer: asyncio.TimerHandle | None = None

    @property
    def waits_until(self) -> float | None:
        """When a wait for a request ends, by the loop's clock; None: it is being served."""
        return None if self._timer is None or self._served is not None else self._timer.when()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin(self.head_seconds)
        if len(self.connections) > CONNECTIONS_MAX:
            # Never one that is served: the application bounds those. At worst the newest itself.
            waiting = {each.waits_until: each for each in self.connections if isinstance(each, Connection)}
            waiting[min(filter(None, waiting))].drop()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._look()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._end()

    def drop(self) -> None:
        """Nothing more is read or written."""
        self.transport.abort()

    def _look(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        served = None if cycle is None or cycle.response_complete else cycle
        if served is not self._served:
            self._served = served
            self._begin(self.head_seconds if served is None else self.exchange_seconds)

    def _begin(self, seconds: float) -> None:
        self._end()
        self._timer = self.loop.call_later(seconds, self.drop)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
