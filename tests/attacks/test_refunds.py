"""Attacks on what a refund says: whom it pays, how much, by whose wish, and how far it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payout.errors import ForgedApproval, NotApproved
from tests.attacks.people import hand
from tests.attacks.siege import THIEF, Siege


def foiled(siege: Siege, key: str, alarm: str = "approval.invalid") -> None:
    """Nothing left, it is HELD, and people were told."""
    siege.run()
    assert siege.paid() == []
    assert siege.status(key) == "HELD"
    assert alarm in siege.alarms()


def test_the_destination_of_an_approved_refund_is_edited(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.set("refunds", key, destination=THIEF)
    foiled(siege, key)


def test_the_amount_of_an_approved_refund_is_raised(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.set("refunds", key, owed_cents=40_000)
    foiled(siege, key)


def test_the_memo_of_an_approved_refund_is_edited(siege: Siege) -> None:
    key = siege.approved("E-1", asset="USDT")
    siege.set("refunds", key, memo="the thief's tag")
    foiled(siege, key)


def test_the_asset_of_an_approved_refund_is_edited(siege: Siege) -> None:
    key = siege.approved("E-1", asset="USDT")
    siege.set("refunds", key, asset_code="XMR", asset_network="monero", asset_decimals=12, destination=THIEF)
    foiled(siege, key)


def test_the_decimals_of_an_approved_refund_are_edited(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.set("refunds", key, asset_decimals=14)
    foiled(siege, key)


def test_the_most_that_an_approved_refund_may_be_is_lifted(siege: Siege) -> None:
    key = siege.approved("E-1", amount_max="0.10")
    siege.set("refunds", key, amount_max_units=None)
    foiled(siege, key)


def test_a_refund_is_edited_before_anybody_approves_it(siege: Siege) -> None:
    key = siege.request("E-1")
    siege.set("refunds", key, destination=THIEF)
    with pytest.raises(ForgedApproval):
        siege.approve(key)
    foiled(siege, key)


def test_whoever_requested_a_refund_is_edited_so_that_they_can_approve_it(siege: Siege) -> None:
    key = siege.request("E-1", by="bob")
    with pytest.raises(NotApproved, match="requested"):
        siege.approve(key, "bob")
    siege.set("refunds", key, requested_by="panel")
    with pytest.raises(ForgedApproval):
        siege.approve(key, "bob")
    foiled(siege, key)


def test_a_large_refund_is_made_to_look_small_while_one_person_approves_it(siege: Siege) -> None:
    key = siege.request("E-1", "150.00")
    siege.set("refunds", key, owed_cents=9000)
    with pytest.raises(ForgedApproval):
        siege.approve(key, "alice")
    siege.set("refunds", key, owed_cents=15_000, status="APPROVED", hold_reason=None)
    foiled(siege, key, "refund.held")


def test_a_large_refund_is_made_to_look_small_after_one_of_two_approved_it(siege: Siege) -> None:
    key = siege.request("E-1", "150.00")
    siege.approve(key, "alice")
    siege.set("refunds", key, owed_cents=9000, status="APPROVED")
    foiled(siege, key)


def test_an_amended_refund_is_made_to_look_as_if_it_never_was(siege: Siege) -> None:
    key = siege.request("E-1", "80.00")
    siege.house.desk.amend(key, THIEF, None, "panel", "the thief wrote for the customer")
    siege.house.desk.approve(key, "alice", signer=hand("alice"))
    siege.set("refunds", key, amended_at=None)
    foiled(siege, key)


def test_the_day_of_an_amendment_is_edited_to_end_its_cooling_off(siege: Siege) -> None:
    key = siege.request("E-1", "80.00")
    siege.house.desk.amend(key, THIEF, None, "panel", "the thief wrote for the customer")
    siege.house.desk.approve(key, "alice", signer=hand("alice"))
    siege.set("refunds", key, amended_at="2026-01-01T00:00:00.000000+00:00")
    foiled(siege, key)


def test_the_destinations_of_two_approved_refunds_are_swapped(siege: Siege) -> None:
    small, large = siege.approved("E-1", "30.00"), siege.approved("E-2", "90.00")
    one, other = siege.row("refunds", small), siege.row("refunds", large)
    siege.set("refunds", small, destination=other["destination"])
    siege.set("refunds", large, destination=one["destination"])
    foiled(siege, small)


def test_the_ids_of_two_approved_refunds_are_swapped(siege: Siege) -> None:
    small, large = siege.approved("E-1", "30.00"), siege.approved("E-2", "90.00")
    for before, after in ((small, "x"), (large, small), ("x", large)):
        siege.set("refunds", before, id=after)
    foiled(siege, small)


def test_an_approved_refund_is_copied_under_a_new_external_id_with_its_approvals(siege: Siege) -> None:
    key = siege.paid_once("E-1")
    siege.insert(
        "refunds", siege.row("refunds", key), id="rf_copy", external_id="E-2", status="APPROVED", attempts=0, version=0
    )
    for approval in siege.rows("SELECT * FROM approvals WHERE refund_id = ?", key):
        siege.insert("approvals", approval, refund_id="rf_copy")
    siege.run()
    assert siege.paid() == ["E-1"]
    assert siege.status("rf_copy") == "HELD"
    assert "approval.invalid" in siege.alarms()


def test_the_seal_of_one_refund_is_put_onto_another(siege: Siege) -> None:
    good, bad = siege.approved("E-1"), siege.request("E-2")
    siege.set("refunds", bad, destination=THIEF, seal=siege.row("refunds", good)["seal"])
    with pytest.raises(ForgedApproval):
        siege.approve(bad)
    siege.run()
    assert siege.paid() == ["E-1"]
    assert "approval.invalid" in siege.alarms()


def test_the_facts_of_a_refund_are_edited(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.set("refunds", key, facts="0" * 64)
    foiled(siege, key)


def test_a_refund_is_set_to_approved_without_any_approval(siege: Siege) -> None:
    key = siege.request("E-1")
    until = "2027-01-01T00:00:00.000000+00:00"
    siege.set("refunds", key, status="APPROVED", approved_at=until, approved_until=until)
    foiled(siege, key, "refund.held")


def test_approvals_that_ran_out_are_made_to_last_longer(siege: Siege) -> None:
    siege.house.desk.pause("all", "carol", "a week of holidays")
    key = siege.approved("E-1")
    siege.network.clock.pass_by(timedelta(days=8))
    siege.withdraw("E-1")
    siege.house.desk.resume("all", "carol")
    later = "2027-01-01T00:00:00.000000+00:00"
    siege.set("refunds", key, approved_until=later, status="APPROVED")
    siege.sql("UPDATE approvals SET expires_at = ?", later)
    foiled(siege, key)


def test_only_the_row_is_made_to_last_longer_than_its_approvals(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.set("refunds", key, approved_until="2027-01-01T00:00:00.000000+00:00")
    siege.network.clock.pass_by(timedelta(days=8))
    siege.withdraw("E-1")
    foiled(siege, key, "refund.held")


def test_a_held_refund_is_released_by_hand_in_the_database(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.house.desk.hold(key, "alice", "the customer sounds odd")
    siege.withdraw("E-1")
    siege.run(1)
    siege.set("refunds", key, status="APPROVED", hold_reason=None)
    foiled(siege, key, "refund.held")


@pytest.mark.parametrize("end", ["reject", "cancel"])
def test_a_refund_that_people_ended_is_set_back_to_approved(siege: Siege, end: str) -> None:
    key = siege.approved("E-1")
    who = {"reject": "alice", "cancel": "panel"}[end]
    getattr(siege.house.desk, end)(key, who, "it was a mistake")
    siege.withdraw("E-1")
    siege.run(1)
    siege.set("refunds", key, status="APPROVED")
    foiled(siege, key, "refund.held")


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
    foiled(siege, key, "refund.held")
