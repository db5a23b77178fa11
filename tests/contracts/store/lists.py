"""What people read: listings, histories and counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from payout.change import Change
from payout.ports import Store
from payout.refund import AttemptStatus, RefundLine, RefundStatus
from payout.transfer import Place, Sighting, TransferStatus
from tests.contracts.store.steps import add, begin, paying, void
from tests.factories import (
    NOW,
    WALLET,
    make_approved,
    make_attempt,
    make_event,
    make_refund,
    make_transfer,
    make_wallet,
)

HOUR = timedelta(hours=1)


class Lists:
    def test_refunds_are_listed_newest_request_first_page_by_page(self, store: Store) -> None:
        refunds = [make_refund(f"E-{number}", requested_at=NOW + (number // 3) * HOUR) for number in range(8)]
        add(store, *refunds)
        newest_first = sorted(refunds, key=lambda each: (each.requested_at, each.id), reverse=True)

        whole = [line.refund for line in store.list_refunds()]
        seen: list[str] = []
        while page := store.list_refunds(after=seen[-1] if seen else None, limit=3):
            assert len(page) <= 3
            seen.extend(line.refund.id for line in page)

        assert whole == newest_first
        assert seen == [refund.id for refund in newest_first]

    def test_a_listing_by_status_leaves_out_all_others(self, store: Store) -> None:
        statuses = (RefundStatus.HELD, RefundStatus.REQUESTED, RefundStatus.PAID)
        refunds = [
            make_refund(f"E-{number}", status=statuses[number % 3], requested_at=NOW - number * HOUR)
            for number in range(9)
        ]
        add(store, *refunds)
        both = (RefundStatus.HELD, RefundStatus.PAID)

        lines = store.list_refunds(statuses=both, after=refunds[1].id, limit=3)

        assert [line.refund for line in lines] == [refunds[2], refunds[3], refunds[5]]
        assert len(store.list_refunds(statuses=[RefundStatus.HELD])) == 3
        assert store.list_refunds(statuses=[RefundStatus.CREDITED]) == ()

    def test_a_page_after_something_unknown_is_empty(self, store: Store) -> None:
        add(store, make_refund())

        assert store.list_refunds(after="nobody") == ()
        assert store.list_transfers(after="nothing") == ()

    def test_a_line_without_an_attempt_says_nothing_of_one(self, store: Store) -> None:
        add(store, make_refund())

        assert store.list_refunds() == (RefundLine(refund=make_refund()),)

    def test_a_line_shows_its_living_attempt_and_every_transfer(self, store: Store) -> None:
        refund, first, dead = paying(store)
        void(store, dead)
        failed = replace(first, status=AttemptStatus.FAILED)
        store.commit(Change(attempts=(failed,), refunds=(refund.fail_attempt(),)))

        (between,) = store.list_refunds()
        transfer = make_transfer("T-2")
        again = refund.fail_attempt().open_attempt()
        second = make_attempt(again, transfer, rate=Decimal("331.5"))
        store.commit(Change(refunds=(again,), attempts=(second,), transfers=(transfer,)))
        (after,) = store.list_refunds()

        assert between == RefundLine(refund=refund.fail_attempt(), tx_ids=(dead.id,))
        assert after == RefundLine(
            refund=again,
            amount_units=second.amount.units,
            rate=Decimal("331.5"),
            tx_ids=(dead.id, transfer.id),
            confirmations=0,
        )

    def test_confirmations_are_counted_from_the_wallets_tip(self, store: Store) -> None:
        store.commit(Change(wallets=(make_wallet(),)))
        _, _, transfer = paying(store)
        begun = begin(store, transfer)
        assert _confirmations(store) == 0
        mined = begun.see(Sighting(place=Place.MINED, height=1_000, block_hash="b", depth=1), NOW)
        store.commit(Change(transfers=(mined,)))

        for tip, expected in ((900, 0), (1_001, 1), (1_010, 10)):
            store.note_tip(WALLET, tip, NOW)
            assert _confirmations(store) == expected
        store.commit(Change(transfers=(mined.to(TransferStatus.FINAL, final_at=NOW),)))
        assert _confirmations(store) == 10

    def test_lines_of_some_refunds_come_in_the_order_asked(self, store: Store) -> None:
        refund, attempt, transfer = paying(store)
        add(store, make_refund("E-2"), make_refund("E-3"))
        wanted = [make_refund("E-3").id, refund.id, "nobody", refund.id]

        first, second = store.refund_lines(wanted)

        assert first == RefundLine(refund=make_refund("E-3"))
        assert second == next(line for line in store.list_refunds() if line.refund == refund)
        assert (second.amount_units, second.tx_ids) == (attempt.amount.units, (transfer.id,))
        assert store.refund_lines([]) == ()

    def test_a_long_list_comes_whole(self, store: Store) -> None:
        refunds = tuple(make_refund(f"E-{number}") for number in range(1_100))
        add(store, *refunds)

        lines = store.list_refunds()

        assert len({line.refund.id for line in lines}) == len(refunds)

    def test_transfers_are_listed_newest_first_page_by_page(self, store: Store) -> None:
        transfers = [make_transfer(f"T-{number}", committed_at=NOW + number * HOUR) for number in range(5)]
        store.commit(Change(transfers=tuple(transfers)))

        assert store.list_transfers() == tuple(transfers[::-1])
        assert store.list_transfers(limit=2) == (transfers[4], transfers[3])
        assert store.list_transfers(after=transfers[3].id, limit=2) == (transfers[2], transfers[1])

    def test_counts_name_every_living_status_and_paid(self, store: Store) -> None:
        paying(store, "E-0")
        add(
            store,
            *(make_refund("E-1"), make_refund("E-2"), make_approved("E-3")),
            make_refund("E-4", status=RefundStatus.PAID),
            make_refund("E-5", status=RefundStatus.CANCELED),
        )

        assert store.counts() == {
            RefundStatus.REQUESTED: 2,
            RefundStatus.WAITING: 0,
            RefundStatus.APPROVED: 1,
            RefundStatus.PAYING: 1,
            RefundStatus.HELD: 0,
            RefundStatus.PAID: 1,
        }

    def test_the_newest_events_come_oldest_first(self, store: Store) -> None:
        events = tuple(make_event(f"line {number}") for number in range(5))
        store.commit(Change(events=events[:3]))
        store.commit(Change(events=events[3:]))

        assert store.events() == events
        assert store.events(limit=2) == events[3:]

    def test_events_are_told_apart_by_what_they_are_about(self, store: Store) -> None:
        plain = make_event("about nothing")
        refunds = make_event("about a refund", refund_id="rf_1", who="alice")
        both = make_event("about both", refund_id="rf_1", transfer_id="t_1", wallet=WALLET)
        alarm = make_event("an alarm", transfer_id="t_1", alarm=True)
        store.commit(Change(events=(plain, refunds, both, alarm)))

        assert store.events(refund_id="rf_1") == (refunds, both)
        assert store.events(transfer_id="t_1") == (both, alarm)
        assert store.events(refund_id="rf_1", transfer_id="t_1") == (both,)
        assert store.events(alarms=True) == (alarm,)
        assert store.events(refund_id="rf_2") == ()


def _confirmations(store: Store) -> int | None:
    (line,) = store.list_refunds()
    return line.confirmations
