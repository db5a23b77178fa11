"""What is written is read back as it was, and only over the version that it was made from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from payout.asset import Asset
from payout.change import Change, KnownSpend, WalletRecord
from payout.errors import DuplicateRefund, StaleWrite
from payout.money import Money
from payout.ports import Store
from payout.refund import AttemptStatus, Refund, RefundStatus
from payout.transfer import Output, Place, Sighting, TransferStatus
from tests.contracts.store.steps import add, pay, paying
from tests.factories import (
    NOW,
    WALLET,
    WEEK,
    digest,
    make_approval,
    make_approved,
    make_attempt,
    make_event,
    make_quote,
    make_refund,
    make_transfer,
    make_wallet,
    usd,
    xmr,
)

WEI = Asset(code="ETH", network="ethereum", decimals=18)


class Commits:
    def test_a_refund_comes_back_with_every_fact_that_it_had(self, store: Store) -> None:
        refund = make_refund(
            "Ünïcode & 'quotes'",
            revision=3,
            memo="17",
            payment_tx="p-1",
            paid=usd("40.00"),
            amount_max=xmr("0.08"),
            reason="number did not ring 😀",
            status=RefundStatus.PAYING,
            waiting_for=None,
            hold_reason="a customer called",
            passed_over=4,
            approved_at=NOW,
            approved_until=NOW + WEEK,
            paid_at=NOW + timedelta(microseconds=1),
            attempts=2,
            amended_at=NOW - timedelta(microseconds=1),
            amended_by="bob",
            seal=digest("seal"),
        )

        add(store, refund)

        assert store.refund(refund.id) == refund
        assert store.refund(refund.external_id) == refund
        assert store.refunds([refund.id, "nobody"]) == (refund,)

    def test_a_time_comes_back_in_utc_whatever_zone_it_was_given_in(self, store: Store) -> None:
        nepal = timezone(timedelta(hours=5, minutes=45))
        refund = make_refund(requested_at=datetime(2026, 1, 1, 3, 0, tzinfo=nepal))

        add(store, refund)

        read = store.refund(refund.id)
        assert read is not None
        assert read.requested_at == datetime(2025, 12, 31, 21, 15, tzinfo=UTC)

    def test_units_beyond_64_bits_come_back_to_the_last_one(self, store: Store) -> None:
        most = Money(2**256 - 1, WEI)
        refund = make_approved(asset=WEI, amount_max=most)
        transfer = make_transfer(fee=2**70 + 1, outputs=(Output(address="0x1", units=most.units),))
        add(store, refund)

        _, attempt = pay(store, refund, transfer, amount=Money(2**255 + 7, WEI))

        assert store.refund(refund.id) == refund.open_attempt()
        assert store.attempts([refund.id]) == (attempt,)
        assert store.transfer(transfer.id) == transfer

    def test_a_transfer_comes_back_with_all_that_was_seen_of_it(self, store: Store) -> None:
        transfer = make_transfer(
            outputs=(Output(address="a", units=1), Output(address="b", units=2, own=True)),
            replaces="another",
            refused_at=(10, 20, 30),
            give_up_by="alice",
            give_up_why="stuck",
        )
        store.commit(Change(transfers=(transfer,)))
        sighting = Sighting(place=Place.MINED, height=3_300_000, block_hash="b10c", depth=7, tip=9)
        seen = transfer.begin(NOW).see(sighting, NOW)
        watched = seen.to(TransferStatus.FINAL, final_at=NOW, watched=True)

        store.commit(Change(transfers=(transfer.begin(NOW), seen, watched)))

        assert store.transfer(transfer.id) == watched

    def test_a_proof_is_added_to_an_attempt_by_its_id(self, store: Store) -> None:
        _, attempt, transfer = paying(store)
        proved = make_attempt(make_approved(attempts=1), transfer, proof="OutProofV2", automatic=True)
        assert proved.id == attempt.id

        store.commit(Change(attempts=(proved,)))

        assert store.attempts([attempt.refund_id]) == (proved,)

    def test_a_rate_comes_back_digit_by_digit(self, store: Store) -> None:
        refund, transfer = make_approved(), make_transfer()
        add(store, refund)

        _, attempt = pay(store, refund, transfer, rate=Decimal("330.100000000000000001"))

        assert str(store.attempts([refund.id])[0].rate) == str(attempt.rate)

    def test_a_quote_is_kept_once_and_comes_back_with_its_evidence(self, store: Store) -> None:
        quote = make_quote("331.07")

        store.commit(Change(quotes=(quote, quote)))
        store.commit(Change(quotes=(quote,)))

        assert store.quote(quote.id) == quote
        assert store.quote("nothing") is None

    def test_approvals_come_back_oldest_first(self, store: Store) -> None:
        first, second = make_refund("E-1"), make_refund("E-2")
        add(store, first, second)
        given = (
            make_approval(second, "carol"),
            make_approval(first),
            make_approval(first, "bob", policy=digest("rules")),
        )

        for approval in given:
            store.commit(Change(approvals=(approval,)))

        assert store.approvals([first.id, second.id]) == given
        assert store.approvals([first.id]) == given[1:]

    def test_a_wallet_is_replaced_by_its_name_and_keeps_its_tip(self, store: Store) -> None:
        store.commit(Change(wallets=(make_wallet(), make_wallet("other", tip=5, tip_at=NOW))))
        store.commit(Change(wallets=(make_wallet(adopted_height=200, low=True),)))

        store.note_tip(WALLET, 3_000, NOW)

        assert store.wallet(WALLET) == make_wallet(adopted_height=200, low=True, tip=3_000, tip_at=NOW)
        assert store.wallet("other") == make_wallet("other", tip=5, tip_at=NOW)
        assert store.wallet("unknown") is None

    def test_a_tip_of_a_wallet_that_is_not_on_record_is_dropped(self, store: Store) -> None:
        store.note_tip("unknown", 3_000, NOW)

        assert store.wallet("unknown") is None

    def test_the_first_explanation_of_a_spend_stays(self, store: Store) -> None:
        first = KnownSpend(txid="t1", wallet=WALLET, who="alice", why="rent", at=NOW)
        again = KnownSpend(txid="t1", wallet=WALLET, who="bob", why="theft", at=NOW)

        store.commit(Change(known_spends=(first,)))
        store.commit(Change(known_spends=(again,)))

        assert store.known_spends(WALLET) == (first,)
        assert store.known_spends("other") == ()

    def test_a_refund_made_from_an_older_version_is_refused(self, store: Store) -> None:
        refund = make_refund()
        add(store, refund)
        store.commit(Change(refunds=(refund.hold("alice looks"),)))

        with pytest.raises(StaleWrite, match=refund.external_id):
            store.commit(Change(refunds=(refund.approve(NOW, NOW + WEEK),)))

        assert store.refund(refund.id) == refund.hold("alice looks")

    def test_a_refund_that_skips_a_version_is_refused(self, store: Store) -> None:
        refund = make_refund()
        add(store, refund)

        with pytest.raises(StaleWrite):
            store.commit(Change(refunds=(refund.hold("a").hold("b"),)))

    def test_a_change_of_a_refund_that_is_not_on_record_is_refused(self, store: Store) -> None:
        with pytest.raises(StaleWrite):
            store.commit(Change(refunds=(make_refund().hold("why"),)))

    def test_one_change_may_take_a_refund_through_several_versions(self, store: Store) -> None:
        refund = make_refund()
        approved = refund.approve(NOW, NOW + WEEK)
        held = approved.hold("why")

        store.commit(Change(refunds=(refund, approved)))
        store.commit(Change(refunds=(held, held.hold("and why"))))

        assert store.refund(refund.id) == held.hold("and why")

    def test_one_stale_row_among_many_keeps_all_of_a_change_out(self, store: Store) -> None:
        first, second = make_refund("E-1"), make_refund("E-2")
        add(store, first, second)
        stale = second.hold("x").hold("y")
        event = make_event(refund_id=first.id)

        with pytest.raises(StaleWrite):
            store.commit(
                Change(
                    refunds=(first.hold("why"), make_refund("E-3"), stale),
                    quotes=(make_quote(),),
                    wallets=(WalletRecord(name="w", address="a", network="n", adopted_height=1),),
                    events=(event,),
                )
            )

        assert store.refunds([first.id, second.id]) == (first, second)
        assert store.refund("E-3") is None
        assert store.quote(make_quote().id) is None
        assert store.wallet("w") is None
        assert store.events() == ()

    @pytest.mark.parametrize("same_id", [True, False])
    def test_an_external_id_is_taken_once_for_ever(self, store: Store, same_id: bool) -> None:  # noqa: FBT001
        first = make_refund("E-1")
        again = make_refund("E-1", id=first.id if same_id else "rf_other", owed=usd("99.00"))
        add(store, first)

        with pytest.raises(DuplicateRefund, match="E-1"):
            add(store, make_refund("E-2"), again)

        assert store.refund("E-1") == first
        assert store.refund("E-2") is None

    def test_an_external_id_twice_in_one_change_is_refused(self, store: Store) -> None:
        with pytest.raises(DuplicateRefund):
            add(store, make_refund("E-1"), make_refund("E-1", id="rf_other"))

        assert store.refund("E-1") is None

    def test_a_transfer_made_from_another_version_is_refused(self, store: Store) -> None:
        transfer = make_transfer()
        store.commit(Change(transfers=(transfer,)))
        store.commit(Change(transfers=(transfer.begin(NOW),)))

        for stale in (transfer, transfer.to(TransferStatus.VOID), make_transfer("T-9").begin(NOW)):
            with pytest.raises(StaleWrite, match=stale.id):
                store.commit(Change(transfers=(stale,)))

        assert store.transfer(transfer.id) == transfer.begin(NOW)

    def test_a_long_file_of_refunds_goes_in_at_once(self, store: Store) -> None:
        many = tuple(make_refund(f"E-{number}") for number in range(1_234))

        add(store, *many)

        assert len(store.refunds([refund.id for refund in many])) == len(many)
        changed: tuple[Refund, ...] = tuple(refund.hold("why") for refund in many)
        store.commit(Change(refunds=changed))
        assert store.refunds([refund.id for refund in many]) == changed

    def test_an_empty_change_and_empty_questions_do_nothing(self, store: Store) -> None:
        store.commit(Change())
        store.note(())

        assert store.refunds(()) == ()
        assert store.attempts(()) == ()
        assert store.spending(()) == ()
        assert store.known(()) == frozenset()

    def test_a_settled_attempt_and_its_refund_are_closed_together(self, store: Store) -> None:
        refund, attempt, transfer = paying(store)
        settled = make_attempt(refund, transfer, status=AttemptStatus.SETTLED, closed_at=NOW + WEEK, proof="p")
        assert settled.id == attempt.id
        final = transfer.begin(NOW)

        store.commit(Change(refunds=(refund.settle(NOW),), attempts=(settled,), transfers=(final,)))

        assert store.refund(refund.id) == refund.settle(NOW)
        assert store.attempts_of([transfer.id]) == (settled,)
