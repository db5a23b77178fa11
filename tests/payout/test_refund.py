"""The states of a refund: the whole matrix, and what each step keeps."""

from __future__ import annotations

import itertools

import pytest

from payout.errors import IllegalTransition
from payout.refund import ATTEMPTS_MAX, TRANSITIONS, RefundStatus, refund_id
from tests.factories import ADDRESS, NOW, WEEK, make_approved, make_refund

S = RefundStatus
ENDS = (S.CREDITED, S.PAID_OUTSIDE, S.REJECTED, S.CANCELED)

# Written out by hand from the design, not derived from the code's own table.
ALLOWED = {
    S.REQUESTED: {S.REQUESTED, S.WAITING, S.APPROVED, S.HELD, *ENDS, S.PAYING},
    S.WAITING: {S.REQUESTED, S.HELD, *ENDS, S.PAYING},
    S.APPROVED: {S.PAYING, S.REQUESTED, S.HELD, *ENDS},
    S.PAYING: {S.PAYING, S.PAID, S.APPROVED, S.HELD},
    S.HELD: {S.HELD, S.APPROVED, S.REQUESTED, *ENDS, S.PAYING},
    S.PAID: {S.PAYING},
    S.CREDITED: {S.PAYING},
    S.PAID_OUTSIDE: {S.PAYING},
    S.REJECTED: {S.PAYING},
    S.CANCELED: {S.PAYING},
}


@pytest.mark.parametrize(("start", "end"), list(itertools.product(RefundStatus, RefundStatus)))
def test_only_the_declared_edges_can_be_taken(start: RefundStatus, end: RefundStatus) -> None:
    refund = make_refund(status=start)

    if end in ALLOWED[start]:
        assert refund.to(end).status is end
    else:
        with pytest.raises(IllegalTransition, match=f"is {start}: it cannot become {end}"):
            refund.to(end)


def test_every_status_stands_in_the_table() -> None:
    assert set(TRANSITIONS) == set(RefundStatus)


def test_each_step_makes_the_next_version_and_clears_what_it_waited_for() -> None:
    refund = make_refund(waiting_for="a rate", version=3)

    approved = refund.approve(NOW, NOW + WEEK)

    assert (approved.version, approved.waiting_for) == (4, None)
    assert (refund.version, refund.waiting_for) == (3, "a rate")


def test_a_refund_that_is_being_paid_cannot_be_canceled_or_amended() -> None:
    paying = make_approved().open_attempt()

    with pytest.raises(IllegalTransition):
        paying.to(S.CANCELED)
    with pytest.raises(IllegalTransition, match="its destination can no longer change"):
        paying.amend(ADDRESS, None, by="ann", at=NOW)


def test_a_hold_outlives_its_attempt() -> None:
    held = make_approved().open_attempt().hold("ann: fraud?")

    assert held.status is S.PAYING
    assert held.fail_attempt().status is S.HELD
    assert held.fail_attempt().hold_reason == "ann: fraud?"


def test_a_failed_attempt_frees_the_refund_until_too_many_failed() -> None:
    refund = make_approved()
    for number in range(1, ATTEMPTS_MAX + 1):
        assert refund.status is S.APPROVED
        refund = refund.open_attempt()
        assert refund.attempts == number
        refund = refund.fail_attempt()

    assert refund.status is S.HELD
    assert refund.hold_reason == f"{ATTEMPTS_MAX} attempts failed: look at why"


def test_amending_makes_a_new_revision_that_nobody_has_approved() -> None:
    amended = make_approved().amend("another", None, by="ann", at=NOW)

    assert (amended.revision, amended.status, amended.approved_until) == (2, S.REQUESTED, None)


def test_a_reorganisation_takes_a_paid_refund_back_to_paying() -> None:
    paid = make_approved().open_attempt().settle(NOW)

    reopened = paid.reopen()

    assert (reopened.status, reopened.paid_at) == (S.PAYING, None)


def test_an_external_id_always_names_the_same_refund_and_no_other() -> None:
    assert refund_id("acme", "E-1") == refund_id("acme", "E-1")
    assert len({refund_id("acme", "E-1"), refund_id("acme", "E-2"), refund_id("other", "E-1")}) == 3
