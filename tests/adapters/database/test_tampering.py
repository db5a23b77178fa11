"""What somebody did who can write to the database: it stops, and says so in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from adapters.database.store import SqlStore
from payout.change import Change
from payout.errors import StoreError
from tests.factories import NOW, make_endpoint, make_event, make_refund
from tests.stores import open_test_store

HOLD = timedelta(minutes=1)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[SqlStore]:
    store = open_test_store(sqlite_url)
    store.commit(Change(events=tuple(make_event(f"line {number}") for number in range(4))))
    yield store
    store.close()


def do(store: SqlStore, *statements: str) -> None:
    """At the database's own prompt."""
    with store._engine.begin() as conn:
        for statement in statements:
            conn.execute(sa.text(statement))


MAKE_EDITABLE = ("DROP TRIGGER events_no_update", "DROP TRIGGER events_no_delete")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM audit_head", "missing"),
        ("UPDATE audit_head SET number = 2", "not where it was"),
        ("UPDATE audit_head SET number = 0, mac = ''", "not where it was"),
    ],
)
def test_no_commit_passes_a_chain_whose_end_was_moved(store: SqlStore, statement: str, words: str) -> None:
    do(store, statement)

    with pytest.raises(StoreError, match=words) as refusal:
        store.commit(Change(refunds=(make_refund(),), events=(make_event(),)))

    assert "payout audit verify" in str(refusal.value)
    assert store.refund("E-1") is None
    assert len(store.events()) == 4


@pytest.mark.parametrize("edit", ["at = 'yesterday'", "at = 5", "words = x'00ff'", "mac = NULL", "refund_id = x'00'"])
def test_a_line_that_cannot_be_read_is_named(store: SqlStore, edit: str) -> None:
    do(store, *MAKE_EDITABLE, f"UPDATE events SET {edit} WHERE number = 3")  # noqa: S608  # Of the list above.

    with pytest.raises(StoreError, match=r"event 3 in the database is not what was written"):
        store.audit_lines(0, 10)

    assert [line.number for line in store.audit_lines(0, 2)] == [1, 2]
    assert [line.number for line in store.audit_lines(3, 10)] == [4]


def test_a_number_that_is_none_is_named(store: SqlStore) -> None:
    do(store, *MAKE_EDITABLE, "UPDATE events SET number = 'three' WHERE number = 3")

    with pytest.raises(StoreError, match="event three"):
        store.audit_lines(0, 10)


def test_a_line_that_somebody_added_without_a_number_is_counted(store: SqlStore) -> None:
    do(
        store,
        "INSERT INTO events (at, kind, words, who, alarm) VALUES ('2026-01-01T00:00:00+00:00', 'a.b', 'w', 'x', 0)",
    )

    assert store.unchained() == 1
    assert store.audit_head().before == 0


def test_a_line_that_somebody_moved_is_read_in_its_signed_place(store: SqlStore) -> None:
    do(store, *MAKE_EDITABLE, "UPDATE events SET seq = 99 WHERE number = 1")

    assert [event.words for event in store.events()] == ["line 0", "line 1", "line 2", "line 3"]
    assert [event.words for event in store.events(limit=2)] == ["line 2", "line 3"]


def test_a_message_that_nobody_wrote_is_named_and_not_given(store: SqlStore) -> None:
    refund = make_refund()
    store.commit(
        Change(
            endpoints=(make_endpoint(),),
            refunds=(refund,),
            events=(make_event(refund_id=refund.id, at=NOW - timedelta(days=1)),),
        )
    )
    do(store, "DROP TRIGGER messages_no_update", "UPDATE messages SET type = 'refund.doubled'")

    with pytest.raises(StoreError, match=r"message msg_\w+ in the database is not what was written"):
        store.claim_deliveries(make_endpoint().id, HOLD, 10)
