"""A price that leaps: refused until it has stood for ten minutes, or a person accepts it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from payout.quote import QuoteRules, RateHistory
from tests.payout.quote.quote_factories import NOW

RULES = QuoteRules()
MINUTE = timedelta(minutes=1)


def after(*steps: tuple[float, str | None]) -> RateHistory:
    """The history after rates at so many minutes; None where the sources did not agree."""
    history = RateHistory()
    for minutes, rate in steps:
        at = NOW + minutes * MINUTE
        history = history.advance(None if rate is None else Decimal(rate), at, RULES)
    return history


def is_refused(history: RateHistory, minutes: float) -> bool:
    return history.refusal(NOW + minutes * MINUTE, RULES) is not None


def standing(rate: str, first: float, last: float) -> list[tuple[float, str | None]]:
    """That rate at each minute from first to last."""
    return [(float(each), rate) for each in range(int(first), int(last) + 1)]


@pytest.mark.parametrize(("rate", "refused"), [("115", False), ("115.01", True), ("85", False), ("84.99", True)])
def test_a_rate_over_15_percent_from_a_good_one_is_refused(rate: str, *, refused: bool) -> None:
    assert is_refused(after((0, "100"), (1, rate)), 1) is refused


def test_the_first_rate_of_all_is_good() -> None:
    assert not is_refused(after((0, "100")), 0)


def test_a_good_rate_binds_for_less_than_an_hour() -> None:
    assert is_refused(after((0, "100"), (59.9, "200")), 59.9)
    assert not is_refused(after((0, "100"), (60, "200")), 60)


def test_creeping_up_step_by_step_within_the_hour_is_a_jump_too() -> None:
    creeping = [(0.0, "100"), (10.0, "108"), (20.0, "114"), (30.0, "120")]

    assert is_refused(after(*creeping), 30)


def test_ten_minutes_of_agreement_on_the_new_level_end_a_jump() -> None:
    waiting = after((0, "100"), *standing("200", 1, 10))
    over = after((0, "100"), *standing("200", 1, 11))

    assert is_refused(waiting, 10)
    assert not is_refused(over, 11)
    assert not is_refused(over.advance(Decimal(201), NOW + 12 * MINUTE, RULES), 12)
    assert is_refused(over.advance(Decimal(100), NOW + 12 * MINUTE, RULES), 12)


def test_sources_that_fall_out_begin_the_ten_minutes_anew() -> None:
    broken = [(0.0, "100"), *standing("200", 1, 9), (10.0, None), *standing("200", 11, 20)]

    assert is_refused(after(*broken), 20)
    assert not is_refused(after(*broken, (21, "200")), 21)


def test_minutes_that_nobody_looked_at_do_not_count() -> None:
    assert is_refused(after((0, "100"), (1, "200"), (12, "200")), 12)


def test_another_jump_during_a_jump_begins_anew() -> None:
    wild = [(0.0, "100"), *standing("200", 1, 9), *standing("300", 10, 19)]

    assert is_refused(after(*wild), 19)
    assert not is_refused(after(*wild, (20, "300")), 20)


def test_a_rate_that_comes_back_is_good_at_once() -> None:
    back = after((0, "100"), (1, "200"), (2, "101"))

    assert not is_refused(back, 2)
    assert back.good[-1].rate == Decimal(101)


def test_a_person_may_accept_a_jump() -> None:
    accepted = after((0, "100"), (1, "200")).accept(Decimal(200), NOW + MINUTE)

    assert not is_refused(accepted, 1)
    assert accepted.accepted_at == NOW + MINUTE
    assert not is_refused(accepted.advance(Decimal(205), NOW + 2 * MINUTE, RULES), 2)
    assert is_refused(accepted.advance(Decimal(100), NOW + 2 * MINUTE, RULES), 2)


def test_looking_twice_at_one_moment_changes_nothing_more() -> None:
    once = after((0, "100"), (1, "200"))

    assert once.advance(Decimal(200), NOW + MINUTE, RULES) == once


def test_looking_often_remembers_a_rate_a_minute_and_no_more() -> None:
    history = RateHistory()
    for second in range(0, 2 * 3600, 5):
        history = history.advance(Decimal(100), NOW + timedelta(seconds=second), RULES)

    assert 50 <= len(history.good) <= 70


def test_a_clock_set_back_does_not_bind_for_ever() -> None:
    ahead = after((60 * 24 * 365, "100"))

    assert not is_refused(ahead.advance(Decimal(200), NOW, RULES), 0)


def test_the_refusal_tells_the_levels_and_how_long_it_takes() -> None:
    words = after((0, "100"), (1, "200")).refusal(NOW + 5 * MINUTE, RULES)

    assert words is not None
    assert "jumped to 200 from 100" in words
    assert "360 s more" in words
    assert "accepts" in words


def test_a_clock_set_back_within_a_jump_begins_the_ten_minutes_anew() -> None:
    back = after((0, "100"), (30, "200"), *standing("200", 5, 15))

    assert not is_refused(back, 15)
