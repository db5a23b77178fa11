"""Attacks on what was paid: the rows of transfers, attempts and inputs."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.memory.coin import MemoryWallet
from tests.attacks.siege import THIEF, Begun, Siege, paid

PAID_AGAIN = {"status": "APPROVED", "paid_at": None, "attempts": 0}


def transfer_of(siege: Siege, key: str) -> str:
    """The newest that pays this refund."""
    found = siege.sql("SELECT transfer_id FROM attempts WHERE refund_id = ? ORDER BY number DESC", key)
    return str(found[0][0])


def paid_no_more(siege: Siege, name: str = "E-1") -> None:
    """It was paid once, and stays so."""
    siege.run()
    assert siege.paid() == [name]


class Fickle(MemoryWallet):
    """Chooses other inputs than last time, as a real wallet may."""

    turned = False

    def _unspent(self) -> list[Any]:
        found = super()._unspent()
        return found[::-1] if self.turned else found


def given_up_unsent(siege: Siege) -> tuple[str, str]:
    """A transfer that was committed and given up before it began; its refund was paid by another one since."""
    siege.network.purse.__class__ = Fickle
    key = siege.approved("E-1")
    siege.break_journal()
    siege.run(1)
    siege.mend_journal()
    void = transfer_of(siege, key)
    siege.house.desk.give_up(void, "carol", "the disk was full")
    siege.house.desk.resume("hot", "carol")
    siege.network.purse.turned = True  # type: ignore[attr-defined]
    siege.run()
    assert siege.row("transfers", void)["status"] == "VOID"
    assert transfer_of(siege, key) != void
    assert siege.paid() == ["E-1"]
    return key, void


def test_a_paid_refund_is_set_back_to_approved(begun: Begun) -> None:
    siege, key = begun(paid)
    siege.set("refunds", key, **PAID_AGAIN)
    paid_no_more(siege)
    assert siege.status(key) == "HELD"
    assert "refund.held" in siege.alarms()


def test_a_paid_refunds_attempt_is_marked_as_failed(begun: Begun) -> None:
    siege, key = begun(paid)
    siege.set("refunds", key, **{**PAID_AGAIN, "attempts": 1})
    siege.sql("UPDATE attempts SET status = 'FAILED' WHERE refund_id = ?", key)
    paid_no_more(siege)
    assert siege.status(key) == "HELD"
    assert "refund.held" in siege.alarms()


def test_attempts_of_a_paid_refund_are_deleted(begun: Begun) -> None:
    siege, key = begun(paid)
    siege.set("refunds", key, **PAID_AGAIN)
    siege.sql("DELETE FROM attempts")
    paid_no_more(siege)
    assert siege.status(key) == "HELD"
    assert "refund.held" in siege.alarms()


def test_every_trace_of_a_payment_is_deleted(begun: Begun) -> None:
    siege, key = begun(paid)
    siege.set("refunds", key, **PAID_AGAIN)
    for table in ("attempts", "key_images", "payloads", "transfers", "counters"):
        siege.sql(f"DELETE FROM {table}")
    siege.sql("DELETE FROM events WHERE refund_id = ? AND kind != 'refund.requested'", key)
    paid_no_more(siege)
    assert "wallet.paused" in siege.alarms()
    assert not siege.verify().sound


def test_inputs_of_a_transfer_on_its_way_are_deleted(siege: Siege) -> None:
    siege.approved("E-1")
    siege.run(1, blocks=0)
    siege.sql("DELETE FROM key_images")
    assert "or what it spends, is gone" in str(siege.verify().faults)
    siege.approved("E-2")
    siege.run()
    assert siege.paid() == ["E-1", "E-2"]


def test_a_transfer_on_its_way_is_marked_void_and_its_refund_is_freed(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.run(1, blocks=0)
    siege.set("transfers", transfer_of(siege, key), status="VOID")
    siege.sql("UPDATE attempts SET status = 'FAILED'")
    siege.set("refunds", key, status="APPROVED")
    paid_no_more(siege)
    assert "wallet.paused" in siege.alarms()


def test_a_transfer_that_was_never_seen_is_marked_void_and_its_refund_is_freed(siege: Siege) -> None:
    """Its bytes were broadcast, and no node kept them: they may come back at any time."""
    key = siege.approved("E-1")
    siege.run(1, blocks=0)
    siege.network.chain.flush()
    siege.set("transfers", transfer_of(siege, key), status="VOID", watched=0)
    siege.sql("UPDATE attempts SET status = 'FAILED'")
    siege.set("refunds", key, status="APPROVED")
    paid_no_more(siege)
    assert "transfer.doubtful" in siege.alarms()


def test_a_transfer_on_its_way_is_marked_final(siege: Siege) -> None:
    key = siege.approved("E-1")
    siege.run(1, blocks=0)
    siege.network.chain.flush()
    siege.set("transfers", transfer_of(siege, key), status="FINAL", watched=0, height=1, block_hash="0" * 64)
    siege.sql("UPDATE attempts SET status = 'SETTLED'")
    siege.set("refunds", key, status="PAID")
    paid_no_more(siege)
    assert siege.status(key) == "PAID"  # It was taken up again, and is.
    assert "transfer.reopened" in siege.alarms()


@pytest.mark.parametrize("sent", [False, True])
def test_a_transfer_that_was_given_up_unsent_is_set_back_to_open(begun: Begun, *, sent: bool) -> None:
    siege, (key, void) = begun(given_up_unsent)
    at = siege.row("transfers", void)["committed_at"] if sent else None
    siege.set("transfers", void, status="OPEN", watched=0, give_up_by=None, begun_at=at)
    paid_no_more(siege)
    assert siege.status(key) == "PAID"
    assert {"transfer.revived", "wallet.paused"} & siege.alarms().keys()


def test_a_transfer_is_planted_with_the_sealed_bytes_of_one_that_was_given_up(begun: Begun) -> None:
    siege, (_, void) = begun(given_up_unsent)
    siege.insert("transfers", siege.row("transfers", void), id="f" * 64, status="OPEN", watched=0, give_up_by=None)
    sealed = siege.sql("SELECT sealed FROM payloads WHERE transfer_id = ?", void)[0][0]
    siege.sql("INSERT INTO payloads (transfer_id, sealed) VALUES (?, ?)", "f" * 64, sealed)
    paid_no_more(siege)
    assert "wallet.paused" in siege.alarms()


def test_the_sealed_bytes_of_two_transfers_are_swapped(begun: Begun) -> None:
    siege, (_, void) = begun(given_up_unsent)
    key = siege.approved("E-2")
    siege.break_journal()
    siege.run(1)
    siege.mend_journal()
    old = siege.sql("SELECT sealed FROM payloads WHERE transfer_id = ?", void)[0][0]
    siege.sql("UPDATE payloads SET sealed = ? WHERE transfer_id = ?", old, transfer_of(siege, key))
    siege.house.desk.resume("hot", "carol")
    siege.run()
    assert siege.paid() == ["E-1"]
    assert "the sealed bytes" in siege.alarms()["wallet.paused"]


def test_a_transfer_to_the_thief_is_planted(begun: Begun) -> None:
    """A row can say what it likes: there are no signed bytes that pay him."""
    siege, key = begun(paid)
    txid = transfer_of(siege, key)
    outputs = f'[{{"address":"{THIEF}","own":false,"units":"1000000000000"}}]'
    siege.insert(
        "transfers", siege.row("transfers", txid), id="e" * 64, status="OPEN", outputs=outputs, begun_at=None,
        place="unseen", height=None, key_images="[]", watched=0,
    )  # fmt: skip
    sealed = siege.sql("SELECT sealed FROM payloads WHERE transfer_id = ?", txid)[0][0]
    siege.sql("INSERT INTO payloads (transfer_id, sealed) VALUES (?, ?)", "e" * 64, sealed)
    paid_no_more(siege)
    assert "wallet.paused" in siege.alarms()


def test_a_transfer_that_waits_is_given_other_inputs(begun: Begun) -> None:
    """So that it would look impossible, and its refund be paid anew."""
    siege, key = begun(paid)
    spent = siege.row("transfers", transfer_of(siege, key))["key_images"]
    second = siege.approved("E-2")
    siege.run(1, blocks=0)
    siege.network.chain.flush()
    siege.set("transfers", transfer_of(siege, second), key_images=spent)
    assert "or what it spends, is gone" in str(siege.verify().faults)
    siege.run()
    assert siege.paid() == ["E-1", "E-2"]


def test_a_strangers_transaction_is_planted_as_what_took_the_inputs_of_ours(siege: Siege) -> None:
    """It is final, so ours would look impossible, and its refund be paid anew."""
    key = siege.approved("E-1")
    siege.run(1, blocks=0)
    txid = transfer_of(siege, key)
    stranger = next(tx.txid for block in siege.network.chain.blocks for tx in block.txs)
    siege.insert("transfers", siege.row("transfers", txid), id=stranger)
    sealed = siege.sql("SELECT sealed FROM payloads WHERE transfer_id = ?", txid)[0][0]
    siege.sql("INSERT INTO payloads (transfer_id, sealed) VALUES (?, ?)", stranger, sealed)
    for image in siege.rows("SELECT * FROM key_images"):
        siege.insert("key_images", image, transfer_id=stranger, role="planted")
    paid_no_more(siege)
    assert "does not know transfer" in siege.alarms()["wallet.paused"]


def test_an_attempt_that_is_not_journaled_yet_is_put_to_another_refund(siege: Siege) -> None:
    """So that the spend journal would learn that the second was paid, and the first be paid twice."""
    siege.network.purse.__class__ = Fickle
    key, other = siege.approved("E-1", "90.00"), siege.request("E-2", "30.00")
    siege.break_journal()  # As where a worker died, or lost the answer to its commit.
    siege.run(1)
    siege.mend_journal()
    siege.set("attempts", f"{key}/1", id=f"{other}/1", refund_id=other)
    siege.set("refunds", other, status="PAYING", attempts=1)
    siege.set("refunds", key, status="APPROVED", attempts=0)
    siege.house.desk.resume("hot", "carol")
    siege.network.purse.turned = True  # type: ignore[attr-defined]
    siege.run()
    assert siege.paid() == []
    assert "not as it was committed" in siege.alarms()["wallet.paused"]


def test_two_workers_are_let_commit_for_one_refund_before_either_has_journaled_it(siege: Siege) -> None:
    """A second daemon stands by; its lease and the rows are forged between the first one's commit and its line."""
    siege.network.purse.__class__ = Fickle
    key = siege.approved("E-1")

    def pay_beside() -> None:
        lease = siege.rows("SELECT * FROM leases")[0]
        siege.set("refunds", key, status="APPROVED", attempts=0)
        siege.sql("UPDATE attempts SET id = 'aside', number = 77, status = 'FAILED'")
        siege.sql("UPDATE transfers SET wallet = 'aside'")
        siege.sql("DELETE FROM leases")
        siege.network.purse.turned = True  # type: ignore[attr-defined]
        second = Siege(siege.folder, siege.judge)
        second.tick()
        second.stop()
        siege.sql("DELETE FROM leases")
        siege.insert("leases", lease)
        siege.sql("UPDATE transfers SET wallet = 'hot'")

    siege.network.meanwhile = pay_beside
    paid_no_more(siege)
    assert "never began" in siege.alarms()["wallet.paused"]


def test_a_worker_is_told_that_what_another_has_just_sent_was_given_up(siege: Siege) -> None:
    """A second daemon finishes what the first is about to journal; then its row says that it never began."""
    siege.network.purse.__class__ = Fickle
    key = siege.approved("E-1")

    def finish_beside() -> None:
        lease = siege.rows("SELECT * FROM leases")[0]
        siege.sql("DELETE FROM leases")
        second = Siege(siege.folder, siege.judge)
        second.tick()
        second.stop()
        siege.sql("DELETE FROM leases")
        siege.insert("leases", lease)
        siege.set("transfers", transfer_of(siege, key), status="VOID", begun_at=None, watched=1, version=99)
        siege.set("refunds", key, status="APPROVED")
        siege.sql("UPDATE attempts SET status = 'FAILED'")

    siege.network.meanwhile = finish_beside
    siege.tick()
    siege.network.purse.turned = True  # type: ignore[attr-defined]
    paid_no_more(siege)
    assert "already pays it" in siege.alarms()["refund.held"]
