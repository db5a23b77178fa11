"""Attacks on approvals: rows of signatures that are guessed, copied, replayed, or made by a stranger's key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from payout.approval import message
from payout.approval.manifest import fingerprint
from payout.errors import Overtaken
from tests.approvers import approve_with
from tests.attacks.battle import HELD, INVALID, Attacks, Battle, Front
from tests.attacks.network import address_of
from tests.attacks.people import hand
from tests.attacks.siege import THIEF, Scene, Siege

LATER = "2026-11-28T12:00:00.000000+00:00"
KEY_BYTES = 32

attacks = Attacks()


def planted(siege: Front, key: str, pattern: dict[str, Any], **changes: object) -> str:
    """A row of approvals for this refund, like that one; the refund becomes APPROVED."""
    siege.insert("approvals", {**pattern, "refund_id": key, **changes})
    siege.set("refunds", key, status="APPROVED", approved_at=LATER, approved_until=LATER)
    return key


def given(siege: Front, key: str) -> dict[str, Any]:
    """The first approval of a refund."""
    found: list[dict[str, Any]] = siege.rows("SELECT * FROM approvals WHERE refund_id = ? ORDER BY seq", key)
    return found[0]


def pattern(siege: Front) -> dict[str, Any]:
    """An approval by alice of another refund, which is not paid."""
    key = siege.approved("pattern", "35.00")
    siege.set("refunds", key, status="REQUESTED")
    return given(siege, key)


def unsigned(siege: Front, key: str) -> tuple[dict[str, Any], bytes]:
    """What anybody can compute: an approval of the row as it stands, and the message to sign."""
    approver = replace(siege.house.approver, intake=None)
    draft, text = approver.draft(siege.house.desk.find(key), "alice", siege.network.clock.now())
    expires_at = draft.expires_at.isoformat(timespec="microseconds")
    return {**pattern(siege), "digest": draft.digest, "policy": draft.policy, "expires_at": expires_at}, text


@attacks.foiled_with(INVALID)
def an_approval_by_the_instance_key_is_guessed(siege: Front) -> str:
    key = siege.request()
    row, text = unsigned(siege, key)
    return planted(siege, key, row, kind="hmac", signature=hmac.new(b"0" * KEY_BYTES, text, hashlib.sha256).hexdigest())


@attacks.foiled_with(INVALID)
def an_approval_is_signed_by_a_strangers_key_under_an_approvers_name(siege: Front) -> str:
    key = siege.request()
    row, text = unsigned(siege, key)
    return planted(siege, key, row, signature=hand("the intruder").sign(text))


@attacks.foiled_with(HELD)
def an_approval_is_signed_by_a_stranger_under_their_own_name(siege: Front) -> str:
    key = siege.request()
    row, _ = unsigned(siege, key)
    text = message(row["digest"], "mallory")
    return planted(siege, key, row, signer="mallory", signature=hand("mallory").sign(text))


@attacks.foiled_with(INVALID)
def an_approver_enters_his_own_approval_under_another_name_too(siege: Front) -> str:
    """An insider: bob has his own key, and the database."""
    key = siege.request("", "150.00")
    siege.approve(key, "bob")
    return planted(siege, key, given(siege, key), signer="alice")


@attacks.foiled_with(INVALID)
def an_approver_signs_under_another_name_with_his_own_key(siege: Front) -> str:
    key = siege.request(by="bob")
    row, text = unsigned(siege, key)
    return planted(siege, key, row, signature=hand("bob").sign(text))


@attacks.foiled_with(HELD)
def whoever_requested_a_refund_enters_his_own_good_approval(siege: Front) -> str:
    """Past the desk, which would have refused him."""
    key = siege.request(by="bob")
    row, _ = unsigned(siege, key)
    return planted(siege, key, row, signer="bob", signature=hand("bob").sign(message(row["digest"], "bob")))


@attacks.foiled_with(INVALID)
def an_approval_is_copied_from_another_refund(siege: Front) -> str:
    return planted(siege, siege.request(), pattern(siege))


@attacks.foiled_with(INVALID)
def an_approval_of_an_earlier_revision_is_given_the_number_of_the_later(siege: Front) -> str:
    key = siege.approved()
    siege.house.desk.amend(key, siege.thief, None, "panel", "the thief wrote for the customer")
    siege.withdraw()
    return planted(siege, key, given(siege, key), revision=2)


@attacks.foiled_with(INVALID)
def an_approval_of_the_older_manifest_is_replayed(siege: Front) -> str:
    """Before this version a signature was over another text; one that was kept from then proves nothing now."""
    key = siege.request()
    row, _ = unsigned(siege, key)
    old = b"payout approval v1\n" + f"{row['digest']}\nalice".encode()
    return planted(siege, key, row, signature=hand("alice").sign(old))


@attacks.foiled_with(INVALID)
def an_approval_for_another_instance_is_replayed(siege: Front) -> str:
    """The same people run a second installation, in which the same refund was approved."""
    key = siege.request()
    other = replace(siege.house.approver, instance="the other shop", intake=None)
    draft, text = other.draft(siege.house.desk.find(key), "alice", siege.network.clock.now())
    return planted(
        siege, key, pattern(siege), signature=hand("alice").sign(text), digest=draft.digest, policy=draft.policy,
        expires_at=draft.expires_at.isoformat(timespec="microseconds"),
    )  # fmt: skip


@attacks.foiled_with(HELD)
def one_approval_is_entered_twice_where_two_people_are_needed(siege: Front) -> str:
    key = siege.request("", "150.00")
    siege.approve(key, "alice")
    return planted(siege, key, given(siege, key))


@attacks.foiled_with(INVALID)
def an_automatic_approval_is_planted_without_a_seal(siege: Front) -> str:
    key = siege.request()
    row, _ = unsigned(siege, key)
    return planted(siege, key, row, kind="automatic", signer="policy", signature="")


@attacks.foiled_with(INVALID)
def an_automatic_approval_is_planted_with_the_seal_of_another(siege: Front) -> str:
    small, key = siege.request("small", "5.00"), siege.request("large")
    siege.set("refunds", small, status="REQUESTED")
    return planted(siege, key, given(siege, small))


@attacks.foiled_with(INVALID)
def an_automatic_refund_is_raised_within_its_tier(siege: Front) -> str:
    key = siege.request("", "5.00")
    siege.withdraw()
    siege.set("refunds", key, owed_cents=2400)
    return key


@attacks.foiled_with(HELD)
def an_automatic_approval_is_made_to_count_for_a_persons(siege: Front) -> str:
    """The row of a small refund's approval is entered under a name, so that it escapes the cap of the automatic."""
    key = siege.request("", "5.00")
    siege.withdraw()
    siege.sql("UPDATE approvals SET kind = 'ed25519', signer = 'alice' WHERE refund_id = ?", key)
    return key


@attacks.foiled_with(INVALID)
def a_refund_of_the_intruders_is_planted_with_a_copied_seal_and_approval(siege: Front) -> str:
    small, key = siege.request("small", "5.00"), f"rf_{hashlib.sha256(siege.name().encode()).hexdigest()[:20]}"
    siege.set("refunds", small, status="REQUESTED")
    siege.insert("refunds", siege.row("refunds", small), id=key, external_id=siege.name(), destination=siege.thief)
    return planted(siege, key, given(siege, small))


@attacks.foiled_with(INVALID)
def the_rules_under_which_an_approval_was_given_are_edited(siege: Front) -> str:
    key = siege.approved()
    siege.withdraw()
    siege.sql("UPDATE approvals SET policy = 'limits' WHERE refund_id = ?", key)
    return key


@attacks.foiled_with(INVALID)
def the_digest_of_an_approval_is_edited_to_fit_an_edited_refund(siege: Front) -> str:
    key = siege.approved()
    siege.set("refunds", key, destination=siege.thief)
    row, _ = unsigned(siege, key)
    siege.sql("UPDATE approvals SET digest = ? WHERE refund_id = ?", row["digest"], key)
    return key


@attacks.foiled_with(HELD)
def all_approvals_of_an_approved_refund_are_deleted(siege: Front) -> str:
    key = siege.approved()
    siege.withdraw()
    siege.sql("DELETE FROM approvals WHERE refund_id = ?", key)
    return key


@pytest.fixture(scope="module")
def battle(ready: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Battle]:
    with ready.entered(tmp_path_factory.mktemp("approvals")) as siege:
        yield Battle(siege, attacks)


@pytest.mark.parametrize("attack", attacks.all)
def test_an_approval_is_forged_in_vain(battle: Battle, attack: str) -> None:
    battle.check(attack)


def test_what_people_did_approve_is_paid(siege: Siege) -> None:
    """The same people, keys and rules: an attack that fails here fails for a reason."""
    siege.approved("one", "40.00")
    siege.approved("two", "150.00")
    siege.request("automatic", "20.00")
    siege.approved("swapped", "40.00", "USDT")
    key = siege.request("amended", "50.00")
    siege.house.desk.amend(key, address_of("elsewhere"), None, "panel", "he moved")
    siege.judge.debts["amended"].destination = address_of("elsewhere")
    siege.approve(key)
    siege.run()
    assert siege.paid() == ["amended", "automatic", "one", "swapped", "two"]
    assert siege.alarms() == {}


def test_a_refund_becomes_another_of_the_same_revision_between_the_look_and_the_signature(siege: Siege) -> None:
    """Both are genuine: the stolen API key amended it twice, and the database was rolled back in between."""
    key, desk = siege.request("E-1", "50.00"), siege.house.desk
    first = siege.row("refunds", key)
    desk.amend(key, THIEF, None, "api:panel", "he moved")
    stolen = siege.row("refunds", key)
    siege.sql("DELETE FROM revisions")
    siege.set("refunds", key, **first)
    desk.amend(key, first["destination"], None, "api:panel", "a slip")
    seen = fingerprint(desk.find(key), siege.house.settings.instance.id)
    siege.set("refunds", key, **stolen)
    with pytest.raises(Overtaken, match="not what you saw"):
        approve_with(desk, key, "alice", hand("alice"), revision=2, seen=seen)
    siege.run()
    assert siege.paid() == []
