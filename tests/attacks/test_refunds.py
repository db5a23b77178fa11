"""Attacks on what a refund says: whom it pays, how much, by whose wish, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from payout.errors import ForgedApproval, NotApproved
from payout.intake import Request
from tests.approvers import approve_with
from tests.attacks.battle import HELD, INVALID, Attacks, Battle, Front
from tests.attacks.network import address_of
from tests.attacks.people import hand
from tests.attacks.siege import THIEF, Begun, Scene, Siege, paid

attacks = Attacks()


@pytest.fixture(scope="module")
def battle(ready: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Battle]:
    with ready.entered(tmp_path_factory.mktemp("refunds")) as siege:
        yield Battle(siege, attacks)


@attacks.foiled_with(INVALID)
def the_destination_of_an_approved_refund_is_edited(siege: Front) -> str:
    key = siege.approved()
    siege.set("refunds", key, destination=siege.thief)
    return key


@attacks.foiled_with(INVALID)
def the_amount_of_an_approved_refund_is_raised(siege: Front) -> str:
    key = siege.approved()
    siege.set("refunds", key, owed_cents=40_000)
    return key


@attacks.foiled_with(INVALID)
def the_memo_of_an_approved_refund_is_edited(siege: Front) -> str:
    key = siege.approved("", "40.00", "USDT")
    siege.set("refunds", key, memo="the thief's tag")
    return key


@attacks.foiled_with(INVALID)
def the_asset_of_an_approved_refund_is_edited(siege: Front) -> str:
    key = siege.approved("", "40.00", "USDT")
    siege.set("refunds", key, asset_code="XMR", asset_network="monero", asset_decimals=12, destination=siege.thief)
    return key


@attacks.foiled_with(INVALID)
def the_decimals_of_an_approved_refund_are_edited(siege: Front) -> str:
    key = siege.approved()
    siege.set("refunds", key, asset_decimals=14)
    return key


@attacks.foiled_with(INVALID)
def the_most_that_an_approved_refund_may_be_is_lifted(siege: Front) -> str:
    key = siege.approved(amount_max="0.10")
    siege.set("refunds", key, amount_max_units=None)
    return key


@attacks.foiled_with(INVALID)
def a_refund_is_edited_before_anybody_approves_it(siege: Front) -> str:
    key = siege.request()
    siege.set("refunds", key, destination=siege.thief)
    with pytest.raises(ForgedApproval):
        siege.approve(key)
    return key


@attacks.foiled_with(INVALID)
def the_name_of_who_requested_a_refund_is_edited_so_that_they_can_approve_it(siege: Front) -> str:
    key = siege.request(by="bob")
    with pytest.raises(NotApproved, match="requested"):
        siege.approve(key, "bob")
    siege.set("refunds", key, requested_by="panel")
    with pytest.raises(ForgedApproval):
        siege.approve(key, "bob")
    return key


@attacks.foiled_with(HELD)
def a_large_refund_is_made_to_look_small_while_one_person_approves_it(siege: Front) -> str:
    key = siege.request("", "150.00")
    siege.set("refunds", key, owed_cents=9000)
    with pytest.raises(ForgedApproval):
        siege.approve(key, "alice")
    siege.set("refunds", key, owed_cents=15_000, status="APPROVED", hold_reason=None)
    return key


@attacks.foiled_with(INVALID)
def a_large_refund_is_made_to_look_small_after_one_of_two_approved_it(siege: Front) -> str:
    key = siege.request("", "150.00")
    siege.approve(key, "alice")
    siege.set("refunds", key, owed_cents=9000, status="APPROVED")
    return key


def amended(siege: Front) -> str:
    """A refund that waits out its cooling-off, approved anew since its destination was changed."""
    key = siege.request("", "80.00")
    siege.house.desk.amend(key, siege.thief, None, "panel", "the thief wrote for the customer")
    approve_with(siege.house.desk, key, "alice", hand("alice"))
    return key


@attacks.foiled_with(INVALID)
def an_amended_refund_is_made_to_look_as_if_it_never_was(siege: Front) -> str:
    key = amended(siege)
    siege.set("refunds", key, amended_at=None)
    return key


@attacks.foiled_with(INVALID)
def the_day_of_an_amendment_is_edited_to_end_its_cooling_off(siege: Front) -> str:
    key = amended(siege)
    siege.set("refunds", key, amended_at="2026-01-01T00:00:00.000000+00:00")
    return key


@attacks.foiled_with(INVALID)
def the_name_of_who_amended_a_refund_is_edited_so_that_they_can_approve_it(siege: Front) -> str:
    key = siege.request("", "80.00")
    siege.house.desk.amend(key, siege.thief, None, "bob", "bob is the thief's friend")
    with pytest.raises(NotApproved, match="changed its destination"):
        approve_with(siege.house.desk, key, "bob", hand("bob"))
    siege.set("refunds", key, amended_by="panel")
    with pytest.raises(ForgedApproval):
        approve_with(siege.house.desk, key, "bob", hand("bob"))
    return key


@attacks.foiled_with(INVALID)
def the_destinations_of_two_approved_refunds_are_swapped(siege: Front) -> str:
    small, large = siege.approved("small", "30.00"), siege.approved("large", "90.00")
    one, other = siege.row("refunds", small), siege.row("refunds", large)
    siege.set("refunds", small, destination=other["destination"])
    siege.set("refunds", large, destination=one["destination"])
    return small


@attacks.foiled_with(INVALID)
def the_ids_of_two_approved_refunds_are_swapped(siege: Front) -> str:
    small, large = siege.approved("small", "30.00"), siege.approved("large", "90.00")
    for before, after in ((small, "x"), (large, small), ("x", large)):
        siege.set("refunds", before, id=after)
    return small


@attacks.foiled_with(INVALID)
def the_seal_of_one_refund_is_put_onto_another(siege: Front) -> str:
    good, bad = siege.request("good"), siege.request("bad")
    siege.set("refunds", bad, destination=siege.thief, seal=siege.row("refunds", good)["seal"])
    with pytest.raises(ForgedApproval):
        siege.approve(bad)
    return bad


@attacks.foiled_with(HELD)
def a_refund_is_set_to_approved_without_any_approval(siege: Front) -> str:
    key = siege.request()
    until = "2027-01-01T00:00:00.000000+00:00"
    siege.set("refunds", key, status="APPROVED", approved_at=until, approved_until=until)
    return key


@attacks.foiled_with(HELD)
def a_held_refund_is_released_by_hand(siege: Front) -> str:
    key = siege.approved()
    siege.house.desk.hold(key, "alice", "the customer sounds odd")
    siege.withdraw()
    siege.tick("pay:hot")
    siege.set("refunds", key, status="APPROVED", hold_reason=None)
    return key


@attacks.foiled_with(HELD)
def a_rejected_refund_is_set_back_to_approved(siege: Front) -> str:
    key = siege.approved()
    siege.house.desk.reject(key, "alice", "it was a mistake")
    siege.withdraw()
    siege.tick("pay:hot")
    siege.set("refunds", key, status="APPROVED")
    return key


@attacks.foiled_with(HELD)
def a_canceled_refund_is_set_back_to_approved(siege: Front) -> str:
    key = siege.approved()
    siege.house.desk.cancel(key, "panel", "it was a mistake")
    siege.withdraw()
    siege.tick("pay:hot")
    siege.set("refunds", key, status="APPROVED")
    return key


@attacks.foiled_with(HELD)
def an_amended_refund_is_set_back_to_the_revision_that_was_approved(siege: Front) -> str:
    """The first address was the thief's: people saw it, and amended the refund."""
    key = siege.approved(to=siege.thief)
    before = siege.row("refunds", key)
    siege.house.desk.amend(key, address_of(siege.name("elsewhere")), None, "panel", "that was the thief's")
    siege.withdraw()
    siege.tick("pay:hot")
    siege.set("refunds", key, **before)
    return key


@pytest.mark.parametrize("attack", attacks.all)
def test_a_row_of_refunds_is_edited_in_vain(battle: Battle, attack: str) -> None:
    battle.check(attack)


def test_an_approved_refund_is_copied_under_a_new_external_id_with_its_approvals(begun: Begun) -> None:
    siege, key = begun(paid)
    siege.insert(
        "refunds", siege.row("refunds", key), id="rf_copy", external_id="E-2", status="APPROVED", attempts=0, version=0
    )
    for approval in siege.rows("SELECT * FROM approvals WHERE refund_id = ?", key):
        siege.insert("approvals", approval, refund_id="rf_copy")
    siege.run()
    assert siege.paid() == ["E-1"]
    assert siege.status("rf_copy") == "HELD"
    assert INVALID in siege.alarms()


def test_the_digest_of_a_refunds_facts_is_edited(siege: Siege) -> None:
    """So that other facts under its external_id would pass for the same, and the merchant's own for others."""
    key = siege.approved("E-1")
    other = Request(external_id="E-1", usd="90.00", asset="XMR", destination=THIEF)
    asked, _ = siege.house.intake.read(other, "panel")
    assert asked is not None
    siege.set("refunds", key, facts=asked.facts)
    taken = siege.house.intake.add([asked])[0]
    assert (taken.new, taken.refund.destination) == (False, siege.judge.debts["E-1"].destination)
    siege.run()
    assert siege.paid() == []
    assert siege.status(key) == "HELD"
    assert "approval.invalid" in siege.alarms()


@pytest.mark.parametrize("table", ["refunds", "approvals"])
def test_approvals_that_ran_out_are_made_to_last_longer(siege: Siege, table: str) -> None:
    key = siege.approved("E-1")
    siege.network.clock.pass_by(timedelta(days=8))
    siege.withdraw("E-1")
    later = "2027-01-01T00:00:00.000000+00:00"
    siege.set("refunds", key, approved_until=later)
    if table == "approvals":
        siege.sql("UPDATE approvals SET expires_at = ?", later)
    siege.run()
    assert siege.paid() == []
    assert siege.status(key) == "HELD"
    assert HELD in siege.alarms()


def test_a_held_refund_is_released_with_a_planted_word_of_release(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.house.desk.hold(key, "alice", "the customer sounds odd")
    siege.withdraw("E-1")
    siege.run(1)
    last = siege.rows("SELECT * FROM events WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1")[0]
    planted = {"kind": "refund.released", "words": "released by alice: APPROVED", "who": "alice", "refund_id": key}
    siege.insert("events", last, number=last["number"] + 1, mac="0" * 64, **planted)
    siege.sql("UPDATE audit_head SET number = ?, mac = ?", last["number"] + 1, "0" * 64)
    siege.set("refunds", key, status="APPROVED", hold_reason=None)
    siege.run()
    assert siege.paid() == []
    assert siege.status(key) == "HELD"
    assert HELD in siege.alarms()
    assert not siege.verify().sound
