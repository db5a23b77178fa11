"""What the ticks ask for: the right rows, in the right order, and no others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from payout.asset import XMR, Asset
from payout.change import Change, KnownSpend, Note
from payout.ports import Store
from payout.refund import AttemptStatus, RefundStatus
from payout.transfer import Transfer, TransferStatus
from tests.contracts.store.steps import add, begin, paying, void
from tests.factories import (
    NOW,
    TRON_ADDRESS,
    USDT,
    WALLET,
    make_approved,
    make_attempt,
    make_refund,
    make_transfer,
    usd,
)

HOUR = timedelta(hours=1)
BTC = Asset(code="BTC", network="bitcoin", decimals=8)


class Queues:
    def test_what_is_approved_is_summed_by_its_asset(self, store: Store) -> None:
        assert store.approved_owed() == {}
        add(
            store,
            make_approved("E-1"),
            make_approved("E-2", owed=usd("0.01")),
            make_approved("E-3", asset=USDT, destination=TRON_ADDRESS),
            make_refund("E-4"),
        )
        paying(store, "E-5")

        assert store.approved_owed() == {XMR.key: 2501, USDT.key: 2500}

    def test_the_payable_are_approved_ones_of_the_asset_longest_approved_first(self, store: Store) -> None:
        late = make_approved("E-1", approved_at=NOW + HOUR)
        early = make_approved("E-2", approved_at=NOW - HOUR)
        middle = make_approved("E-3")
        add(
            store,
            *(late, early, middle),
            make_approved("E-4", asset=BTC),
            make_approved("E-5", asset=replace(XMR, network="elsewhere")),
            make_refund("E-6"),
            make_approved("E-7", status=RefundStatus.HELD),
        )
        paying(store, "E-8")

        assert store.payable(XMR.key, 10) == (early, middle, late)
        assert store.payable(XMR.key, 2) == (early, middle)
        assert store.payable(BTC.key, 10) == (make_approved("E-4", asset=BTC),)

    def test_the_expired_are_approved_ones_whose_time_is_up(self, store: Store) -> None:
        first = make_approved("E-1", approved_until=NOW + HOUR)
        last = make_approved("E-2", approved_until=NOW + 2 * HOUR)
        add(store, last, first, make_approved("E-3", approved_until=NOW + 3 * HOUR))
        add(store, make_approved("E-4", approved_until=NOW, status=RefundStatus.HELD))

        assert store.expired(NOW + 2 * HOUR, 10) == (first, last)
        assert store.expired(NOW + 2 * HOUR, 1) == (first,)
        assert store.expired(NOW + HOUR - timedelta(microseconds=1), 10) == ()

    def test_a_note_changes_words_and_no_version(self, store: Store) -> None:
        refund = make_approved()
        add(store, refund)

        store.note((Note(refund_id=refund.id, waiting_for="0.2 XMR more", passed_over=3),))

        noted = replace(refund, waiting_for="0.2 XMR more", passed_over=3)
        assert store.refund(refund.id) == noted
        store.note((Note(refund_id=refund.id, waiting_for=None),))
        assert store.refund(refund.id) == refund
        store.commit(Change(refunds=(noted.unapprove(),)))

    def test_a_note_is_written_when_only_its_words_are_new(self, store: Store) -> None:
        refund = make_approved()
        add(store, refund)

        for words in ("fresh rates", "a fee below 1.00 USD", None):
            store.note((Note(refund_id=refund.id, waiting_for=words),))

            assert store.refund(refund.id) == replace(refund, waiting_for=words)

    def test_a_note_on_a_refund_that_moved_on_is_dropped(self, store: Store) -> None:
        refund, _, _ = paying(store)

        store.note(
            (
                Note(refund_id=refund.id, waiting_for="rates", passed_over=9),
                Note(refund_id="nobody", waiting_for="rates"),
            )
        )

        assert store.refund(refund.id) == refund

    def test_the_same_words_go_to_every_approved_refund_of_an_asset(self, store: Store) -> None:
        first = make_approved("E-1", passed_over=2)
        second = make_approved("E-2", waiting_for="a fee below 1.00 USD")
        bitcoin, requested = make_approved("E-3", asset=BTC), make_refund("E-4")
        add(store, first, second, bitcoin, requested)

        store.note_all(XMR.key, "fresh rates")

        waiting = tuple(replace(each, waiting_for="fresh rates") for each in (first, second))
        assert store.refunds([first.id, second.id]) == waiting
        assert store.refunds([bitcoin.id, requested.id]) == (bitcoin, requested)
        store.note_all(XMR.key, None)
        assert store.refund(second.id) == replace(second, waiting_for=None)

    def test_open_transfers_of_a_wallet_come_oldest_first(self, store: Store) -> None:
        late = make_transfer("T-1", committed_at=NOW + HOUR)
        early = make_transfer("T-2", committed_at=NOW - HOUR)
        closed = make_transfer("T-3")
        elsewhere = make_transfer("T-4", wallet="other")
        store.commit(Change(transfers=(late, early, closed, elsewhere)))
        void(store, closed)

        assert store.open_transfers(WALLET) == (early, late)
        assert store.open_transfers("other") == (elsewhere,)

    def test_closed_transfers_are_listed_until_they_are_watched(self, store: Store) -> None:
        dead = make_transfer("T-1", committed_at=NOW + HOUR)
        final, done = make_transfer("T-2"), make_transfer("T-3")
        store.commit(Change(transfers=(dead, final, done, make_transfer("T-4"))))
        dead = void(store, dead)
        final = _close(store, final)
        _close(store, done, watched=True)

        assert store.unwatched(WALLET, 10) == (final, dead)
        assert store.unwatched(WALLET, 1) == (final,)
        assert store.unwatched("other", 10) == ()

    def test_a_final_transfer_that_opens_again_is_open_again(self, store: Store) -> None:
        transfer = make_transfer()
        store.commit(Change(transfers=(transfer,)))
        final = _close(store, transfer)
        reopened = final.to(TransferStatus.OPEN, final_at=None)

        store.commit(Change(transfers=(reopened,)))

        assert store.open_transfers(WALLET) == (reopened,)
        assert store.unwatched(WALLET, 10) == ()

    def test_the_unproven_are_open_attempts_of_begun_transfers(self, store: Store) -> None:
        _, waits, _ = paying(store, "E-1")
        _, first, begun = paying(store, "E-2")
        begin(store, begun)
        _, failed, dead = paying(store, "E-3")
        begin(store, dead)
        store.commit(Change(attempts=(replace(failed, status=AttemptStatus.FAILED),)))
        _, proved, sent = paying(store, "E-4")
        begin(store, sent)
        store.commit(Change(attempts=(replace(proved, proof="OutProofV2"),)))
        _, settled, final = paying(store, "E-5")
        begin(store, final)
        store.commit(Change(attempts=(replace(settled, status=AttemptStatus.SETTLED),)))

        assert waits.proof is None
        assert store.unproven(WALLET, 10) == (first,)
        assert store.unproven("other", 10) == ()

    def test_the_oldest_unproven_attempts_come_first(self, store: Store) -> None:
        transfer = make_transfer()
        refunds = [make_approved(f"E-{number}") for number in range(3)]
        attempts = [
            make_attempt(refund, transfer, opened_at=NOW - number * HOUR) for number, refund in enumerate(refunds)
        ]
        store.commit(Change(refunds=tuple(refunds), attempts=tuple(attempts), transfers=(transfer,)))
        begin(store, transfer)

        assert store.unproven(WALLET, 2) == (attempts[2], attempts[1])

    def test_the_last_begun_are_the_newest_that_may_have_left(self, store: Store) -> None:
        transfers = [make_transfer(f"T-{number}") for number in range(4)]
        store.commit(Change(transfers=tuple(transfers)))
        for hours, number in enumerate((2, 0, 1)):
            begin(store, transfers[number], NOW + hours * HOUR)

        assert store.last_begun(WALLET, 2) == (transfers[1].id, transfers[0].id)
        assert len(store.last_begun(WALLET, 10)) == 3
        assert store.last_begun("other", 10) == ()

    def test_attempts_come_oldest_first_also_beyond_the_ninth(self, store: Store) -> None:
        refund, transfer = make_approved(), make_transfer()
        tries = [make_attempt(refund, transfer, number=number, status=AttemptStatus.FAILED) for number in range(1, 12)]
        store.commit(Change(refunds=(refund,), transfers=(transfer,), attempts=tuple(tries[::-1])))

        assert store.attempts([refund.id]) == tuple(tries)
        assert store.attempts_of([transfer.id]) == tuple(tries)

    def test_known_are_our_transfers_and_explained_spends(self, store: Store) -> None:
        ours = make_transfer()
        spend = KnownSpend(txid="explained", wallet=WALLET, who="alice", why="rent", at=NOW)
        store.commit(Change(transfers=(ours,), known_spends=(spend,)))

        assert store.known([ours.id, "explained", "stranger"]) == {ours.id, "explained"}

    def test_refunds_come_in_the_order_that_they_were_asked_for(self, store: Store) -> None:
        refunds = [make_refund(f"E-{number}") for number in range(5)]
        add(store, *refunds)

        asked = [refunds[3].id, refunds[0].id, refunds[3].id, refunds[4].id]
        assert store.refunds(asked) == (refunds[3], refunds[0], refunds[4])

    def test_a_refund_is_found_by_its_id_before_anothers_external_id(self, store: Store) -> None:
        first = make_refund("E-1")
        impostor = make_refund(first.id)
        add(store, impostor, first)

        assert store.refund(first.id) == first
        assert store.refund("E-1") == first
        assert store.refund("E-9") is None


def _close(store: Store, transfer: Transfer, *, watched: bool = False) -> Transfer:
    final = transfer.to(TransferStatus.FINAL, final_at=NOW, watched=watched)
    store.commit(Change(transfers=(final,)))
    return final
