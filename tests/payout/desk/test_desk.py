"""The desk: what each person may do in each state, each act with who and why on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from payout.approval import APPROVAL_LIFE
from payout.change import Change
from payout.desk import Desk
from payout.errors import BadInput, IllegalTransition, LimitReached, NotApproved
from payout.refund import Refund, RefundStatus
from payout.resolution import Resolution
from payout.transfer import TransferStatus
from tests.approvers import make_rules
from tests.factories import NOW, make_give_up, make_transfer, usd
from tests.payout.desk.office import Office

S = RefundStatus


ENDING: dict[str, tuple[Callable[[Desk], Refund], RefundStatus]] = {
    "reject": (lambda desk: desk.reject("E-1", "ann", "spent"), S.REJECTED),
    "cancel": (lambda desk: desk.cancel("E-1", "ann", "asked twice"), S.CANCELED),
    "credit": (lambda desk: desk.resolve("E-1", Resolution.CREDITED, "ann", "credit"), S.CREDITED),
    "paid outside": (lambda desk: desk.resolve("E-1", Resolution.PAID_OUTSIDE, "ann", "card"), S.PAID_OUTSIDE),
}


@pytest.mark.parametrize("act", ENDING)
@pytest.mark.parametrize("before", ["REQUESTED", "APPROVED", "HELD"])
def test_a_refund_that_is_not_being_paid_can_be_ended(act: str, before: str) -> None:
    office = Office()
    if before == "APPROVED":
        office.desk().approve("E-1", "ann")
    if before == "HELD":
        office.desk().hold("E-1", "ann", "look")
    do, end = ENDING[act]

    assert do(office.desk()).status is end
    assert office.said()[-1][1] == "ann"


@pytest.mark.parametrize("act", ENDING)
def test_a_refund_that_is_being_paid_cannot_be_ended_by_anyone(act: str) -> None:
    office = Office()
    office.pay()

    with pytest.raises(IllegalTransition, match="is PAYING"):
        ENDING[act][0](office.desk())
    assert office.refund.status is S.PAYING


def test_approving_signs_the_row_and_says_until_when() -> None:
    office = Office()

    approved = office.desk().approve("E-1", "ann")

    assert (approved.status, approved.approved_until) == (S.APPROVED, NOW + APPROVAL_LIFE)
    (approval,) = office.store.approvals([approved.id])
    assert approval.signer == "ann"
    assert office.desk().approve("E-1", "ann") == approved


def test_the_requester_cannot_approve_where_two_people_are_configured() -> None:
    office = Office(make_rules({"panel": ["approver"], "ann": ["approver"]}), requested_by="panel")

    with pytest.raises(NotApproved):
        office.desk().approve("E-1", "panel")
    assert office.desk().approve("E-1", "ann").status is S.APPROVED


def test_a_quorum_of_two_takes_two_people() -> None:
    office = Office(rules=make_rules({"ann": ["approver"], "bob": ["approver"]}, quorum=2))

    assert office.desk().approve("E-1", "ann").status is S.REQUESTED
    assert office.desk().approve("E-1", "bob").status is S.APPROVED


def test_what_is_outside_the_limits_cannot_be_approved() -> None:
    office = Office(owed=usd("600.00"))

    with pytest.raises(LimitReached):
        office.desk().approve("E-1", "ann")
    assert office.refund.status is S.REQUESTED


def test_a_release_goes_back_to_approved_only_while_the_approvals_stand() -> None:
    office = Office()
    office.desk().approve("E-1", "ann")
    office.desk().hold("E-1", "bob", "look")
    assert office.desk().release("E-1", "bob").status is S.APPROVED

    office.desk().hold("E-1", "bob", "look")
    office.clock.at += APPROVAL_LIFE
    assert office.desk().release("E-1", "bob").status is S.REQUESTED


def test_a_hold_while_paying_lets_this_payment_go_on_and_can_be_lifted() -> None:
    office = Office()
    office.pay()

    held = office.desk().hold("E-1", "ann", "fraud?")
    assert (held.status, held.hold_reason) == (S.PAYING, "ann: fraud?")

    assert office.desk().release("E-1", "ann").hold_reason is None


def test_amending_voids_the_approvals() -> None:
    office = Office()
    office.desk().approve("E-1", "ann")

    amended = office.desk().amend("E-1", "4elsewhere", None, "ann", "typo")

    assert (amended.status, amended.revision) == (S.REQUESTED, 2)
    with pytest.raises(BadInput):
        office.desk().amend("E-1", "nonsense", None, "ann", "typo")


@pytest.mark.parametrize("who", ["ann", "api:shop"])
def test_what_is_held_stays_so_when_it_is_amended_until_a_person_releases_it(who: str) -> None:
    office = Office()
    office.desk().approve("E-1", "ann")
    office.desk().hold("E-1", "ann", "odd")

    amended = office.desk().amend("E-1", "4elsewhere", None, who, "typo")

    assert (amended.status, amended.hold_reason, amended.revision) == (S.HELD, "ann: odd", 2)
    with pytest.raises(IllegalTransition):
        office.desk().approve("E-1", "ann")
    assert office.desk().release("E-1", "ann").status is S.REQUESTED


def test_approvals_that_ran_out_go_back_to_the_queue_with_a_notice() -> None:
    office = Office()
    office.desk().approve("E-1", "ann")

    assert office.desk().expire() == 0
    office.clock.at += APPROVAL_LIFE + timedelta(seconds=1)

    assert office.desk().expire() == 1
    assert office.refund.status is S.REQUESTED
    assert office.said()[-1][0] == "approval.expired"


def test_giving_up_is_an_intention_and_only_for_an_open_transfer_that_is_not_one() -> None:
    office = Office()
    office.pay()
    transfer = make_transfer()

    asked = office.desk().give_up(transfer.id, "ann", "too slow")

    assert (asked.status, asked.give_up_by) == (TransferStatus.OPEN, "ann")
    with pytest.raises(BadInput, match="not on record"):
        office.desk().give_up("nonsense", "ann", "why not")
    give_up = make_give_up(asked)
    office.store.commit(Change(transfers=(give_up,)))
    with pytest.raises(IllegalTransition, match="itself a give-up"):
        office.desk().give_up(give_up.id, "ann", "why not")


def test_a_pause_is_lifted_once_and_both_are_on_record() -> None:
    office = Office()

    office.desk().pause("hot", "ann", "maintenance")

    assert [(pause.scope, pause.who) for pause in office.store.pauses()] == [("hot", "ann")]
    assert office.desk().resume("hot", "ann")
    assert not office.desk().resume("hot", "ann")
    assert [event.kind for event in office.store.events()][-2:] == ["wallet.paused", "wallet.resumed"]


def test_an_unknown_refund_is_named() -> None:
    with pytest.raises(BadInput, match="'E-9' is not on record"):
        Office().desk().find("E-9")
