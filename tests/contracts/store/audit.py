"""The audit chain: every event is a link, in one order, and whoever has the key can follow it from its beginning."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta, timezone

import pytest

from payout.audit.chain import AuditHead, AuditLine
from payout.change import Change
from payout.errors import StaleWrite
from payout.ports import Store
from tests.contracts.store.races import DONE, commit_all
from tests.factories import NOW, WALLET, make_event, make_refund
from tests.stores import AUDIT

MANY = 10_000


def followed(store: Store) -> tuple[AuditLine, ...]:
    """All links; fails where one does not follow from the one before."""
    lines = store.audit_lines(0, MANY)
    mac = AUDIT.first(0)
    for number, line in enumerate(lines, 1):
        mac = AUDIT.link(mac, number, line.event)
        assert (line.number, line.mac) == (number, mac)
    assert store.audit_head() == AuditHead(number=len(lines), mac=mac, before=0)
    assert store.unchained() == 0
    return lines


class Audit:
    def test_a_new_store_has_an_empty_chain(self, store: Store) -> None:
        assert store.audit_head() == AuditHead(number=0, mac=AUDIT.first(0), before=0)
        assert store.audit_lines(0, MANY) == ()

    def test_every_event_is_a_link_of_the_chain_in_the_order_written(self, store: Store) -> None:
        events = tuple(make_event(f"line {number}", refund_id="rf_1", alarm=number == 2) for number in range(5))
        store.commit(Change(events=events[:3]))
        store.commit(Change(refunds=(make_refund(),)))
        store.commit(Change(events=events[3:]))

        assert tuple(line.event for line in followed(store)) == events

    def test_a_link_holds_whatever_its_event_says_and_wherever_its_time_was_told(self, store: Store) -> None:
        nepal = timezone(timedelta(hours=5, minutes=45))
        event = make_event(
            'Ünïcode, "quotes" \\ and\nlines 😀',
            at=NOW.astimezone(nepal),
            who="alice",
            refund_id="rf_1",
            transfer_id="t_1",
            order_id="o_1",
            wallet=WALLET,
            alarm=True,
        )

        store.commit(Change(events=(event, make_event(at=NOW.replace(microsecond=0)))))

        assert followed(store)[0].event == event

    def test_a_change_that_is_refused_leaves_no_link(self, store: Store) -> None:
        store.commit(Change(events=(make_event(),)))

        with pytest.raises(StaleWrite):
            store.commit(Change(refunds=(make_refund().hold("why"),), events=(make_event("of nothing"),)))

        assert len(followed(store)) == 1

    def test_commits_at_once_make_one_chain(self, store: Store) -> None:
        changes = [
            Change(refunds=(make_refund(f"E-{n}"),), events=tuple(make_event(f"{n}.{m}") for m in range(n + 1)))
            for n in range(8)
        ]

        assert commit_all(store, changes) == {DONE: len(changes)}

        told = [line.event.words for line in followed(store)]
        assert Counter(told) == Counter(event.words for change in changes for event in change.events)
        for change in changes:  # Those of one commit stand together.
            begin = told.index(change.events[0].words)
            assert told[begin : begin + len(change.events)] == [event.words for event in change.events]

    def test_links_are_read_page_by_page(self, store: Store) -> None:
        store.commit(Change(events=tuple(make_event(f"line {number}") for number in range(7))))

        seen: list[int] = []
        while page := store.audit_lines(seen[-1] if seen else -5, 3):
            assert len(page) <= 3
            seen.extend(line.number for line in page)

        assert seen == [1, 2, 3, 4, 5, 6, 7]

    def test_links_are_told_apart_by_what_they_are_about(self, store: Store) -> None:
        refunds = make_event("about a refund", refund_id="rf_1")
        transfers = make_event("about a transfer", transfer_id="t_1")
        orders = make_event("about an order", order_id="o_1")
        both = make_event("about two", refund_id="rf_1", transfer_id="t_1")
        store.commit(Change(events=(refunds, transfers, orders, both)))

        assert [line.number for line in store.audit_lines(-1, MANY, refund_id="rf_1")] == [1, 4]
        assert [line.number for line in store.audit_lines(2, MANY, transfer_id="t_1")] == [4]
        assert [line.event for line in store.audit_lines(0, MANY, order_id="o_1")] == [orders]
        assert store.audit_lines(0, 1, refund_id="rf_1")[0].event == refunds
        assert store.audit_lines(0, MANY, refund_id="rf_2") == ()

    def test_alarms_are_read_on_from_where_one_stopped(self, store: Store) -> None:
        store.commit(Change(events=tuple(make_event(f"{n}", alarm=n % 2 == 1) for n in range(1, 8))))

        assert [line.event.words for line in store.alarms_after(0, MANY)] == ["1", "3", "5", "7"]
        assert [line.number for line in store.alarms_after(3, 1)] == [5]
        assert store.alarms_after(7, MANY) == ()

    def test_a_reader_moves_on_only_from_where_it_stood(self, store: Store) -> None:
        assert store.place("mail") is None
        assert not store.move_place("mail", 3, 4)

        assert store.move_place("mail", None, 3)
        assert not store.move_place("mail", None, 9)
        assert not store.move_place("mail", 2, 9)
        assert store.move_place("mail", 3, 5)

        assert store.place("mail") == 5
        assert store.place("chat") is None
