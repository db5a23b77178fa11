"""Attacks on approvals: rows of signatures that are guessed, copied, replayed, or made by a stranger's key."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from typing import Any

import pytest

from payout.approval import message
from tests.attacks.network import address_of
from tests.attacks.people import hand
from tests.attacks.siege import THIEF, Siege

LATER = "2026-11-28T12:00:00.000000+00:00"


def planted(siege: Siege, key: str, **changes: object) -> None:
    """A row of approvals for this refund, like one that people signed for another; the refund becomes APPROVED."""
    pattern = {} if "seq" in changes else _pattern(siege, key)
    siege.insert("approvals", {**pattern, "refund_id": key, **changes})
    siege.set("refunds", key, status="APPROVED", approved_at=LATER, approved_until=LATER)


def _pattern(siege: Siege, key: str) -> dict[str, Any]:
    """Any approval that is on record; of a refund of the intruder's own where there is none."""
    found = siege.rows("SELECT * FROM approvals WHERE refund_id != ? AND signer = 'alice'", key)
    if not found:
        siege.approved("pattern", "35.00")
        found = siege.rows("SELECT * FROM approvals WHERE signer = 'alice'")
    return found[0]


def digest_of(siege: Siege, key: str) -> dict[str, Any]:
    """What anybody can compute who knows the rules: the manifest's digest for an expiry of his choice."""
    approver = replace(siege.house.approver, intake=None)
    draft, text = approver.draft(siege.house.desk.find(key), "alice", siege.network.clock.now())
    return {
        "digest": draft.digest,
        "policy": draft.policy,
        "expires_at": draft.expires_at.isoformat(timespec="microseconds"),
        "text": text,
    }


def foiled(siege: Siege, key: str, *, paid: tuple[str, ...] = ("pattern",), alarm: str = "approval.invalid") -> None:
    siege.run()
    assert siege.paid() == list(paid)
    assert siege.status(key) == "HELD"
    assert alarm in siege.alarms()


def test_an_approval_by_the_instance_key_is_guessed(siege: Siege) -> None:
    key = siege.request("E-1")
    facts = digest_of(siege, key)
    signature = hmac.new(b"0" * 32, facts.pop("text"), hashlib.sha256).hexdigest()
    planted(siege, key, kind="hmac", signature=signature, **facts)
    foiled(siege, key)


def test_an_approval_is_signed_by_a_strangers_key_under_an_approvers_name(siege: Siege) -> None:
    key = siege.request("E-1")
    facts = digest_of(siege, key)
    planted(siege, key, kind="ed25519", signature=hand("the intruder").sign(facts.pop("text")), **facts)
    foiled(siege, key)


def test_an_approval_is_signed_by_a_stranger_under_their_own_name(siege: Siege) -> None:
    key = siege.request("E-1")
    facts = digest_of(siege, key)
    facts.pop("text")
    signature = hand("mallory").sign(message(facts["digest"], "mallory"))
    planted(siege, key, kind="ed25519", signer="mallory", signature=signature, **facts)
    foiled(siege, key, alarm="refund.held")


def test_an_approver_signs_for_another_approver_too(siege: Siege) -> None:
    """An insider: bob has his own key, and the database."""
    key = siege.request("E-1", "150.00")
    siege.approve(key, "bob")
    mine = siege.rows("SELECT * FROM approvals WHERE refund_id = ?", key)[0]
    planted(siege, key, **{**mine, "signer": "alice"})
    foiled(siege, key, paid=())


def test_an_approver_signs_under_another_approvers_name_with_his_own_key(siege: Siege) -> None:
    key = siege.request("E-1", by="bob")
    facts = digest_of(siege, key)
    planted(siege, key, kind="ed25519", signer="alice", signature=hand("bob").sign(facts.pop("text")), **facts)
    foiled(siege, key)


def test_an_approval_is_copied_from_another_refund(siege: Siege) -> None:
    key = siege.request("E-1")
    planted(siege, key)
    foiled(siege, key)


def test_an_approval_of_an_earlier_revision_is_given_the_later_ones_number(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.house.desk.amend(key, THIEF, None, "panel", "the thief wrote for the customer")
    siege.withdraw("E-1")
    mine = siege.rows("SELECT * FROM approvals WHERE refund_id = ?", key)[0]
    planted(siege, key, **{**mine, "revision": 2})
    foiled(siege, key, paid=())


def test_an_amended_refund_is_set_back_to_the_revision_that_was_approved(siege: Siege) -> None:
    """The customer's first address was the thief's: people saw it, and amended the refund."""
    key = siege.approved("E-1", to=THIEF)
    before = siege.row("refunds", key)
    siege.house.desk.amend(key, address_of("the customer"), None, "panel", "that was the thief's")
    siege.withdraw("E-1")
    siege.run(1)
    siege.set("refunds", key, **before)
    foiled(siege, key, paid=(), alarm="refund.held")


def test_an_approval_of_the_older_manifest_is_replayed(siege: Siege) -> None:
    """Before this version a signature was over another text; one that was kept from then proves nothing now."""
    key = siege.request("E-1")
    facts = digest_of(siege, key)
    facts.pop("text")
    old = b"payout approval v1\n" + f"{facts['digest']}\nalice".encode()
    planted(siege, key, kind="ed25519", signature=hand("alice").sign(old), **facts)
    foiled(siege, key)


def test_an_approval_for_another_instance_is_replayed(siege: Siege) -> None:
    """The same people run a second installation, in which the same refund was approved."""
    key = siege.request("E-1")
    other = replace(siege.house.approver, instance="the other shop", intake=None)
    draft, text = other.draft(siege.house.desk.find(key), "alice", siege.network.clock.now())
    planted(
        siege, key, kind="ed25519", signature=hand("alice").sign(text), digest=draft.digest, policy=draft.policy,
        expires_at=draft.expires_at.isoformat(timespec="microseconds"),
    )  # fmt: skip
    foiled(siege, key)


def test_one_approval_is_entered_twice_where_two_people_are_needed(siege: Siege) -> None:
    key = siege.request("E-1", "150.00")
    siege.approve(key, "alice")
    mine = siege.rows("SELECT * FROM approvals WHERE refund_id = ?", key)[0]
    planted(siege, key, **mine)
    foiled(siege, key, paid=(), alarm="refund.held")


def test_an_automatic_approval_is_planted_without_a_seal(siege: Siege) -> None:
    key = siege.request("E-1")
    facts = digest_of(siege, key)
    facts.pop("text")
    planted(siege, key, kind="automatic", signer="policy", signature="", **facts)
    foiled(siege, key)


def test_an_automatic_approval_is_planted_with_the_seal_of_another(siege: Siege) -> None:
    siege.request("small", "20.00")
    key = siege.request("E-1")
    genuine = siege.rows("SELECT * FROM approvals WHERE kind = 'automatic'")[0]
    planted(siege, key, **{**genuine, "refund_id": key})
    foiled(siege, key, paid=("small",))


def test_the_amount_of_an_automatic_refund_is_raised_within_its_tier(siege: Siege) -> None:
    key = siege.request("E-1", "10.00")
    siege.set("refunds", key, owed_cents=2400)
    siege.judge.debts["E-1"].agreed = False
    foiled(siege, key, paid=())


def test_a_refund_of_the_intruder_is_planted_with_everything_but_the_seals(siege: Siege) -> None:
    key = siege.request("small", "20.00")
    refund, approval = siege.row("refunds", key), siege.rows("SELECT * FROM approvals")[0]
    siege.insert("refunds", refund, id="rf_thief", external_id="thief", destination=THIEF)
    siege.insert("approvals", approval, refund_id="rf_thief")
    siege.run()
    assert siege.paid() == ["small"]
    assert siege.status("rf_thief") == "HELD"
    assert "approval.invalid" in siege.alarms()


@pytest.mark.parametrize("policy", ["limits", "0" * 64])
def test_the_rules_under_which_an_approval_was_given_are_edited(siege: Siege, policy: str) -> None:
    key = siege.approved("E-1")
    siege.sql("UPDATE approvals SET policy = ?", policy)
    siege.judge.debts["E-1"].agreed = False
    foiled(siege, key, paid=())


def test_the_digest_of_an_approval_is_edited_to_fit_the_edited_refund(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.set("refunds", key, destination=THIEF)
    facts = digest_of(siege, key)
    siege.sql("UPDATE approvals SET digest = ? WHERE refund_id = ?", facts["digest"], key)
    foiled(siege, key, paid=())


def test_all_approvals_of_an_approved_refund_are_deleted(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.sql("DELETE FROM approvals")
    siege.withdraw("E-1")
    foiled(siege, key, paid=(), alarm="refund.held")
