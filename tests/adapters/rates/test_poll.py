"""Polling: nobody waits for a source that hangs, and a source that fails is left in peace."""

from __future__ import annotations

import logging
import threading
from decimal import Decimal
from itertools import pairwise

import pytest

from adapters.clock import SystemClock
from adapters.http import HttpClient, HttpFailed, NotSent, Timeouts
from adapters.rates import RateSource
from adapters.rates.bitfinex import Bitfinex
from adapters.rates.coinbase import Coinbase
from adapters.rates.coingecko import CoinGecko
from adapters.rates.kraken import Kraken
from adapters.rates.kucoin import KuCoin
from adapters.rates.poll import RatePoller
from config.assets import load_assets
from deploy.sandbox.rate_server import RateServer
from payout.errors import RateUnavailable, SourceFailed
from payout.quote import Sample
from payout.quote.rate_book import RateBook
from tests.clock import HandClock

ASKED = frozenset({"XMR"})
PATIENT = Timeouts(connect=20, read=20, total=20)


class ScriptedSource:
    """Gives a price, or raises what it is told to; counts how often it was asked."""

    def __init__(self, name: str, clock: HandClock, fault: Exception | None = None) -> None:
        self.name = name
        self.fault = fault
        self.asked = 0
        self._clock = clock

    def fetch(self, asset_codes: frozenset[str]) -> tuple[Sample, ...]:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        now = self._clock.now()
        return tuple(
            Sample(
                source=self.name,
                asset_code=code,
                pair=code,
                price=Decimal(150),
                as_of=now,
                received_at=now,
            )
            for code in sorted(asset_codes)
        )


class HangingSource:
    """Answers only when it is let go."""

    def __init__(self, name: str = "hanging") -> None:
        self.name = name
        self.asked = 0
        self.let_go = threading.Event()

    def fetch(self, asset_codes: frozenset[str]) -> tuple[Sample, ...]:
        self.asked += 1
        self.let_go.wait(30)
        return ()


def busy(seconds: int | None) -> SourceFailed:
    """The error of a source that was told to come back later."""
    try:
        try:
            raise NotSent("answered 429", status=429, retry_after_seconds=seconds)
        except HttpFailed as error:
            raise SourceFailed("answered 429") from error
    except SourceFailed as failed:
        return failed


def make_poller(clock: HandClock, *sources: RateSource) -> tuple[RatePoller, RateBook]:
    book = RateBook([source.name for source in sources])
    hangs = any(isinstance(source, HangingSource) for source in sources)
    return RatePoller(sources, book, clock, deadline_seconds=1 if hangs else 20), book


def test_a_source_that_hangs_costs_the_others_nothing() -> None:
    clock, hanging = HandClock(), HangingSource()
    poller, book = make_poller(clock, hanging, ScriptedSource("a", clock), ScriptedSource("b", clock))

    poller.tick(ASKED)

    hanging.let_go.set()
    assert book.quote("XMR", clock.now()).rate == Decimal(150)
    assert book.report("XMR", clock.now()).verdicts[2].why == "failed: no answer within 1 s"


def test_a_source_that_still_hangs_is_not_asked_again() -> None:
    clock, hanging = HandClock(), HangingSource()
    poller, _ = make_poller(clock, hanging, ScriptedSource("fine", clock))

    for _ in range(3):
        poller.tick(ASKED)
        clock.move(seconds=1000)
    assert hanging.asked == 1

    hanging.let_go.set()
    for thread in threading.enumerate():
        if thread.name == "rates-hanging":
            thread.join()
    poller.tick(ASKED)
    assert hanging.asked == 2


def test_what_the_sources_say_is_in_the_book() -> None:
    clock = HandClock()
    poller, book = make_poller(clock, *(ScriptedSource(name, clock) for name in "abc"))

    poller.tick(ASKED)

    assert book.quote("XMR", clock.now()).rate == Decimal(150)


def test_why_a_source_failed_is_in_the_book() -> None:
    clock = HandClock()
    poller, book = make_poller(
        clock, ScriptedSource("a", clock), ScriptedSource("b", clock, SourceFailed("b: no such pair"))
    )

    poller.tick(ASKED)

    with pytest.raises(RateUnavailable, match=r"a at 150: fresh; b: failed: no such pair\)"):
        book.quote("XMR", clock.now())


def test_a_mistake_in_one_source_is_its_own(caplog: pytest.LogCaptureFixture) -> None:
    clock = HandClock()
    sources = [ScriptedSource(name, clock) for name in "abc"]
    sources[0].fault = KeyError("oops")
    poller, book = make_poller(clock, *sources)

    poller.tick(ASKED)

    assert book.quote("XMR", clock.now()).rate == Decimal(150)
    assert "KeyError" in book.report("XMR", clock.now()).verdicts[0].why
    assert "rates.source_crashed" in caplog.text


def test_a_failing_source_is_asked_less_and_less_but_at_least_every_two_minutes() -> None:
    clock = HandClock()
    failing = ScriptedSource("a", clock, SourceFailed("down"))
    poller, _ = make_poller(clock, failing)

    asked_at = []
    for second in range(600):
        before = failing.asked
        poller.tick(ASKED)
        if failing.asked > before:
            asked_at.append(second)
        clock.move(seconds=1)

    gaps = [later - earlier for earlier, later in pairwise(asked_at)]
    assert gaps == [10, 20, 40, 80, 120, 120, 120]


def test_a_source_that_asks_for_patience_gets_it() -> None:
    clock = HandClock()
    source = ScriptedSource("a", clock, busy(300))
    poller, _ = make_poller(clock, source)

    poller.tick(ASKED)
    clock.move(seconds=299)
    poller.tick(ASKED)
    assert source.asked == 1

    clock.move(seconds=1)
    poller.tick(ASKED)
    assert source.asked == 2


def test_a_source_that_recovers_is_asked_at_every_tick_again() -> None:
    clock = HandClock()
    source = ScriptedSource("a", clock, SourceFailed("down"))
    poller, _ = make_poller(clock, source)
    poller.tick(ASKED)
    source.fault = None
    clock.move(seconds=10)

    for _ in range(3):
        poller.tick(ASKED)

    assert source.asked == 4


def test_a_clock_set_back_ends_a_pause() -> None:
    clock = HandClock()
    source = ScriptedSource("a", clock, SourceFailed("down"))
    poller, _ = make_poller(clock, source)
    poller.tick(ASKED)
    clock.move(seconds=-86_400)

    poller.tick(ASKED)

    assert source.asked == 2


def test_a_change_of_state_is_logged_once_and_not_each_poll(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, logger="adapters.rates.poll")
    clock = HandClock()
    source = ScriptedSource("a", clock, SourceFailed("answered 500"))
    poller, _ = make_poller(clock, source)

    for _ in range(5):
        poller.tick(ASKED)
        clock.move(seconds=200)
    source.fault = None
    for _ in range(5):
        poller.tick(ASKED)

    told = [(record.getMessage(), record.__dict__["source"], record.__dict__.get("why")) for record in caplog.records]
    assert told == [
        ("rates.source_failed", "a", "answered 500"),
        ("rates.source_recovered", "a", None),
    ]


def test_no_thread_keeps_the_process_from_exiting() -> None:
    hanging = HangingSource()
    poller, _ = make_poller(HandClock(), hanging)

    poller.tick(ASKED)

    threads = [each for each in threading.enumerate() if each.name == "rates-hanging"]
    assert threads
    assert all(each.daemon for each in threads)
    hanging.let_go.set()


@pytest.mark.parametrize("broken", ["kraken", "coingecko", "bitfinex", "kucoin"])
@pytest.mark.parametrize("fault", ["hang", "x10", "500", "zero"])
def test_monero_is_priced_while_any_one_real_source_is_broken(rate_server: RateServer, broken: str, fault: str) -> None:
    assets, clock = load_assets(), SystemClock()
    rate_server.set_price("XMR", "151.50")
    rate_server.fault(broken, fault)
    sources: list[RateSource] = [
        make(
            HttpClient(rate_server.base_url(make.name), name=make.name, timeouts=PATIENT),
            assets.symbols(make.name),
            clock,
        )
        for make in (Kraken, CoinGecko, Bitfinex, KuCoin, Coinbase)
    ]
    book = RateBook([source.name for source in sources])

    RatePoller(sources, book, clock, deadline_seconds=2 if fault == "hang" else 20).tick(assets.polled)

    quote = book.quote("XMR", clock.now())
    assert abs(quote.rate - Decimal("151.50")) < Decimal("0.0001")
    taken = {verdict.source for verdict in quote.verdicts if verdict.taken}
    assert taken == {"kraken", "coingecko", "bitfinex", "kucoin"} - {broken}
