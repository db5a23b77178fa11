"""
What every rate source promises, run against the sandbox's server of its real protocol.

Subclass it with the class of the source. Each fault is one that the real services show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.clock import SystemClock
from adapters.http import HttpClient, Timeouts
from adapters.rates import RateSource, retry_after
from config.assets import load_assets
from deploy.sandbox.rate_server import RateServer
from payout.errors import SourceFailed
from payout.quote import QuoteRules, Sample, Verdict, combine

PATIENT = Timeouts(connect=20, read=20, total=20)
HASTY = Timeouts(connect=20, read=0.3, total=20)
"""For what hangs."""
PRICES = {"XMR": Decimal("150.00"), "BTC": Decimal("60000.00")}


class RateSourceContract:
    """The tests; a subclass says which source, which of its coins, and whether it tells times."""

    make: Callable[..., RateSource]
    coin = "XMR"
    other = "BTC"
    tells_time = True

    @pytest.fixture
    def server(self) -> Iterator[RateServer]:
        with RateServer() as server:
            yield server

    @pytest.fixture
    def source(self, server: RateServer) -> RateSource:
        return self.source_of(server, PATIENT)

    def source_of(self, server: RateServer, timeouts: Timeouts) -> RateSource:
        name = type(self).make.name  # type: ignore[attr-defined]
        http = HttpClient(server.base_url(name), name=name, timeouts=timeouts)
        source: RateSource = type(self).make(http, load_assets().symbols(name), SystemClock())
        return source

    def test_it_tells_the_price_with_bid_ask_and_times(self, server: RateServer, source: RateSource) -> None:
        before = datetime.now(UTC)

        (sample,) = source.fetch(frozenset({self.coin}))

        assert (sample.source, sample.asset_code) == (source.name, self.coin)
        assert abs(self._in_usd(sample) - PRICES[self.coin]) < Decimal("0.001")
        assert sample.received_at >= before
        assert abs(sample.as_of - sample.received_at) < timedelta(seconds=5)
        if sample.bid is not None and sample.ask is not None:
            assert sample.bid < sample.price < sample.ask

    def test_it_answers_for_several_coins(self, server: RateServer, source: RateSource) -> None:
        samples = source.fetch(frozenset({self.coin, self.other}))

        assert {sample.asset_code for sample in samples} == {self.coin, self.other}

    def test_it_asks_nobody_about_coins_that_it_has_no_symbol_for(self, server: RateServer, source: RateSource) -> None:
        assert source.fetch(frozenset({"NOSUCH"})) == ()
        assert source.fetch(frozenset()) == ()
        assert server.requests[source.name] == 0

    @pytest.mark.parametrize("fault", ["429", "500", "html", "truncated", "hang", "redirect", "error", "down", "nan"])
    def test_an_answer_that_is_no_price_is_a_failure_in_words(self, server: RateServer, fault: str) -> None:
        source = self.source_of(server, HASTY if fault == "hang" else PATIENT)
        server.fault(source.name, fault)

        with pytest.raises(SourceFailed) as failed:
            source.fetch(frozenset({self.coin, self.other}))

        assert str(failed.value).startswith(source.name)
        assert len(str(failed.value)) < 300
        assert server.url not in str(failed.value)

    def test_it_works_again_when_the_fault_is_over(self, server: RateServer, source: RateSource) -> None:
        server.fault(source.name, "down")
        with pytest.raises(SourceFailed):
            source.fetch(frozenset({self.coin}))

        server.fault(source.name, "none")

        assert len(source.fetch(frozenset({self.coin}))) == 1

    def test_the_patience_that_it_asks_for_is_told(self, server: RateServer, source: RateSource) -> None:
        server.fault(source.name, "429")

        with pytest.raises(SourceFailed) as failed:
            source.fetch(frozenset({self.coin}))

        assert retry_after(failed.value) == 7

    def test_a_coin_that_is_gone_does_not_take_the_others_with_it(self, server: RateServer, source: RateSource) -> None:
        server.fault(source.name, "missing", self.coin)

        samples = source.fetch(frozenset({self.coin, self.other}))

        assert [sample.asset_code for sample in samples] == [self.other]

    def test_a_source_that_knows_none_of_the_coins_has_failed(self, server: RateServer, source: RateSource) -> None:
        server.fault(source.name, "missing")

        with pytest.raises(SourceFailed):
            source.fetch(frozenset({self.coin}))

    @pytest.mark.parametrize("fault", ["zero", "negative", "x10", "stale", "future"])
    def test_a_wrong_price_or_time_is_never_taken(self, server: RateServer, source: RateSource, fault: str) -> None:
        server.fault(source.name, fault, self.coin)

        verdict = self._verdict(source.fetch(frozenset({self.coin})))

        blind = fault in {"stale", "future"} and not self.tells_time
        assert verdict.taken is blind, verdict.why

    def _verdict(self, samples: tuple[Sample, ...]) -> Verdict:
        """What a quote makes of the sample beside three others that agree."""
        now = datetime.now(UTC)
        others = [
            Sample(
                source=f"other{i}",
                asset_code=code,
                pair=code,
                price=price,
                as_of=now,
                received_at=now,
            )
            for i in range(3)
            for code, price in [(self.coin, PRICES[self.coin]), ("USDT", Decimal("1.0003"))]
        ]
        made = combine(self.coin, [*samples, *others], now, QuoteRules())
        return next(each for each in made.verdicts if each.source == samples[0].source)

    @staticmethod
    def _in_usd(sample: Sample) -> Decimal:
        return sample.price * (Decimal("1.0003") if sample.currency == "USDT" else 1)


class BookContract(RateSourceContract):
    """For exchanges, which tell bid and ask."""

    @pytest.mark.parametrize("fault", ["crossed", "wide"])
    def test_a_crossed_or_wide_book_is_never_taken(self, server: RateServer, source: RateSource, fault: str) -> None:
        server.fault(source.name, fault, self.coin)

        assert not self._verdict(source.fetch(frozenset({self.coin}))).taken
