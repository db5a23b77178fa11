"""Approvals: any change of what was signed, by whoever can write rows, is caught by the signature."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payout.approval import APPROVAL_LIFE, Approver
from payout.asset import Asset
from payout.errors import NotApproved
from tests.factories import NOW, make_refund, usd, xmr

ANN_AND_BOB = {"ann": frozenset({"approver"}), "bob": frozenset({"approver", "requester"})}


def approver(**changes: Any) -> Approver:
    return Approver(**{"instance": "test", "key": b"k" * 32, **changes})


def test_an_approval_of_the_row_as_it_stands_counts() -> None:
    refund = make_refund()
    approval = approver().sign(refund, "ann", NOW)

    assert approver().check(refund, [approval], NOW) == approval


@pytest.mark.parametrize(
    "changes",
    [
        {"destination": "mine"},
        {"memo": "7"},
        {"owed": usd("25.01")},
        {"asset": Asset(code="XMR", network="stagenet", decimals=12)},
        {"amount_max": xmr("1")},
        {"requested_by": "ann"},
        {"external_id": "E-2"},
        {"revision": 2},
        {"id": "rf_other"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whoever_edits_the_row_has_no_approval(changes: dict[str, Any]) -> None:
    refund = make_refund()
    approval = approver().sign(refund, "ann", NOW)
    edited = replace(refund, **changes)
    moved = replace(approval, refund_id=edited.id, revision=edited.revision)

    with pytest.raises(NotApproved, match="0 of 1 valid approvals"):
        approver().check(edited, [approval], NOW)
    with pytest.raises(NotApproved, match="does not match the refund as it stands"):
        approver().check(edited, [moved], NOW)


@pytest.mark.parametrize(
    "changes",
    [{"signer": "bob"}, {"expires_at": NOW + 2 * APPROVAL_LIFE}, {"signature": "0" * 64}, {"kind": "none"}],
    ids=lambda changes: next(iter(changes)),
)
def test_whoever_edits_the_approval_has_none(changes: dict[str, Any]) -> None:
    refund = make_refund()
    forged = replace(approver().sign(refund, "ann", NOW), **changes)

    with pytest.raises(NotApproved):
        approver().check(refund, [forged], NOW)


@pytest.mark.parametrize("changes", [{"key": b"x" * 32}, {"instance": "other"}, {"policy": "other"}])
def test_another_key_instance_or_policy_does_not_count(changes: dict[str, Any]) -> None:
    refund = make_refund()
    approval = approver(**changes).sign(refund, "ann", NOW)

    with pytest.raises(NotApproved):
        approver().check(refund, [approval], NOW)


def test_an_approval_runs_out() -> None:
    refund = make_refund()
    approval = approver().sign(refund, "ann", NOW)

    approver().check(refund, [approval], NOW + APPROVAL_LIFE - timedelta(seconds=1))
    with pytest.raises(NotApproved, match="expired"):
        approver().check(refund, [approval], NOW + APPROVAL_LIFE)


def test_one_person_counts_once_towards_the_quorum() -> None:
    two = approver(people=ANN_AND_BOB, quorum=2)
    refund = make_refund()
    ann = two.sign(refund, "ann", NOW)
    again = two.sign(refund, "ann", NOW + timedelta(hours=1))
    bob = two.sign(refund, "bob", NOW)

    with pytest.raises(NotApproved, match="1 of 2"):
        two.check(refund, [ann, again], NOW)
    assert two.check(refund, [ann, bob], NOW) in (ann, bob)


def test_where_two_people_are_configured_the_requester_cannot_approve() -> None:
    refund = make_refund(requested_by="bob")

    with pytest.raises(NotApproved, match="another person must approve it"):
        approver(people=ANN_AND_BOB).sign(refund, "bob", NOW)
    # Signed before the people file named two: it does not count either.
    early = approver().sign(refund, "bob", NOW)
    with pytest.raises(NotApproved, match="another person must approve it"):
        approver(people=ANN_AND_BOB).check(refund, [early], NOW)


def test_only_those_with_the_role_may_approve() -> None:
    with pytest.raises(NotApproved, match="no role approver"):
        approver(people=ANN_AND_BOB).sign(make_refund(), "eve", NOW)


def test_the_key_never_shows_itself() -> None:
    assert "kkkk" not in repr(approver())
