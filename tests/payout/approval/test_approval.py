"""Approvals: any change of what was signed, by whoever can write rows, is caught by the signature."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.signatures import MemorySigner
from payout.approval import APPROVAL_LIFE, AUTOMATIC, POLICY, Approval, Approver, Caps, KeyKind, Rules
from payout.asset import Asset
from payout.errors import ForgedApproval, NotAllowed, NotApproved
from tests.approvers import make_approver, make_rules
from tests.factories import NOW, make_refund, usd, xmr

TWO = {"ann": ["approver"], "bob": ["approver", "requester"]}
KEYS = {"ann": "ann's key", "bob": "bob's key"}
KEYED = make_rules(TWO, keys=KEYS)


def approver(rules: Rules | None = None, **changes: Any) -> Approver:
    """One whose rows need no seal: these tests are of signatures alone."""
    return make_approver(rules, **{"intake": None, **changes})


def signed(who: str, refund: Any, *, by: Approver | None = None, key: str | None = None) -> Approval:
    """With a key of their own."""
    draft, message = (by or approver(KEYED)).draft(refund, who, NOW)
    return replace(draft, signature=MemorySigner(key or KEYS[who]).sign(message))


def test_an_approval_of_the_row_as_it_stands_counts() -> None:
    refund = make_refund()
    approval = approver().sign(refund, "ann", NOW)

    found = approver().check(refund, [approval], NOW)

    assert (found.signers, found.until, found.automatic, found.forged) == (("ann",), NOW + APPROVAL_LIFE, False, ())


EDITS: list[dict[str, Any]] = [
    {"destination": "mine"},
    {"memo": "7"},
    {"owed": usd("25.01")},
    {"asset": Asset(code="XMR", network="stagenet", decimals=12)},
    {"amount_max": xmr("1")},
    {"requested_by": "ann"},
    {"amended_by": "ann"},
    {"amended_at": NOW},
    {"external_id": "E-2"},
    {"revision": 2},
    {"id": "rf_other"},
]


@pytest.mark.parametrize("changes", EDITS, ids=lambda changes: next(iter(changes)))
def test_whoever_edits_the_row_has_no_approval(changes: dict[str, Any]) -> None:
    refund = make_refund()
    approval = approver().sign(refund, "ann", NOW)
    edited = replace(refund, **changes)
    moved = replace(approval, refund_id=edited.id, revision=edited.revision)

    with pytest.raises(NotApproved, match="0 of 1 valid approvals"):
        approver().check(edited, [approval], NOW)
    with pytest.raises(ForgedApproval, match="does not match the refund as it stands"):
        approver().check(edited, [moved], NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"signer": "bob"},
        {"expires_at": NOW + 2 * APPROVAL_LIFE},
        {"signature": "0" * 64},
        {"signature": "\u2713"},
        {"signature": "\ud800"},
        {"kind": "none"},
        {"kind": AUTOMATIC, "signer": POLICY},
        {"kind": "ed25519"},
        {"digest": "0" * 64},
        {"policy": "other"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_whoever_edits_the_approval_has_none(changes: dict[str, Any]) -> None:
    refund = make_refund()
    forged = replace(approver().sign(refund, "ann", NOW), **changes)

    with pytest.raises(NotApproved):
        approver().check(refund, [forged], NOW)


@pytest.mark.parametrize(
    "other",
    [approver(key=b"x" * 32), approver(instance="other")],
    ids=["key", "instance"],
)
def test_another_key_or_instance_is_a_forgery(other: Approver) -> None:
    refund = make_refund()

    with pytest.raises(ForgedApproval):
        approver().check(refund, [other.sign(refund, "ann", NOW)], NOW)


def test_a_change_of_tiers_or_caps_voids_approvals_and_is_no_forgery() -> None:
    refund = make_refund()
    before = approver(make_rules(TWO, caps=Caps(day=usd("900.00"))))
    approval = before.sign(refund, "ann", NOW)

    before.check(refund, [approval], NOW)
    with pytest.raises(NotApproved, match="under other rules") as caught:
        approver(make_rules(TWO)).check(refund, [approval], NOW)
    assert not isinstance(caught.value, ForgedApproval)


def test_an_approval_runs_out() -> None:
    refund = make_refund()
    approval = approver().sign(refund, "ann", NOW)

    approver().check(refund, [approval], NOW + APPROVAL_LIFE - timedelta(seconds=1))
    with pytest.raises(NotApproved, match="expired") as caught:
        approver().check(refund, [approval], NOW + APPROVAL_LIFE)
    assert not isinstance(caught.value, ForgedApproval)


def test_nobody_signs_for_longer_than_an_approval_lasts_whatever_the_clock_of_his_machine_said() -> None:
    refund = make_refund()
    early = approver().sign(refund, "ann", NOW + timedelta(minutes=59))
    years = approver().sign(refund, "ann", NOW + timedelta(days=900))

    approver().check(refund, [early], NOW)
    with pytest.raises(NotApproved, match="beyond 7 days"):
        approver().check(refund, [years], NOW)


def test_one_person_counts_once_towards_the_quorum() -> None:
    two = approver(make_rules(TWO, quorum=2))
    refund = make_refund()
    ann = two.sign(refund, "ann", NOW)
    again = two.sign(refund, "ann", NOW + timedelta(hours=1))
    bob = two.sign(refund, "bob", NOW + timedelta(hours=2))

    with pytest.raises(NotApproved, match="1 of 2"):
        two.check(refund, [ann, again], NOW + timedelta(hours=2))
    found = two.check(refund, [again, bob], NOW + timedelta(hours=2))
    assert (found.signers, found.until) == (("ann", "bob"), again.expires_at)


def test_where_two_people_are_named_the_requester_cannot_approve() -> None:
    refund = make_refund(requested_by="bob")

    with pytest.raises(NotApproved, match="another person must approve it"):
        approver(make_rules(TWO)).sign(refund, "bob", NOW)
    # Signed before the people file named two: it does not count either.
    early = approver().sign(refund, "bob", NOW)
    with pytest.raises(NotApproved, match="another person must approve it"):
        approver(make_rules(TWO)).check(refund, [early], NOW)
    assert approver(make_rules({"bob": ["approver"]})).check(refund, [early], NOW).signers == ("bob",)


def test_where_two_people_are_named_whoever_changed_the_destination_cannot_approve_it() -> None:
    refund = make_refund(requested_by="api:shop").amend("mine", None, by="bob", at=NOW)

    with pytest.raises(NotApproved, match="bob changed its destination: another person"):
        approver(make_rules(TWO)).sign(refund, "bob", NOW)
    assert approver(make_rules(TWO)).sign(refund, "ann", NOW).signer == "ann"


def test_only_those_with_the_role_may_approve_and_whoever_is_taken_off_counts_no_more() -> None:
    rules = [make_rules(TWO)]
    living = Approver(instance="test", rules=lambda: rules[-1], signatures=approver().signatures, key=approver().key)
    refund = make_refund()
    with pytest.raises(NotAllowed, match="eve is not in the people file"):
        living.sign(refund, "eve", NOW)
    ann = living.sign(refund, "ann", NOW)
    living.check(refund, [ann], NOW)

    rules.append(make_rules({"bob": ["approver"], "ann": ["finance"]}))

    with pytest.raises(NotApproved, match="ann has not the role approver") as caught:
        living.check(refund, [ann], NOW)
    assert not isinstance(caught.value, ForgedApproval)


def test_an_api_key_can_never_approve() -> None:
    with pytest.raises(NotAllowed, match="an API key cannot approve"):
        approver().sign(make_refund(), "api:shop", NOW)


# ---------------------------------------------------------------- keys of people's own


def test_a_signature_with_a_persons_own_key_counts() -> None:
    refund = make_refund()
    approval = signed("ann", refund)

    approver(KEYED).accept(refund, approval, NOW)

    assert approver(KEYED).check(refund, [approval], NOW).signers == ("ann",)


@pytest.mark.parametrize("changes", EDITS, ids=lambda changes: next(iter(changes)))
def test_whoever_edits_the_row_has_no_persons_signature_either(changes: dict[str, Any]) -> None:
    refund = make_refund()
    edited = replace(refund, **changes)
    moved = replace(signed("ann", refund), refund_id=edited.id, revision=edited.revision)

    with pytest.raises(ForgedApproval):
        approver(KEYED).check(edited, [moved], NOW)
    with pytest.raises(NotApproved, match="was not taken"):
        approver(KEYED).accept(edited, moved, NOW)


def test_a_signature_counts_for_nobody_but_its_maker() -> None:
    refund = make_refund()
    stolen = replace(signed("ann", refund), signer="bob")
    under_her_name = signed("ann", refund, key="mallory's key")

    for forged in (stolen, under_her_name):
        with pytest.raises(ForgedApproval):
            approver(KEYED).check(refund, [forged], NOW)


def test_a_key_of_one_kind_makes_no_signature_of_another() -> None:
    refund = make_refund()
    passkey = replace(signed("ann", refund), kind=str(KeyKind.WEBAUTHN))

    with pytest.raises(ForgedApproval, match="no key of ann"):
        approver(KEYED).check(refund, [passkey], NOW)


def test_a_key_that_is_not_in_the_people_file_signs_nothing() -> None:
    refund = make_refund()
    elsewhere = approver(make_rules({**TWO, "eve": ["approver"]}, keys={**KEYS, "eve": "eve's key"}))
    planted = signed("eve", refund, by=elsewhere, key="eve's key")

    with pytest.raises(NotApproved, match="eve is not in the people file"):
        approver(KEYED).check(refund, [planted], NOW)
    with pytest.raises(NotAllowed):
        approver(KEYED).draft(refund, "eve", NOW)
    with pytest.raises(NotApproved, match="ann has no webauthn key"):
        approver(KEYED).draft(refund, "ann", NOW, KeyKind.WEBAUTHN)


def test_once_somebody_has_a_key_the_instances_own_key_approves_nothing() -> None:
    refund = make_refund()
    before = approver(make_rules(TWO)).sign(refund, "ann", NOW)

    with pytest.raises(NotApproved, match="keys of their own"):
        approver(KEYED).sign(refund, "ann", NOW)
    with pytest.raises(NotApproved, match="before people had keys") as caught:
        approver(KEYED).check(refund, [before], NOW)
    assert not isinstance(caught.value, ForgedApproval)
    with pytest.raises(ForgedApproval):
        approver(KEYED).check(refund, [replace(before, signature="0" * 64)], NOW)


def test_a_process_without_the_approval_key_neither_makes_nor_believes_its_signatures() -> None:
    refund = make_refund()
    approval = approver().sign(refund, "ann", NOW)

    with pytest.raises(NotApproved, match="holds no approval key"):
        approver(key=None).sign(refund, "ann", NOW)
    with pytest.raises(NotApproved, match="cannot verify"):
        approver(key=None).check(refund, [approval], NOW)


def test_a_forgery_beside_enough_true_signatures_is_named() -> None:
    refund = make_refund()
    true = signed("ann", refund)
    forged = replace(true, signer="bob")

    assert approver(KEYED).check(refund, [forged, true], NOW).forged == (
        "no key of bob made the signature under their name",
    )


def test_no_key_ever_shows_itself() -> None:
    assert "kkkk" not in repr(approver())
    assert "iiii" not in repr(make_approver())
    assert "ann's signature" not in repr(replace(signed("ann", make_refund()), signature="ann's signature"))
