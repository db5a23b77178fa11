"""What holds for every set of samples, whatever they say."""

from __future__ import annotations

import random
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from payout.errors import RateError, RatesDisagree
from payout.quote import Quote, QuoteRules, Sample, combine
from tests.payout.quote.quote_factories import NOW, make_sample

PRICES = st.decimals(min_value="0.0001", max_value="1000000", places=6)


def quote(*samples: Sample) -> Quote:
    return combine("XMR", samples, NOW, QuoteRules())


@given(
    prices=st.lists(PRICES, max_size=7),
    ages=st.lists(st.integers(-60, 200), min_size=7, max_size=7),
    seed=st.integers(0, 1000),
)
def test_the_order_of_samples_never_matters(prices: list[Decimal], ages: list[int], seed: int) -> None:
    sources = ["a", "b", "c", "d", "b", "e", "a"]
    currencies = ["USD", "USD", "USDT", "USD", "USDT", "USD", "USD"]
    samples = [
        make_sample(source, price, currency=currency, age=age)
        for source, price, currency, age in zip(sources, prices, currencies, ages, strict=False)
    ]
    samples += [make_sample(name, "1.001", code="USDT") for name in "ab"]
    shuffled = list(samples)
    random.Random(seed).shuffle(shuffled)

    assert outcome(samples) == outcome(shuffled)


def outcome(samples: list[Sample]) -> object:
    try:
        return quote(*samples)
    except RateError as error:
        return type(error), str(error)


@given(
    centre=PRICES,
    offsets=st.lists(st.integers(-140, 140), min_size=2, max_size=6),
    outlier=PRICES,
)
def test_an_outlier_never_moves_the_rate_out_of_the_range_of_the_others(
    centre: Decimal, offsets: list[int], outlier: Decimal
) -> None:
    honest = [centre * (10_000 + offset) / 10_000 for offset in offsets]
    samples = [make_sample(f"s{i}", price) for i, price in enumerate(honest)]

    try:
        made = quote(*samples, make_sample("outlier", outlier))
    except RatesDisagree:
        # One liar among three can stop the rate of two, but never choose it.
        assert len(honest) == 2
        return

    assert min(honest) <= made.rate <= max(honest)


@given(prices=st.lists(PRICES, min_size=2, max_size=7))
def test_whatever_the_prices_a_majority_stands_within_reach_of_the_rate(
    prices: list[Decimal],
) -> None:
    try:
        made = quote(*(make_sample(f"s{i}", price) for i, price in enumerate(prices)))
    except RatesDisagree:
        return

    used = [each.price for each in made.verdicts if each.taken and each.price is not None]
    assert len(used) >= 2
    assert len(used) * 2 > len(prices)
    assert min(used) <= made.rate <= max(used)
    assert max(used) - min(used) <= min(used) * Decimal("0.0619")
