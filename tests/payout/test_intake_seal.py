"""Intake's seal: a row that something else than intake wrote is never approved, and never paid unasked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.store import MemoryStore
from payout.approval import APPROVAL_LIFE, AUTOMATIC, POLICY, Approver, Caps, IntakeSeal, Rules, Tier
from payout.errors import ForgedApproval, NotApproved
from payout.intake import Request
from payout.refund import Refund, RefundStatus
from tests.approvers import make_approver, make_rules
from tests.clock import HandClock
from tests.factories import ADDRESS, NOW, make_refund, usd, xmr
from tests.payout.test_intake import intake

TIERS = (Tier(up_to=usd("25.00"), approvals=0), Tier(up_to=None, approvals=1))
TWO = {"ann": ["approver"], "bob": ["approver"]}
RULES = make_rules(TWO, tiers=TIERS, caps=Caps(automatic_day=usd("200.00")))


def taken(rules: Rules = RULES, store: MemoryStore | None = None, **facts: Any) -> tuple[MemoryStore, Refund]:
    """What intake put on record."""
    store = store or MemoryStore(HandClock())
    taker = intake(store, rules)
    request = Request(**{"external_id": "E-1", "usd": "25.00", "asset": "XMR", "destination": ADDRESS, **facts})
    refund, problems = taker.read(request, "api:shop")
    assert refund is not None, problems
    (found,) = taker.add([refund])
    assert found.refund == store.refund(found.refund.id)
    return store, found.refund


def checked(store: MemoryStore, refund: Refund, approver: Approver | None = None) -> Any:
    return (approver or make_approver(RULES)).check(refund, store.approvals([refund.id]), NOW)


def test_so_little_is_approved_at_once_in_the_commit_that_puts_it_on_record() -> None:
    store, refund = taken()

    assert (refund.status, refund.approved_until) == (RefundStatus.APPROVED, NOW + APPROVAL_LIFE)
    (approval,) = store.approvals([refund.id])
    assert (approval.kind, approval.signer) == (AUTOMATIC, POLICY)
    assert [(event.kind, event.who) for event in store.events()] == [
        ("refund.requested", "api:shop"),
        ("refund.approved", POLICY),
    ]
    assert checked(store, refund).automatic


def test_the_next_tier_takes_a_person() -> None:
    store, refund = taken(usd="25.01")

    assert refund.status is RefundStatus.REQUESTED
    assert store.approvals([refund.id]) == ()
    assert make_approver(RULES).needed(refund) == 1


def test_the_same_refund_handed_in_again_is_approved_no_second_time() -> None:
    store, first = taken()
    _, again = taken(store=store)

    assert again == first
    assert len(store.approvals([first.id])) == 1


SEALED: list[dict[str, Any]] = [
    {"destination": "mine"},
    {"owed": usd("24.00")},
    {"memo": "7"},
    {"amount_max": xmr("9")},
    {"payment_tx": "another"},
    {"paid": usd("900.00")},
    {"requested_by": "ann"},
    {"external_id": "E-2"},
    {"id": "rf_other"},
]


@pytest.mark.parametrize("edit", SEALED, ids=lambda edit: next(iter(edit)))
def test_whoever_edits_a_row_finds_nobody_to_approve_it(edit: dict[str, Any]) -> None:
    _, refund = taken(usd="25.01")
    edited = replace(refund, **edit)

    with pytest.raises(ForgedApproval, match="is not what was handed in"):
        make_approver(RULES).draft(edited, "ann", NOW)
    with pytest.raises(ForgedApproval, match="is not what was handed in"):
        make_approver(RULES).sign(edited, "ann", NOW)


@pytest.mark.parametrize("edit", SEALED, ids=lambda edit: next(iter(edit)))
def test_whoever_edits_a_row_has_no_automatic_approval(edit: dict[str, Any]) -> None:
    store, refund = taken()
    edited = replace(refund, **edit)
    moved = [replace(each, refund_id=edited.id) for each in store.approvals([refund.id])]

    with pytest.raises(ForgedApproval):
        make_approver(RULES).check(edited, moved, NOW)
    # The two seals are of two domains: one is never good as the other.
    (approval,) = moved
    swapped = replace(edited, seal=approval.signature)
    with pytest.raises(ForgedApproval):
        make_approver(RULES).check(swapped, [replace(approval, signature=edited.seal)], NOW)


def test_the_automatic_signature_alone_covers_what_the_seal_covers() -> None:
    """Were the row's own seal forged, the approval would still not fit."""
    store, refund = taken()
    (approval,) = store.approvals([refund.id])
    seal = IntakeSeal(b"i" * 32)
    for edit in SEALED[:-1]:
        edited = replace(refund, **edit)
        resealed = replace(edited, seal=seal.asked(edited, "test"))
        with pytest.raises(NotApproved):
            make_approver(RULES).check(resealed, [approval], NOW)


def test_an_automatic_approval_needs_intakes_own_key() -> None:
    _, refund = taken()
    planted = make_approver(RULES, intake=IntakeSeal(b"x" * 32)).automatic(refund, NOW)
    assert planted is not None

    with pytest.raises(ForgedApproval, match="intake never approved"):
        make_approver(RULES).check(refund, [planted], NOW)
    own = make_approver(RULES).automatic(refund, NOW)
    assert own is not None
    with pytest.raises(ForgedApproval, match="intake never approved"):
        make_approver(RULES).check(refund, [replace(own, signer="ann")], NOW)


def test_the_decision_is_taken_anew_by_the_rules_in_force() -> None:
    store, refund = taken()

    with pytest.raises(NotApproved, match="under other rules"):
        checked(store, refund, make_approver(make_rules(TWO)))
    # A rule that asks for a person and leaves the digest of the policy as it was does not pay it either.
    one, none = (make_rules(TWO, tiers=(Tier(up_to=None, approvals=n),)) for n in (1, 0))
    assert one.policy() == none.policy()
    store, refund = taken(none)
    assert checked(store, refund, make_approver(none)).automatic
    with pytest.raises(NotApproved, match="0 of 1 valid approvals"):
        checked(store, refund, make_approver(one))


def test_what_was_amended_always_takes_a_person() -> None:
    approver = make_approver(RULES)
    _, refund = taken()
    amended = approver.sealed(refund.amend("4elsewhere", None, by="ann", at=NOW))

    assert approver.needed(amended) == 1
    assert approver.automatic(amended, NOW) is None
    own = approver.automatic(refund, NOW)
    assert own is not None
    with pytest.raises(NotApproved):
        approver.check(amended, [replace(own, revision=2)], NOW)


def test_an_automatic_approval_runs_out_like_any_other() -> None:
    store, refund = taken()

    with pytest.raises(NotApproved, match="expired"):
        make_approver(RULES).check(refund, store.approvals([refund.id]), NOW + APPROVAL_LIFE + timedelta(seconds=1))


def test_a_persons_approval_counts_before_intakes() -> None:
    store, refund = taken()
    ann = make_approver(RULES).sign(refund, "ann", NOW)

    found = make_approver(RULES).check(refund, (*store.approvals([refund.id]), ann), NOW)

    assert (found.automatic, found.signers) == (False, ("ann",))


def test_without_a_seal_nothing_is_approved_and_an_edit_is_not_sealed_with_what_follows() -> None:
    approver = make_approver(RULES)
    bare = make_refund()

    with pytest.raises(ForgedApproval):
        approver.sign(bare, "ann", NOW)
    with pytest.raises(ForgedApproval):
        approver.sign(approver.resealed(bare, replace(bare, revision=2)), "ann", NOW)
    sound = approver.sealed(bare)
    assert approver.sign(approver.resealed(sound, replace(sound, revision=2)), "ann", NOW).revision == 2
