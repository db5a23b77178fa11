"""Attacks on how a swap's end is attested, by an insider who has the database too, or by nobody at all."""

from __future__ import annotations

from typing import Any

from payout.resolution import Resolution
from tests.attacks.siege import Begun, Siege
from tests.attacks.test_orders import funded

ENDED = "2026-11-22T12:40:00.000000+00:00"
PROOF = "f" * 64


def final(siege: Siege) -> tuple[str, dict[str, Any]]:
    """A swap whose deposit is final, at a service that sits on it."""
    found = funded(siege)
    siege.run(2)
    return found


def test_the_word_of_a_second_person_is_put_into_an_order(begun: Begun) -> None:
    siege, (key, order) = begun(final)
    siege.set("orders", order["id"], attested_by=f"bob: settled by {PROOF}")
    siege.house.desk.resolve(key, Resolution.SETTLED, "alice", "alice keeps the money at the processor", PROOF)
    assert siege.status(key) == "PAYING"
    assert "order.contradicted" in siege.alarms()


def test_the_event_of_a_second_persons_word_is_planted(begun: Begun) -> None:
    siege, (key, order) = begun(final)
    siege.house.desk.resolve(key, Resolution.SETTLED, "alice", "a first word, to have an event to copy", "e" * 64)
    (hers,) = siege.rows("SELECT * FROM events WHERE kind = 'order.attested'")
    facts = hers["facts"].replace("e" * 64, PROOF)
    siege.insert("events", hers, who="bob", number=hers["number"] + 1000, facts=facts)
    siege.set("orders", order["id"], attested_by=f"bob: settled by {PROOF}")
    siege.house.desk.resolve(key, Resolution.SETTLED, "alice", "alice keeps the money at the processor", PROOF)
    assert siege.status(key) == "PAYING"
    assert not siege.verify().sound


def test_an_order_that_nobody_attested_is_freed_and_its_refund_approved_anew(begun: Begun) -> None:
    """One approver and the panel's key are enough for a new revision; that the swap failed takes two, and no row."""
    siege, (key, order) = begun(final)
    siege.set(
        "orders", order["id"], status="RETURNED", watched=0, attested_by="alice, bob", returned_units="0",
        ended_at=ENDED,
    )  # fmt: skip
    siege.sql("UPDATE attempts SET status = 'FAILED'")
    siege.set("refunds", key, status="REQUESTED")
    refund = siege.house.desk.find(key)
    siege.house.desk.amend(key, refund.destination, None, "panel", "bob's accomplice asks for it")
    siege.approve(key, "alice")
    siege.run(3)
    assert siege.paid() == ["E-1"]
    assert "the audit trail does not" in siege.alarms()["wallet.paused"]


def test_an_order_is_marked_as_attested_so_that_nobody_looks_for_its_payment(begun: Begun) -> None:
    siege, (key, order) = begun(final)
    siege.set(
        "orders", order["id"], status="SETTLED", watched=1, attested_by="alice, bob", settle_txid=PROOF,
        arrival_id=f"{PROOF}:0", ended_at=ENDED,
    )  # fmt: skip
    siege.sql("UPDATE attempts SET status = 'SETTLED'")
    siege.set("refunds", key, status="PAID", paid_at=ENDED)
    siege.restart()
    siege.run(1)
    assert "E-1 is PAID, and the history does not say so" in siege.alarms()["audit.broken"]
    assert not siege.verify().sound
