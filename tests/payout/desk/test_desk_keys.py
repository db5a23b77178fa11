"""Approvals at the desk: with keys of people's own, one of two, beside automatic ones, and forged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.signatures import MemorySigner
from payout.approval import APPROVAL_LIFE, KeyKind, Tier
from payout.approval.manifest import fingerprint
from payout.change import Change
from payout.errors import ForgedApproval, IllegalTransition, LimitReached, NotApproved, Overtaken
from payout.refund import RefundStatus
from payout.resolution import Resolution
from tests.approvers import EVERYTHING, approve_with, make_rules
from tests.factories import NOW, make_refund, usd
from tests.payout.desk.office import ACTS, TWO, Office

S = RefundStatus
KEYED = make_rules({"ann": EVERYTHING, "bob": EVERYTHING}, keys={"ann": "ann's key", "bob": "bob's key"})


def test_a_key_of_ones_own_signs_what_stands_there() -> None:
    office = Office(KEYED)

    with pytest.raises(NotApproved, match="keys of their own"):
        office.desk().approve("E-1", "ann")
    with pytest.raises(NotApproved, match="no key of ann made"):
        approve_with(office.desk(), "E-1", "ann", MemorySigner("bob's key"))
    approved = approve_with(office.desk(), "E-1", "ann", MemorySigner("ann's key"), revision=1)

    assert approved.status is S.APPROVED
    assert office.store.approvals([approved.id])[0].kind == "ed25519"


def test_approving_twice_by_one_person_writes_nothing_and_does_not_count_twice() -> None:
    office = Office(make_rules({"ann": EVERYTHING, "bob": EVERYTHING}, quorum=2))
    office.desk().approve("E-1", "ann")
    before = (office.refund, office.store.approvals([office.refund.id]), office.kinds())

    office.desk().approve("E-1", "ann")

    assert (office.refund, office.store.approvals([office.refund.id]), office.kinds()) == before
    assert office.approver.signers(office.refund, before[1], NOW) == ("ann",)
    assert office.desk().approve("E-1", "bob").status is S.APPROVED


def test_what_is_past_approving_is_not_drawn_up() -> None:
    office = Office(KEYED)
    office.desk().hold("E-1", "bob", "look")

    with pytest.raises(IllegalTransition, match=r"is HELD: only a REQUESTED .* held by bob: look"):
        office.desk().draft("E-1", "ann", kind=KeyKind.ED25519)


def test_what_was_shown_is_what_is_signed() -> None:
    office = Office(KEYED)
    draft, message = office.desk().draft("E-1", "ann", kind=KeyKind.ED25519)
    signed = replace(draft, signature=MemorySigner("ann's key").sign(message))
    lasting = replace(signed, expires_at=draft.expires_at + timedelta(days=1))
    with pytest.raises(NotApproved, match="7 days at most"):
        office.desk().accept(lasting)
    office.edit(destination="4thief", seal=office.approver.sealed(replace(office.refund, destination="4thief")).seal)
    with pytest.raises(NotApproved, match="was not taken"):
        office.desk().accept(signed)
    office.edit(
        destination=make_refund().destination, seal=office.approver.sealed(make_refund(requested_by="api:shop")).seal
    )

    assert office.desk().accept(signed).status is S.APPROVED


@pytest.mark.parametrize("act", ["approve", "draft"])
def test_what_is_not_as_it_was_seen_is_not_signed(act: str) -> None:
    office = Office(make_rules() if act == "approve" else KEYED)
    seen = fingerprint(office.refund, office.approver.instance)
    deed = getattr(office.desk(), act)
    deed("E-1", "ann", seen=seen, **({} if act == "approve" else {"kind": KeyKind.ED25519}))

    other = replace(office.refund, destination="4thief")
    office.edit(destination="4thief", seal=office.approver.sealed(other).seal, status=S.REQUESTED)

    with pytest.raises(Overtaken, match="not what you saw"):
        deed("E-1", "bob", seen=seen)


def test_a_draft_of_a_revision_that_is_no_more_is_not_taken() -> None:
    office = Office(KEYED)
    draft, message = office.desk().draft("E-1", "ann", kind=KeyKind.ED25519)
    office.desk().amend("E-1", "4elsewhere", None, "bob", "typo")

    with pytest.raises(Overtaken, match="bob amended it"):
        office.desk().accept(replace(draft, signature=MemorySigner("ann's key").sign(message)))


# ---------------------------------------------------------------- partial, automatic, forged


def test_one_of_two_approvals_is_given_and_the_second_approves() -> None:
    office = Office(make_rules({"ann": EVERYTHING, "bob": EVERYTHING}, quorum=2))

    assert office.desk().approve("E-1", "ann").status is S.REQUESTED
    assert office.kinds() == ["approval.given"]
    assert office.desk().approve("E-1", "bob").status is S.APPROVED
    assert office.kinds() == ["approval.given", "refund.approved"]


def test_credit_says_so_to_the_merchant() -> None:
    office = Office()
    office.desk().resolve("E-1", Resolution.CREDITED, "ann", "store credit")

    assert office.kinds() == ["refund.credited"]


def test_a_person_may_approve_what_intake_approved_and_it_is_theirs_then() -> None:
    office = Office(make_rules({"ann": EVERYTHING, "bob": EVERYTHING}, tiers=(Tier(up_to=None, approvals=0),)))
    own = office.approver.automatic(office.refund, NOW)
    assert own is not None
    office.store.commit(Change(approvals=(own,), refunds=(office.refund.approve(NOW, own.expires_at),)))
    office.clock.at += timedelta(hours=1)

    approved = office.desk().approve("E-1", "ann")

    assert (approved.status, approved.approved_until) == (S.APPROVED, NOW + APPROVAL_LIFE + timedelta(hours=1))
    given = office.store.approvals([approved.id])
    assert not office.approver.check(approved, given, office.clock.at).automatic
    assert office.desk().approve("E-1", "ann") == approved


def test_approvals_that_changed_rules_voided_can_be_given_anew() -> None:
    office = Office()
    office.desk().approve("E-1", "ann")
    office.rules = make_rules(
        {"ann": EVERYTHING, "bob": EVERYTHING},
        tiers=(Tier(up_to=usd("9.00"), approvals=1), Tier(up_to=None, approvals=2)),
    )

    assert office.desk().approve("E-1", "ann").status is S.REQUESTED
    assert office.desk().approve("E-1", "bob").status is S.APPROVED


@pytest.mark.parametrize("act", ["approve", "amend"])
def test_nobody_approves_or_amends_a_row_that_was_edited_and_everybody_hears_of_it(act: str) -> None:
    office = Office()
    office.edit(owed=usd("400.00"))

    with pytest.raises(ForgedApproval, match="is not what was handed in"):
        ACTS[act](office.desk(), "ann")

    assert office.refund.status is S.HELD
    assert office.alarms() == ["approval.invalid", "refund.held"]
    assert office.store.approvals([office.refund.id]) == ()
    # It can be ended, never paid.
    assert office.desk().release("E-1", "ann").status is S.REQUESTED
    with pytest.raises(ForgedApproval):
        office.desk().approve("E-1", "bob")
    assert office.desk().reject("E-1", "ann", "tampered with").status is S.REJECTED


def test_a_forged_signature_counts_for_nothing_and_alarms_whoever_signs_beside_it() -> None:
    office = Office(make_rules({"ann": EVERYTHING, "bob": EVERYTHING}, quorum=2))
    forged = replace(office.approver.sign(office.refund, "bob", NOW), signature="0" * 64)
    office.store.commit(Change(approvals=(forged,)))

    assert office.desk().approve("E-1", "ann").status is S.REQUESTED
    assert office.alarms() == ["approval.invalid"]
    assert office.desk().approve("E-1", "bob").status is S.APPROVED


def test_the_cap_of_one_refund_in_the_people_file_holds_at_the_desk() -> None:
    office = Office(replace(TWO, caps=replace(TWO.caps, refund=usd("20.00"))))

    with pytest.raises(LimitReached, match=r"caps\.refund_usd = 20.00"):
        office.desk().approve("E-1", "ann")
