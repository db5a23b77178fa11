"""Events reach the log once they are on record, and not before."""

from __future__ import annotations

import logging

import pytest

from adapters.memory.store import MemoryStore
from adapters.told_store import told
from payout.change import Change
from payout.errors import StaleWrite
from tests.factories import make_event, make_refund


def test_an_event_is_told_with_its_words_once_it_is_written(caplog: pytest.LogCaptureFixture) -> None:
    store = told(MemoryStore())
    event = make_event("25.00 USD owed", kind="refund.requested", refund_id="rf_1", order_id="rf_1/o1")

    with caplog.at_level(logging.INFO):
        store.commit(Change(events=(event, make_event("stop", kind="wallet.paused", alarm=True))))

    assert [(record.getMessage(), record.levelname) for record in caplog.records] == [
        ("refund.requested", "INFO"),
        ("wallet.paused", "WARNING"),
    ]
    assert vars(caplog.records[0])["words"] == "25.00 USD owed"
    assert (vars(caplog.records[0])["refund"], vars(caplog.records[0])["order"]) == ("rf_1", "rf_1/o1")
    assert store.events(refund_id="rf_1") == (event,)


def test_what_was_not_written_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    store = told(MemoryStore())
    store.commit(Change(refunds=(make_refund(),)))
    stale = make_refund(version=5)

    with caplog.at_level(logging.INFO), pytest.raises(StaleWrite):
        store.commit(Change(refunds=(stale,), events=(make_event(),)))

    assert caplog.records == []
