"""A person's acceptance of a jumped rate reaches the worker's own rate book, once, and sets no price."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from adapters.memory.store import MemoryStore
from payout.audit.chain import AuditLine
from payout.change import Change
from payout.errors import RatesDisagree
from payout.event import Event
from payout.quote import Sample
from payout.quote.rate_acceptance import ALARMS_READ, LIFE, Acceptances, acceptance
from payout.quote.rate_book import RateBook
from tests.factories import NOW, make_event
from tests.stores import AUDIT

LATER = NOW + timedelta(minutes=5)


def book_at(*steps: tuple[str, datetime]) -> RateBook:
    book = RateBook(("bitfinex", "kraken"))
    for rate, at in steps:
        poll(book, rate, at)
    return book


def poll(book: RateBook, rate: str, at: datetime) -> None:
    book.record(
        Sample(source=source, asset_code="XMR", pair="x", price=Decimal(rate), as_of=at, received_at=at)
        for source in ("bitfinex", "kraken")
    )
    book.observe(at)


def reader(book: RateBook, *events: Event) -> Acceptances:
    store = MemoryStore(audit=AUDIT)
    store.commit(Change(events=events))
    return Acceptances(store=store, book=book, key=AUDIT, since=NOW)


def test_a_jumped_rate_pays_again_once_a_person_accepted_it() -> None:
    book = book_at(("150", NOW), ("200", LATER))
    with pytest.raises(RatesDisagree):
        book.quote("XMR", LATER)

    told = reader(book, acceptance("XMR", Decimal(200), "alice", "checked", LATER)).take(LATER)

    assert told == ("alice accepted XMR at 200 USD",)
    assert book.quote("XMR", LATER).rate == 200


def test_an_acceptance_counts_once() -> None:
    book = book_at(("150", NOW), ("200", LATER))
    acceptances = reader(book, acceptance("XMR", Decimal(200), "alice", "checked", LATER))

    assert acceptances.take(LATER)
    assert acceptances.take(LATER) == ()


def test_a_rate_that_has_moved_on_since_is_not_accepted() -> None:
    book = book_at(("150", NOW), ("260", LATER))

    (told,) = reader(book, acceptance("XMR", Decimal(200), "alice", "checked", LATER)).take(LATER)

    assert "was refused" in told
    with pytest.raises(RatesDisagree):
        book.quote("XMR", LATER)


@pytest.mark.parametrize("at", [NOW, LATER - LIFE])
def test_what_was_accepted_before_the_start_or_long_ago_is_passed_over(at: datetime) -> None:
    book = book_at(("150", NOW), ("200", LATER))

    assert reader(book, acceptance("XMR", Decimal(200), "alice", "checked", at)).take(LATER) == ()


def test_words_that_are_no_acceptance_change_nothing() -> None:
    book = book_at(("150", NOW), ("200", LATER))
    forged = make_event("XMR at 1e99 USD: x", kind="rates.accepted", alarm=True, at=LATER, who="mallory")

    assert reader(book, forged).take(LATER) == ("the acceptance by mallory cannot be read",)
    with pytest.raises(RatesDisagree):
        book.quote("XMR", LATER)


class Planted(MemoryStore):
    """Somebody wrote an alarm with a number that no link has yet into the database."""

    def alarms_after(self, number: int, limit: int) -> tuple[AuditLine, ...]:
        planted = AuditLine(number=2**40, event=acceptance("XMR", Decimal(200), "mallory", "x", NOW), mac="0" * 64)
        return (*super().alarms_after(number, limit), *([planted] if number < planted.number else []))


def test_a_planted_number_beyond_the_end_of_the_chain_does_not_keep_acceptances_from_being_read() -> None:
    book = book_at(("150", NOW), ("200", LATER))
    store = Planted(audit=AUDIT)
    store.commit(Change(events=tuple(make_event(alarm=True) for _ in range(2 * ALARMS_READ))))
    reader = Acceptances(store=store, book=book, key=AUDIT, since=NOW)
    for _ in range(3):
        reader.take(LATER)
    store.commit(Change(events=(acceptance("XMR", Decimal(200), "alice", "checked", LATER),)))

    assert any("alice" in words for words in reader.take(LATER))
