"""The rules of a quote, one by one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from payout.errors import RatesDisagree, RateUnavailable
from payout.quote import Quote, QuoteRules, Sample, Verdict, combine
from payout.quote.history import GoodRate, RateHistory
from tests.payout.quote.quote_factories import NOW, make_sample

RULES = QuoteRules()


def quote(*samples: Sample, rules: QuoteRules = RULES) -> Quote:
    return combine("XMR", samples, NOW, rules)


def verdict(of: str, made: Quote) -> Verdict:
    return next(each for each in made.verdicts if each.source == of)


def taken(made: Quote) -> set[str]:
    return {each.source for each in made.verdicts if each.taken}


def test_the_rate_is_the_median_of_the_fresh_sources() -> None:
    made = quote(make_sample("a", "330"), make_sample("b", "332"), make_sample("c", "331"))

    assert made.rate == Decimal(331)
    assert taken(made) == {"a", "b", "c"}


def test_the_rate_of_two_sources_is_exactly_half_way_between_them() -> None:
    assert quote(make_sample("a", "330"), make_sample("b", "331")).rate == Decimal("330.5")


def test_one_source_is_never_enough_and_the_refusal_names_why() -> None:
    with pytest.raises(RateUnavailable, match=r"1 fresh source, 2 needed \(a at 330: fresh; b: "):
        quote(make_sample("a", "330"), make_sample("b", "331", age=500))


def test_no_sample_at_all_is_refused() -> None:
    with pytest.raises(RateUnavailable, match="0 fresh sources"):
        quote()


def test_a_source_that_answers_twice_counts_once() -> None:
    with pytest.raises(RateUnavailable, match="1 fresh source,"):
        quote(make_sample("a", "330"), make_sample("a", "331", age=6))


def test_the_newest_sample_of_a_source_stands_for_it() -> None:
    old, new = make_sample("a", "300", age=50), make_sample("a", "330", age=5)

    assert quote(old, make_sample("b", "330"), new).rate == Decimal(330)


@pytest.mark.parametrize(("age", "fresh"), [(119, True), (120, True), (121, False)])
def test_a_sample_counts_until_it_is_120_seconds_old(age: int, *, fresh: bool) -> None:
    samples = (make_sample("a", "330"), make_sample("b", "330"), make_sample("c", "331", age=age))

    assert verdict("c", quote(*samples)).taken is fresh


def test_the_words_for_a_stale_sample_tell_its_age_and_the_limit() -> None:
    made = quote(make_sample("a", "1"), make_sample("b", "1"), make_sample("c", "1", age=200))

    assert verdict("c", made).why == "200 s old, over 120 s"


@pytest.mark.parametrize(("ahead", "fresh"), [(30, True), (31, False), (86_400, False)])
def test_a_sample_dated_over_30_seconds_ahead_is_dropped(ahead: int, *, fresh: bool) -> None:
    late = make_sample("c", "331", ahead=ahead)

    assert verdict("c", quote(make_sample("a", "330"), make_sample("b", "330"), late)).taken is fresh


def test_a_date_ahead_is_not_mended_by_waiting() -> None:
    late = make_sample("c", "331", age=100, ahead=90)

    made = quote(make_sample("a", "330"), make_sample("b", "330"), late)

    assert verdict("c", made).why == "dated 90 s in the future"


def test_a_clock_ahead_does_not_keep_a_sample_fresh_for_longer() -> None:
    old = make_sample("c", "331", age=125, ahead=30)

    assert not verdict("c", quote(make_sample("a", "330"), make_sample("b", "330"), old)).taken


def test_a_sample_from_before_our_clock_was_set_back_is_dropped() -> None:
    before = make_sample("c", "331", age=-3600)

    made = quote(make_sample("a", "330"), make_sample("b", "330"), before)

    assert verdict("c", made).why == "dated 3600 s in the future"


@pytest.mark.parametrize("price", ["0", "-330", "0E-8"])
def test_a_price_that_is_not_positive_is_dropped(price: str) -> None:
    made = quote(make_sample("a", "330"), make_sample("b", "330"), make_sample("c", price))

    assert "not positive" in verdict("c", made).why


@pytest.mark.parametrize(
    ("bid", "ask", "fresh"),
    [
        ("330", "330", True),
        ("331", "330", False),
        ("0", "330", False),
        ("-1", "330", False),
        ("322", "338.5", True),
        ("322", "338.6", False),
    ],
)
def test_a_crossed_or_wide_book_is_dropped(bid: str, ask: str, *, fresh: bool) -> None:
    odd = make_sample("c", "330", bid=bid, ask=ask)

    assert verdict("c", quote(make_sample("a", "330"), make_sample("b", "330"), odd)).taken is fresh


def test_a_last_trade_outside_of_bid_and_ask_is_moved_to_them() -> None:
    thin = make_sample("c", "350", bid="329", ask="331")

    made = quote(make_sample("a", "330"), make_sample("b", "330"), thin)

    assert verdict("c", made).price == Decimal(331)


def test_a_source_more_than_3_percent_off_is_dropped() -> None:
    made = quote(make_sample("a", "330"), make_sample("b", "331"), make_sample("c", "500"))

    assert made.rate == Decimal("330.5")
    assert "over 3 %" in verdict("c", made).why


def test_a_source_exactly_3_percent_off_is_taken() -> None:
    samples = [make_sample("a", "100"), make_sample("b", "100"), make_sample("c", "103")]

    assert taken(quote(*samples)) == {"a", "b", "c"}


def test_two_sources_that_differ_by_more_than_3_percent_refuse() -> None:
    assert quote(make_sample("a", "100"), make_sample("b", "103")).rate == Decimal("101.5")
    with pytest.raises(RatesDisagree, match="the only two fresh sources differ by more than 3 %"):
        quote(make_sample("a", "100"), make_sample("b", "103.01"))


def test_two_camps_of_equal_size_refuse() -> None:
    camps = [make_sample(n, p) for n, p in [("a", "100"), ("b", "100"), ("c", "120"), ("d", "120")]]

    with pytest.raises(RatesDisagree, match="only 0 of 4"):
        quote(*camps)


def test_half_of_the_sources_agreeing_is_no_majority() -> None:
    prices = {"a": "100", "b": "100", "c": "102", "d": "150", "e": "50", "f": "160"}

    with pytest.raises(RatesDisagree, match="only 3 of 6"):
        quote(*(make_sample(name, price) for name, price in prices.items()))


def test_more_sources_can_be_asked_for() -> None:
    samples = [make_sample("a", "330"), make_sample("b", "330")]

    with pytest.raises(RateUnavailable, match="2 fresh sources, 3 needed"):
        quote(*samples, rules=QuoteRules(sources_min=3))
    with pytest.raises(ValueError, match="at least 2"):
        QuoteRules(sources_min=1)


def test_where_more_sources_are_asked_for_more_must_agree() -> None:
    samples = [make_sample("a", "330"), make_sample("b", "330"), make_sample("c", "500")]

    with pytest.raises(RatesDisagree, match="only 2 of 3"):
        quote(*samples, rules=QuoteRules(sources_min=3))


def test_a_price_in_usdt_is_converted_at_the_median_of_usdt() -> None:
    made = quote(
        make_sample("a", "330"),
        make_sample("k", "330", currency="USDT"),
        make_sample("a", "0.999", code="USDT"),
        make_sample("b", "0.997", code="USDT"),
    )

    assert verdict("k", made).price == Decimal("329.34")
    assert verdict("k", made).why == "taken, converted from USDT"
    converted = next(each for each in made.samples if each.source == "k")
    assert converted.price == Decimal(330)
    assert [leg.price for leg in converted.via or ()] == [Decimal("0.999"), Decimal("0.997")]


def test_a_price_in_usdt_is_never_taken_one_to_one() -> None:
    made = quote(make_sample("a", "330"), make_sample("b", "330"), make_sample("k", "330", currency="USDT"))

    assert taken(made) == {"a", "b"}
    assert "priced in USDT: no rate for USDT: 0 fresh sources" in verdict("k", made).why


@pytest.mark.parametrize(("peg", "fresh"), [("0.98", True), ("0.9799", False), ("1.0201", False)])
def test_usdt_off_its_peg_by_2_percent_refuses_those_legs_alone(peg: str, *, fresh: bool) -> None:
    made = quote(
        make_sample("a", "330"),
        make_sample("b", "330"),
        make_sample("k", "335", currency="USDT"),
        make_sample("a", peg, code="USDT"),
        make_sample("b", peg, code="USDT"),
    )

    assert verdict("k", made).taken is fresh
    assert {"a", "b"} <= taken(made)


def test_the_legs_are_held_to_the_same_rules() -> None:
    made = quote(
        make_sample("a", "330"),
        make_sample("b", "330"),
        make_sample("k", "330", currency="USDT"),
        make_sample("a", "1", code="USDT"),
        make_sample("b", "1", code="USDT", age=121),
    )

    assert "1 fresh source, 2 needed" in verdict("k", made).why


def test_a_quote_expires_when_its_oldest_taken_sample_is_120_seconds_old() -> None:
    made = quote(
        make_sample("a", "330", age=10),
        make_sample("b", "330", age=70),
        make_sample("c", "500", age=100),
        make_sample("d", "331", age=0, ahead=20),
    )

    assert made.expires_at == NOW + timedelta(seconds=50)
    assert made.is_fresh(NOW)
    assert made.is_fresh(NOW + timedelta(seconds=50))
    assert not made.is_fresh(NOW + timedelta(seconds=51))
    assert not made.is_fresh(NOW - timedelta(minutes=1))


def test_a_converted_sample_is_as_old_as_its_oldest_leg() -> None:
    made = quote(
        make_sample("a", "330"),
        make_sample("k", "330", currency="USDT"),
        make_sample("a", "1", code="USDT"),
        make_sample("b", "1", code="USDT", age=90),
    )

    assert made.expires_at == NOW + timedelta(seconds=30)
    assert verdict("k", made).age_seconds == 90


def test_combine_refuses_a_rate_that_jumped() -> None:
    before = RateHistory(good=(GoodRate(rate=Decimal(200), at=NOW - timedelta(minutes=5)),))

    with pytest.raises(RatesDisagree, match="jumped to 330 from 200"):
        combine("XMR", [make_sample("a", "330"), make_sample("b", "330")], NOW, RULES, before)
