"""The rate book: what it holds, what it says, and that it never answers with what is old."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import pytest

from payout.errors import RateError, RatesDisagree, RateUnavailable
from payout.quote.rate_book import RateBook
from tests.payout.quote.quote_factories import NOW, make_sample

MINUTE = timedelta(minutes=1)


def make_book(*prices: str) -> RateBook:
    """A book of the sources s0, s1, ... with a price each."""
    book = RateBook(["s0", "s1", "s2"])
    book.record(make_sample(f"s{i}", price) for i, price in enumerate(prices))
    return book


def set_all(book: RateBook, price: str, minutes: float) -> None:
    now = NOW + minutes * MINUTE
    book.record(make_sample(f"s{i}", price, age=0, now=now) for i in range(3))
    book.observe(now)


def test_the_book_quotes_what_it_was_told() -> None:
    book = make_book("330", "331", "332")

    assert book.quote("XMR", NOW).rate == Decimal(331)


def test_what_it_was_told_grows_old_by_itself() -> None:
    book = make_book("330", "331", "332")

    with pytest.raises(RateUnavailable, match="0 fresh sources"):
        book.quote("XMR", NOW + 2 * MINUTE)


def test_a_late_answer_does_not_replace_a_newer_one() -> None:
    book = make_book("330", "330")
    book.record([make_sample("s0", "300", age=60)])

    assert book.quote("XMR", NOW).rate == Decimal(330)


def test_a_source_that_is_not_configured_is_not_counted() -> None:
    book = RateBook(["s0"])
    book.record([make_sample("s0", "330"), make_sample("stranger", "330")])

    with pytest.raises(RateUnavailable):
        book.quote("XMR", NOW)


def test_every_configured_source_is_explained() -> None:
    book = RateBook(["asked", "broken", "fine", "lacking"])
    book.record([make_sample("fine", "330"), make_sample("lacking", "1", code="USDT")])
    book.record_failure("broken", "broken: answered 500", NOW)

    told = {each.source: each.why for each in book.report("XMR", NOW).verdicts}

    assert told == {
        "asked": "has not been asked yet",
        "broken": "failed: answered 500",
        "fine": "fresh",
        "lacking": "gives no price for XMR",
    }


def test_a_refusal_names_the_sources_that_failed() -> None:
    book = make_book("330")
    book.record_failure("s1", "answered 500", NOW)

    with pytest.raises(RateUnavailable, match=r"s1: failed: answered 500; s2: has not been asked"):
        book.quote("XMR", NOW)


def test_a_sample_still_counts_while_its_source_fails_and_both_are_told() -> None:
    book = make_book("330", "330")
    book.record_failure("s0", "answered 500", NOW)

    verdict = book.report("XMR", NOW).verdicts[0]

    assert verdict.taken
    assert verdict.why == "taken; its last poll failed: answered 500"


def test_an_answer_wipes_out_the_failure_before_it() -> None:
    book = RateBook(["s0", "s1"])
    book.record_failure("s0", "answered 500", NOW - MINUTE)
    book.record([make_sample("s0", "330"), make_sample("s1", "330")])

    assert [each.why for each in book.report("XMR", NOW).verdicts] == ["taken", "taken"]


def test_the_report_holds_the_quote_or_its_refusal() -> None:
    agreed, torn = make_book("330", "331").report("XMR", NOW), make_book("1", "2").report("XMR", NOW)

    assert agreed.quote is not None
    assert agreed.refusal is None
    assert torn.quote is None
    assert isinstance(torn.refusal, RatesDisagree)


def test_a_jump_is_refused_until_it_has_been_observed_for_ten_minutes() -> None:
    book = RateBook(["s0", "s1", "s2"])
    set_all(book, "100", 0)

    for minute in range(1, 11):
        set_all(book, "200", minute)
        with pytest.raises(RatesDisagree, match="jumped to 200 from 100"):
            book.quote("XMR", NOW + minute * MINUTE)

    set_all(book, "200", 11)
    assert book.quote("XMR", NOW + 11 * MINUTE).rate == Decimal(200)


def test_a_quote_is_remembered_without_being_observed() -> None:
    book = make_book("100", "100")
    book.quote("XMR", NOW)

    for minute in range(1, 12):
        now = NOW + minute * MINUTE
        book.record(make_sample(f"s{i}", "200", age=0, now=now) for i in range(3))
        if minute < 11:
            with pytest.raises(RatesDisagree, match="jumped to 200 from 100"):
                book.quote("XMR", now)

    assert book.quote("XMR", NOW + 11 * MINUTE).rate == Decimal(200)


def test_a_person_accepts_a_jump_near_the_rate_that_was_seen() -> None:
    book = RateBook(["s0", "s1", "s2"])
    set_all(book, "100", 0)
    set_all(book, "200", 1)

    with pytest.raises(RatesDisagree, match="no longer near the 150"):
        book.accept("XMR", NOW + MINUTE, near=Decimal(150))
    with pytest.raises(RatesDisagree, match="jumped"):
        book.quote("XMR", NOW + MINUTE)

    assert book.accept("XMR", NOW + MINUTE, near=Decimal(198)).rate == Decimal(200)
    assert book.quote("XMR", NOW + MINUTE).rate == Decimal(200)


def test_nobody_can_accept_a_rate_that_the_sources_do_not_agree_on() -> None:
    with pytest.raises(RatesDisagree):
        make_book("100", "200").accept("XMR", NOW)
    with pytest.raises(RateUnavailable):
        make_book("100").accept("XMR", NOW)


def test_a_report_does_not_move_the_history() -> None:
    book = RateBook(["s0", "s1", "s2"])
    set_all(book, "100", 0)
    now = NOW + MINUTE
    book.record(make_sample(f"s{i}", "200", age=0, now=now) for i in range(3))

    for second in range(60):
        book.report("XMR", now + timedelta(seconds=second))

    assert isinstance(book.report("XMR", now + MINUTE).refusal, RatesDisagree)


def test_polling_and_paying_at_the_same_time_lose_nothing() -> None:
    book = make_book("330", "330", "330")
    faults: list[BaseException] = []

    def write(source: str) -> None:
        for age in range(100, 0, -1):
            book.record([make_sample(source, "330", age=age)])
            book.observe(NOW)

    def read() -> None:
        try:
            for _ in range(100):
                assert book.quote("XMR", NOW).rate == Decimal(330)
        except (RateError, AssertionError, RuntimeError) as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(f"s{i}",)) for i in range(3)]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert faults == []
