"""
Polling: all sources at once, and never longer than the deadline.

A source that hangs costs its own thread and nobody's time; it is not asked again until that thread
is back. What arrives after the deadline is dropped, because nobody knows how old it is.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Final

from adapters.rates import RateSource, retry_after
from payout.errors import SourceFailed
from payout.ports import Clock
from payout.quote import Sample
from payout.quote.rate_book import RateBook

log = logging.getLogger(__name__)

DEADLINE_SECONDS: Final = 5.0
BACKOFF_FIRST: Final = timedelta(seconds=10)
BACKOFF_MAX: Final = timedelta(seconds=120)
"""Longer would only delay recovery: a source that is back should count within two minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResult:
    """What one source gave: samples, or why not."""

    source: str
    samples: tuple[Sample, ...] = ()
    failure: str | None = None
    retry_after_seconds: int | None = None


class _Asking:
    """
    One source being asked on its own thread.

    The threads are daemons, unlike those of an executor: a source that hangs must not keep the
    process from exiting.
    """

    def __init__(self, source: RateSource, asset_codes: frozenset[str]) -> None:
        self.name = source.name
        self.answers: SimpleQueue[PollResult] = SimpleQueue()
        self._source = source
        self._asset_codes = asset_codes
        self.thread = threading.Thread(target=self._ask, name=f"rates-{source.name}", daemon=True)
        self.thread.start()

    def _ask(self) -> None:
        try:
            samples = self._source.fetch(self._asset_codes)
            self.answers.put(PollResult(source=self.name, samples=samples))
        except SourceFailed as error:
            patience = retry_after(error)
            result = PollResult(source=self.name, failure=str(error), retry_after_seconds=patience)
            self.answers.put(result)
        except Exception as error:  # The top of a thread: a mistake in one source is its own.
            log.exception("rates.source_crashed", extra={"source": self.name})
            why = f"{self.name}: a mistake in reading it ({type(error).__name__}); see the log"
            self.answers.put(PollResult(source=self.name, failure=why))


def _gather(asking: list[_Asking], deadline_seconds: float) -> tuple[PollResult, ...]:
    ends = time.monotonic() + deadline_seconds
    results = []
    for each in asking:
        try:
            results.append(each.answers.get(timeout=max(0.0, ends - time.monotonic())))
        except Empty:
            why = f"{each.name}: no answer within {deadline_seconds:g} s"
            results.append(PollResult(source=each.name, failure=why))
    return tuple(sorted(results, key=lambda result: result.source))


@dataclass(slots=True)
class _State:
    """What the poller remembers of one source."""

    failing: bool = False
    failures: int = 0
    paused_at: datetime | None = None
    pause: timedelta = timedelta(0)
    asking: _Asking | None = field(default=None)


class RatePoller:
    """Fills a RateBook. Call `tick` every half minute or so, from one thread."""

    def __init__(
        self,
        sources: Iterable[RateSource],
        book: RateBook,
        clock: Clock,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._sources = tuple(sources)
        self._book = book
        self._clock = clock
        self._deadline_seconds = deadline_seconds
        self._states = {source.name: _State() for source in self._sources}

    def tick(self, asset_codes: frozenset[str]) -> None:
        """One round: ask those that are due, and write down what they said."""
        asking = self._ask(asset_codes, self._clock.now())
        results = _gather(asking, self._deadline_seconds)
        now = self._clock.now()
        for result in results:
            self._take(result, now)
        self._book.observe(now)

    def _ask(self, asset_codes: frozenset[str], now: datetime) -> list[_Asking]:
        asking = []
        for source in self._sources:
            state = self._states[source.name]
            hangs = state.asking is not None and state.asking.thread.is_alive()
            if hangs or not _is_due(state, now):
                continue
            state.asking = _Asking(source, asset_codes)
            asking.append(state.asking)
        return asking

    def _take(self, result: PollResult, now: datetime) -> None:
        state = self._states[result.source]
        if result.failure is None:
            self._book.record(result.samples)
            if state.failing:
                log.info("rates.source_recovered", extra={"source": result.source})
            state.failing, state.failures, state.paused_at = False, 0, None
            return
        self._book.record_failure(result.source, result.failure, now)
        if not state.failing:
            log.warning("rates.source_failed", extra={"source": result.source, "why": result.failure})
        state.failing = True
        state.failures += 1
        state.paused_at = now
        state.pause = _pause(state.failures, result.retry_after_seconds)


def _is_due(state: _State, now: datetime) -> bool:
    """Has its pause passed? A clock that was set back ends it, rather than making it endless."""
    if state.paused_at is None:
        return True
    return not timedelta(0) <= now - state.paused_at < state.pause


def _pause(failures: int, asked_seconds: int | None) -> timedelta:
    """Doubling from the first failure; never less than the source asked for."""
    doubled = BACKOFF_FIRST * (1 << min(failures - 1, 10))
    return max(min(doubled, BACKOFF_MAX), timedelta(seconds=asked_seconds or 0))
