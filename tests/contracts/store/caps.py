"""Counters that no commit can pass, and payments whose refunds never sum above their worth."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payout.caps import CapUse
from payout.change import Change, PaymentCap
from payout.errors import BadInput, LimitReached
from payout.ports import Store
from payout.refund import Refund, RefundStatus
from tests.contracts.store.steps import add
from tests.factories import make_refund, usd

DAY = "2026-11-22"
USE = CapUse(scope="day", day=DAY, units=4_000, cap=10_000)
WORTH = PaymentCap(payment_tx="p-1", paid=usd("40.00"))
UNSAID = replace(WORTH, paid=None)


def of_payment(name: str, owed: str, **changes: object) -> Refund:
    return make_refund(name, owed=usd(owed), payment_tx="p-1", **changes)


class Caps:
    def test_a_counter_is_raised_to_its_cap_and_no_cent_further(self, store: Store) -> None:
        store.commit(Change(caps=(USE,)))
        store.commit(Change(caps=(replace(USE, units=6_000),)))

        with pytest.raises(LimitReached) as refusal:
            store.commit(Change(refunds=(make_refund(),), caps=(replace(USE, units=1),)))

        assert store.cap_used("day", DAY) == 10_000
        assert store.refund("E-1") is None
        for words in ("day", DAY, "100.00", "0.00 are left", "0.01"):
            assert words in str(refusal.value)

    def test_what_is_left_of_a_cap_is_said(self, store: Store) -> None:
        store.commit(Change(caps=(USE,)))

        with pytest.raises(LimitReached, match=r"60\.00 are left"):
            store.commit(Change(caps=(replace(USE, units=6_001),)))

        assert store.cap_used("day", DAY) == 4_000

    def test_counters_of_other_days_and_scopes_stand_apart(self, store: Store) -> None:
        other_day = replace(USE, day="2026-11-23", units=10_000)
        other_scope = replace(USE, scope="day:alice", units=9_999)

        store.commit(Change(caps=(USE, other_scope, other_day)))

        assert store.cap_used("day", DAY) == 4_000
        assert store.cap_used("day", "2026-11-23") == 10_000
        assert store.cap_used("day:alice", DAY) == 9_999
        assert store.cap_used("day:bob", DAY) == 0

    def test_several_uses_of_one_counter_in_a_change_add_up(self, store: Store) -> None:
        with pytest.raises(LimitReached):
            store.commit(Change(caps=(USE, USE, USE)))

        store.commit(Change(caps=(USE, USE)))
        assert store.cap_used("day", DAY) == 8_000

    def test_one_cap_that_is_full_keeps_all_counters_where_they_were(self, store: Store) -> None:
        full = replace(USE, scope="zzz", units=10_001)

        with pytest.raises(LimitReached, match="zzz"):
            store.commit(Change(caps=(USE, full)))

        assert store.cap_used("day", DAY) == 0

    def test_a_cap_beyond_64_bits_is_no_cap(self, store: Store) -> None:
        store.commit(Change(caps=(replace(USE, cap=10**20),)))

        assert store.cap_used("day", DAY) == 4_000

    def test_refunds_of_a_payment_never_sum_above_its_worth(self, store: Store) -> None:
        store.commit(Change(refunds=(of_payment("E-1", "25.00"),), payment_caps=(WORTH,)))

        with pytest.raises(LimitReached) as refusal:
            store.commit(Change(refunds=(of_payment("E-2", "15.01"),), payment_caps=(WORTH,)))

        assert store.refund("E-2") is None
        for words in ("p-1", "40.00", "25.00", "15.00", "15.01"):
            assert words in str(refusal.value)
        store.commit(Change(refunds=(of_payment("E-3", "15.00"),), payment_caps=(UNSAID,)))
        assert store.refund("E-3") is not None

    def test_a_file_of_refunds_is_summed_as_a_whole(self, store: Store) -> None:
        many = tuple(of_payment(f"E-{number}", "10.00") for number in range(5))

        with pytest.raises(LimitReached):
            store.commit(Change(refunds=many, payment_caps=(WORTH,)))
        store.commit(Change(refunds=many[:4], payment_caps=(WORTH,)))

        assert len(store.list_refunds()) == 4

    @pytest.mark.parametrize("ended", [RefundStatus.REJECTED, RefundStatus.CANCELED])
    def test_what_was_rejected_or_canceled_no_longer_counts(self, store: Store, ended: RefundStatus) -> None:
        first = of_payment("E-1", "40.00")
        store.commit(Change(refunds=(first,), payment_caps=(WORTH,)))
        store.commit(Change(refunds=(first.to(ended),)))

        store.commit(Change(refunds=(of_payment("E-2", "40.00"),), payment_caps=(WORTH,)))

        assert store.refund("E-2") is not None

    def test_what_was_paid_by_other_means_still_counts(self, store: Store) -> None:
        first = of_payment("E-1", "40.00")
        store.commit(Change(refunds=(first,), payment_caps=(WORTH,)))
        store.commit(Change(refunds=(first.to(RefundStatus.CREDITED),)))

        with pytest.raises(LimitReached):
            store.commit(Change(refunds=(of_payment("E-2", "0.01"),), payment_caps=(UNSAID,)))

    def test_a_worth_said_later_binds_the_earlier_ones(self, store: Store) -> None:
        store.commit(Change(refunds=(of_payment("E-1", "39.00"),), payment_caps=(UNSAID,)))

        with pytest.raises(LimitReached):
            store.commit(Change(refunds=(of_payment("E-2", "1.01"),), payment_caps=(WORTH,)))
        store.commit(Change(refunds=(of_payment("E-3", "1.01"),), payment_caps=(UNSAID,)))

        assert store.refund("E-3") is not None

    def test_a_payment_has_one_worth(self, store: Store) -> None:
        store.commit(Change(refunds=(of_payment("E-1", "5.00"),), payment_caps=(WORTH,)))
        other = replace(WORTH, paid=usd("41.00"))

        with pytest.raises(BadInput, match="p-1") as refusal:
            store.commit(Change(refunds=(of_payment("E-2", "5.00"),), payment_caps=(other,)))

        assert refusal.value.field == "paid_usd"
        assert store.refund("E-2") is None

    def test_two_worths_of_one_payment_in_one_change_are_refused(self, store: Store) -> None:
        other = replace(WORTH, paid=usd("41.00"))

        with pytest.raises(BadInput):
            store.commit(Change(payment_caps=(UNSAID, WORTH, other)))

    def test_without_a_word_about_its_worth_a_payment_has_no_cap(self, store: Store) -> None:
        store.commit(Change(refunds=(of_payment("E-1", "400.00"),), payment_caps=(UNSAID,)))
        add(store, of_payment("E-2", "400.00"))

        assert len(store.list_refunds()) == 2

    def test_payments_do_not_share_a_cap(self, store: Store) -> None:
        other = make_refund("E-2", owed=usd("40.00"), payment_tx="p-2")
        store.commit(Change(refunds=(of_payment("E-1", "40.00"),), payment_caps=(WORTH,)))

        store.commit(Change(refunds=(other,), payment_caps=(replace(WORTH, payment_tx="p-2"),)))

        assert store.refund("E-2") == other
