"""
The rate book: the newest sample of each source, and the memory of good rates, in this process.

It is filled by polling and never from the database, so that nobody who can write a row can set a
price. It answers only with what is fresh now; asked later, it refuses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from threading import Lock

from payout.errors import RateError, RatesDisagree
from payout.quote import Quote, QuoteRules, RateHistory, Sample, Verdict
from payout.quote.consensus import Judgement, conclude, judge
from payout.quote.history import is_off


@dataclass(frozen=True, slots=True, kw_only=True)
class RateReport:
    """All that there is to say about one asset's rate: the sources, and a quote or its refusal."""

    asset_code: str
    verdicts: tuple[Verdict, ...]
    quote: Quote | None = None
    refusal: RateError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    why: str
    at: datetime


class RateBook:
    """Thread-safe: the poller writes while payers read. `sources` are the names configured."""

    def __init__(self, sources: Iterable[str], rules: QuoteRules | None = None) -> None:
        self._sources = tuple(sorted(sources))
        self._rules = rules or QuoteRules()
        self._samples: dict[tuple[str, str], Sample] = {}
        self._answered: dict[str, datetime] = {}
        self._failures: dict[str, _Failure] = {}
        self._histories: dict[str, RateHistory] = {}
        self._lock = Lock()

    def record(self, samples: Iterable[Sample]) -> None:
        """Keep these. An answer that comes late never replaces a newer one."""
        with self._lock:
            for sample in samples:
                key = (sample.source, sample.asset_code)
                held = self._samples.get(key)
                if held is None or held.received_at <= sample.received_at:
                    self._samples[key] = sample
                answered = self._answered.get(sample.source, sample.received_at)
                self._answered[sample.source] = max(answered, sample.received_at)
                failure = self._failures.get(sample.source)
                if failure is not None and failure.at <= sample.received_at:
                    del self._failures[sample.source]

    def record_failure(self, source: str, why: str, at: datetime) -> None:
        """Remember why a source gave nothing. Its earlier samples count until they are too old."""
        with self._lock:
            # The name stands beside the reason wherever that is shown.
            self._failures[source] = _Failure(why=why.removeprefix(f"{source}: "), at=at)

    def observe(self, now: datetime) -> None:
        """Let time pass for every asset's history. Call it after each round of polling."""
        with self._lock:
            for asset_code in sorted({sample.asset_code for sample in self._samples.values()}):
                self._advance(self._judge(asset_code, now), now)

    def quote(self, asset_code: str, now: datetime) -> Quote:
        """
        The rate to pay at now, with its evidence.

        Raises:
            RateUnavailable: Too few fresh sources.
            RatesDisagree: They contradict each other, or the rates of the past hour.
        """
        with self._lock:
            judged = self._judge(asset_code, now)
            before = self._advance(judged, now)
            return conclude(judged, now, self._rules, before)

    def report(self, asset_code: str, now: datetime) -> RateReport:
        """What `quote` would answer and why, source by source. Changes nothing."""
        with self._lock:
            judged = self._judge(asset_code, now)
            before = self._histories.get(asset_code, RateHistory())
        report = RateReport(asset_code=asset_code, verdicts=judged.verdicts)
        try:
            return replace(report, quote=conclude(judged, now, self._rules, before))
        except RateError as error:
            return replace(report, refusal=error)

    def accept(self, asset_code: str, now: datetime, *, near: Decimal | None = None) -> Quote:
        """
        A person vouches for a rate that has jumped. `near` is the rate that this person saw.

        Raises:
            RateUnavailable: Too few fresh sources: there is nothing to accept.
            RatesDisagree: The sources contradict each other, or have left `near` by now.
        """
        with self._lock:
            judged = self._judge(asset_code, now)
            rate = judged.rate
            if rate is None:
                return conclude(judged, now, self._rules, RateHistory())
            if near is not None and is_off(rate, near, self._rules.deviation_max):
                raise RatesDisagree(
                    f"{asset_code} is at {rate:f} by now, no longer near the {near:f} that was"
                    f" to be accepted; look at `payout rates` and accept again"
                )
            before = self._histories.get(asset_code, RateHistory())
            accepted = before.accept(rate, now)
            self._histories[asset_code] = accepted
            return conclude(judged, now, self._rules, accepted)

    def _advance(self, judged: Judgement, now: datetime) -> RateHistory:
        before = self._histories.get(judged.asset_code, RateHistory())
        after = before.advance(judged.rate, now, self._rules)
        self._histories[judged.asset_code] = after
        return after

    def _judge(self, asset_code: str, now: datetime) -> Judgement:
        configured = [s for s in self._samples.values() if s.source in self._sources]
        present = {s.source for s in configured if s.asset_code == asset_code}
        absent = {name: self._absence(name, asset_code) for name in self._sources if name not in present}
        judged = judge(asset_code, configured, now, self._rules, absent)
        told = tuple(self._with_failure(each) for each in judged.verdicts)
        return replace(judged, verdicts=told)

    def _absence(self, source: str, asset_code: str) -> str:
        if source in self._failures:
            return f"failed: {self._failures[source].why}"
        if source in self._answered:
            return f"gives no price for {asset_code}"
        return "has not been asked yet"

    def _with_failure(self, verdict: Verdict) -> Verdict:
        """An old sample may still be taken while its source fails; a person should see both."""
        failure = self._failures.get(verdict.source)
        if failure is None or verdict.price is None:
            return verdict
        return replace(verdict, why=f"{verdict.why}; its last poll failed: {failure.why}")
