"""Attacks on how the worker hears that people took something back: the chain is its only source, and lies in reach."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from payout.event import said
from tests.attacks.network import PROCESSOR
from tests.attacks.siege import Siege

MAC = "0" * 64
LATE = "9999-12-31T00:00:00.000000+00:00"
EARLY = "2001-01-01T00:00:00.000000+00:00"
LONG = timedelta(minutes=1)


def plant(siege: Siege, number: int, **columns: Any) -> None:
    """A row of the history that no program wrote."""
    last = siege.rows("SELECT * FROM events WHERE number IS NOT NULL ORDER BY number DESC LIMIT 1")[0]
    siege.insert("events", last, **({"mac": MAC, "number": number, "refund_id": None} | columns))


def plant_next(siege: Siege, **columns: Any) -> None:
    """The same as the chain's new end."""
    number = siege.sql("SELECT number FROM audit_head")[0][0] + 1
    plant(siege, number, **columns)
    siege.sql("UPDATE audit_head SET number = ?, mac = ?", number, MAC)


def canceled(siege: Siege, key: str) -> None:
    siege.house.desk.cancel(key, "panel", "it was a mistake")
    siege.withdraw("E-1")


def set_back(siege: Siege, key: str) -> None:
    """The intruder gives it its old status again, and the daemon goes on."""
    siege.set("refunds", key, status="APPROVED", hold_reason=None)
    siege.run()
    assert siege.paid() == []
    assert siege.status(key) == "HELD"
    assert "refund.held" in siege.alarms()


def test_approvals_are_put_aside_while_the_daemon_reads_of_a_cancellation(siege: Siege) -> None:
    key = siege.approved("E-1")
    kept = siege.rows("SELECT * FROM approvals WHERE refund_id = ?", key)
    siege.sql("DELETE FROM approvals")
    canceled(siege, key)
    siege.run(1)
    for approval in kept:
        siege.insert("approvals", approval)
    set_back(siege, key)


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_link_with_a_number_far_beyond_the_end_is_planted_so_that_no_other_is_read(
    siege: Siege, *, is_restarted: bool
) -> None:
    key = siege.approved("E-1")
    other = siege.approved("E-2")
    siege.house.desk.pause("hot", "carol", "so that nothing is paid at once")
    plant(siege, 2**40, kind="refund.held", who="alice", words="held by alice", refund_id=other)
    siege.run(1)
    if is_restarted:
        siege.stop()
    canceled(siege, key)
    if is_restarted:
        siege.restart()
    siege.house.desk.hold(other, "alice", "second thoughts")
    siege.withdraw("E-2")
    siege.run(1)
    siege.house.desk.resume("hot", "carol")
    set_back(siege, key)


@pytest.mark.parametrize("at", ["end", "start"])
def test_the_end_of_the_chain_is_moved_to_and_fro_so_that_links_are_passed_over(siege: Siege, at: str) -> None:
    key = siege.approved("E-1")
    siege.house.desk.pause("hot", "carol", "so that nothing is paid at once")
    siege.run(1)
    number, mac = siege.sql("SELECT number, mac FROM audit_head")[0]
    siege.sql("UPDATE audit_head SET number = 4000")
    siege.house.desk.pause("all", "alice", "one more word that the journal keeps")
    siege.run(1)
    siege.sql("DELETE FROM events WHERE number >= 4000")
    siege.sql("DELETE FROM pauses")
    siege.sql("UPDATE audit_head SET number = ?, mac = ?", number, mac)
    canceled(siege, key)
    if at == "start":
        siege.restart()
    siege.run(1)
    siege.house.desk.resume("hot", "carol")
    siege.house.desk.resume("all", "carol")
    siege.run(1)
    siege.house.desk.resume("hot", "carol")
    set_back(siege, key)


def test_the_time_of_a_hold_is_moved_to_before_the_approvals(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.house.desk.hold(key, "alice", "the customer sounds odd")
    siege.withdraw("E-1")
    siege.sql("UPDATE events SET at = ? WHERE kind = 'refund.held'", EARLY)
    siege.run(1)
    set_back(siege, key)


def test_a_planted_hold_of_the_far_future_does_not_keep_a_refund_from_being_approved_anew(siege: Siege) -> None:
    key = siege.approved("E-1")
    plant_next(siege, kind="refund.held", who="alice", words="held by alice", refund_id=key, at=LATE)
    siege.run(1)
    assert siege.status(key) == "HELD"
    refund = siege.house.desk.find(key)
    siege.network.clock.pass_by(LONG)
    siege.house.desk.amend(key, refund.destination, None, "panel", "somebody edited the history")
    siege.house.desk.release(key, "alice")
    siege.network.clock.pass_by(LONG)
    siege.approve(key, "alice")
    siege.run()
    assert siege.paid() == ["E-1"]


def test_a_planted_pause_until_no_time_at_all_stops_the_wallet_only_until_a_person_resumes(siege: Siege) -> None:
    siege.approved("E-1")
    facts = said(scope="hot", until="2026-99-99T99:99:99+00:00")
    plant_next(siege, kind="wallet.paused", who="mallory", words="for ever", wallet="hot", facts=facts)
    siege.run(1)
    assert siege.paid() == []
    assert "wallet.paused" in siege.alarms()
    siege.house.desk.resume("hot", "carol")
    siege.run()
    assert siege.paid() == ["E-1"]


def test_a_flood_of_planted_holds_does_not_fill_the_journal(siege: Siege) -> None:
    key = siege.approved("E-1")
    for number in range(400):
        plant_next(siege, kind="refund.held", who="alice", words=f"held by alice: {number}", refund_id=key)
    before = siege.house.journal("hot").view().lines
    siege.run(1)
    assert siege.paid() == []
    assert siege.house.journal("hot").view().lines - before < 150
    assert "wallet.paused" in siege.alarms()


@pytest.mark.parametrize("other", ["hot", "cold"])
def test_a_pause_of_all_is_deleted_after_somebody_lifted_another_pause(siege: Siege, other: str) -> None:
    siege.approved("E-1")
    siege.house.desk.pause("all", "carol", "an audit")
    siege.house.desk.pause(other, "alice", "its node is slow")
    siege.run(1)
    siege.house.desk.resume(other, "carol")
    siege.run(1)
    siege.sql("DELETE FROM pauses")
    siege.run()
    assert siege.paid() == []
    assert "wallet.paused" in siege.alarms()


def test_a_pause_of_a_processor_is_deleted(siege: Siege) -> None:
    siege.approved("E-1", asset="USDT")
    siege.house.desk.pause(PROCESSOR, "carol", "it was robbed")
    siege.run(1)
    siege.sql("DELETE FROM pauses")
    siege.run()
    assert siege.paid() == []
    assert PROCESSOR in siege.alarms()["wallet.paused"]


@pytest.mark.parametrize("who", ["carol", "api:panel"])
def test_a_pause_of_a_processor_that_was_lifted_is_forgotten(siege: Siege, who: str) -> None:
    siege.approved("E-1", asset="USDT")
    siege.house.desk.pause(PROCESSOR, who, "it was robbed")
    siege.run(1)
    assert siege.paid() == []
    siege.house.desk.resume(PROCESSOR, who)
    siege.run()
    assert siege.paid() == ["E-1"]
    assert siege.alarms() == {}


def test_whoever_was_told_of_a_deleted_pause_lifts_it_by_resuming_the_wallet(siege: Siege) -> None:
    siege.approved("E-1")
    siege.house.desk.pause("all", "carol", "an audit")
    siege.run(1)
    siege.sql("DELETE FROM pauses")
    siege.run(1)
    assert siege.paid() == []
    siege.house.desk.resume("hot", "carol")
    siege.run()
    assert siege.paid() == ["E-1"]
