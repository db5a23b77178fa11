"""Repair: database and journal tell one story again, nothing is paid, and what was paid is not paid twice."""

from __future__ import annotations

import pytest

from adapters.memory.coin import Effect
from payout.errors import Paused, WalletUnsafe
from payout.guard import missing_transfers, unjournaled_transfers
from payout.spend_journal import Entry
from tests.payout.hands import (
    Deeds,
    Hands,
    Watch,
    attempts,
    payout,
    refund,
    status,
    steal,
    tables,
    transfers,
)
from tests.scenarios.world import LEASE, WALLET, World


def forgetful(*, given_up: bool = False) -> tuple[World, str, str]:
    """
    Yesterday's database was put back. Two refunds were paid since; it has one of them, APPROVED, and not the other.

    With `given_up`, the transfer that paid them was given up instead, and another paid the first of them.
    """
    world = World()
    known = world.approved("E1")
    Hands(world)
    before = world.database.backup()
    forgotten = world.approved("E2")
    if given_up:
        give_up_the_first(world)
        world.desk().hold(forgotten, "bob", "fraud")
    Hands(world).pay()
    world.mine(2)
    world.database.restore(before)
    world.reader.repaired = True
    world.clock.pass_by(31)
    return world, known, forgotten


def give_up_the_first(world: World) -> None:
    hands = Hands(world, faults=Deeds(relay=Effect.LOST))
    hands.pay()
    world.desk().give_up(payout(world).id, "alice", "lost")
    hands = Hands(world)
    hands.give_up()
    world.mine(10)
    hands.track()


def repair(world: World) -> list[tuple[str, bool]]:
    """The kind of each finding, and whether it was mended."""
    return [(finding.kind, finding.mended) for finding in world.reconciler().repair("alice").findings]


# ---------------------------------------------------------------- an old database


def test_refunds_that_were_paid_since_are_paying_again_known_or_not() -> None:
    world, known, forgotten = forgetful()
    assert repair(world) == [("transfer.missing", True)]
    assert [status(world, key) for key in (known, forgotten)] == ["PAYING", "PAYING"]
    assert [attempts(world, key)[0].transfer_id for key in (known, forgotten)] == [payout(world).id] * 2
    assert payout(world).begun


def test_a_recreated_refund_has_every_fact_of_the_one_that_was_lost() -> None:
    world, _, forgotten = forgetful()
    repair(world)
    row = refund(world, forgotten)
    assert (row.external_id, str(row.owed), row.destination) == ("E2", "25.00", "address of E2")
    assert (row.requested_by, row.attempts, row.revision) == ("panel", 1, 1)
    assert world.intake().add([row])[0].refund.status.value == "PAYING"  # The same external_id is still the same.


def test_repair_sends_nothing_and_nothing_is_paid_twice_afterwards() -> None:
    world, known, forgotten = forgetful()
    sent, signed = list(world.chain.first_broadcasts), len(world.chain.signed)
    repair(world)
    assert (list(world.chain.first_broadcasts), len(world.chain.signed)) == (sent, signed)
    hands = Hands(world)
    hands.guard()
    hands.pay()
    world.mine(10)
    hands.track()
    assert [status(world, key) for key in (known, forgotten)] == ["PAID", "PAID"]
    assert list(world.chain.first_broadcasts) == sent
    world.reader.settle()


def test_what_is_void_in_the_journal_comes_back_as_a_failed_attempt() -> None:
    world, known, forgotten = forgetful(given_up=True)
    repair(world)
    assert [(each.number, each.status.value) for each in attempts(world, known)] == [(1, "FAILED"), (2, "OPEN")]
    assert [(each.number, each.status.value) for each in attempts(world, forgotten)] == [(1, "FAILED")]
    assert [each.status.value for each in transfers(world)] == ["VOID", "OPEN"]


def test_a_refund_whose_only_attempt_is_void_must_be_approved_anew() -> None:
    world, _, forgotten = forgetful(given_up=True)
    repair(world)
    row = refund(world, forgotten)
    assert (row.status.value, row.approved_at, row.approved_until) == ("REQUESTED", None, None)


def test_a_transfer_that_was_voided_since_is_voided_in_the_old_database() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world, faults=Deeds(relay=Effect.LOST)).pay()
    before = world.database.backup()
    world.desk().give_up(payout(world).id, "alice", "lost")
    hands = Hands(world)
    hands.give_up()
    world.mine(10)
    hands.track()
    hands.pay()
    world.database.restore(before)
    world.reader.repaired = True
    world.clock.pass_by(31)
    repair(world)
    assert [(each.number, each.status.value) for each in attempts(world, key)] == [(1, "FAILED"), (2, "OPEN")]
    assert status(world, key) == "PAYING"


def test_a_person_who_ended_a_refund_does_not_undo_that_it_was_paid() -> None:
    world, known, _ = forgetful()
    world.desk().cancel(known, "bob", "asked twice")
    repair(world)
    assert status(world, known) == "PAYING"


# ---------------------------------------------------------------- a lost journal


def test_lines_that_the_journal_lost_are_written_again() -> None:
    world = World()
    world.approved("E1")
    hands = Hands(world)
    hands.pay()
    body = list(hands.wallet.journal.lines())[-1].body
    world.lines.clear()
    world.clock.pass_by(31)
    assert unjournaled_transfers(world.wallet()) == (payout(world).id,)
    assert [(each.kind, each.mended) for each in world.reconciler().look().findings] == [
        ("transfer.unjournaled", False)
    ]
    assert repair(world) == [("transfer.unjournaled", True)]
    lines = {line.entry: line for line in world.wallet().journal.lines()}
    assert set(lines) == {Entry.ADOPT, Entry.COMMIT}
    assert (lines[Entry.COMMIT].txid, lines[Entry.COMMIT].body) == (payout(world).id, body)
    Hands(world).guard()


def test_a_lost_line_of_a_void_transfer_is_written_with_its_answer() -> None:
    world = World()
    key = world.approved("E1")
    give_up_the_first(world)
    world.lines.clear()
    world.reader._read, world.reader._head = 0, "0" * 64  # The reader's place in the old file.
    world.reader.journaled.clear()
    world.clock.pass_by(31)
    repair(world)
    view = world.wallet().journal.view()
    assert view.has(Entry.VOID, payout(world).id)
    assert view.live_transfers(key) == frozenset()


# ---------------------------------------------------------------- its manners


def test_a_second_repair_finds_nothing_and_changes_nothing() -> None:
    world, _, _ = forgetful(given_up=True)
    repair(world)
    before = world.database.rows(), list(world.lines), len(tables(world).events)
    report = world.reconciler().repair("alice")
    assert (report.findings, report.clean) == ((), True)
    assert (world.database.rows(), world.lines, len(tables(world).events)) == before


def test_a_look_finds_the_same_and_writes_nothing() -> None:
    world, _, _ = forgetful()
    before = world.database.rows(), list(world.lines)
    report = world.reconciler().look()
    (found,) = [finding for finding in report.findings if finding.kind == "transfer.missing"]
    assert (found.subject, found.mended, report.clean) == (*missing_transfers(world.wallet()), False, False)
    assert found.remedy == "payout reconcile --repair"
    assert (world.database.rows(), world.lines) == before


def test_what_was_recreated_says_by_whom_and_from_which_line() -> None:
    world, known, _ = forgetful()
    repair(world)
    (event,) = [each for each in world.database.store.events(refund_id=known) if each.kind == "refund.recreated"]
    assert (event.who, event.words) == ("alice", "recreated from line 2 of the spend journal by alice")


def test_a_spend_that_nobody_knows_is_a_finding_that_only_a_person_can_mend() -> None:
    world = World()
    Hands(world)
    txid = steal(world)
    world.mine()
    world.clock.pass_by(31)
    report = world.reconciler().repair("alice")
    assert [(finding.kind, finding.subject, finding.mended) for finding in report.findings] == [
        ("spend.unknown", txid, False)
    ]
    assert not report.clean


def test_nothing_is_repaired_while_a_worker_holds_the_wallet() -> None:
    world, known, _ = forgetful()
    Hands(world)
    with pytest.raises(Paused, match="stop the daemon"):
        repair(world)
    assert status(world, known) == "APPROVED"


def test_repair_lets_go_of_the_wallet_also_when_it_fails() -> None:
    world, _, _ = forgetful()
    world.purse.address = "another-address"
    with pytest.raises(WalletUnsafe, match="open the right wallet file"):
        repair(world)
    assert world.database.store.claim_lease(WALLET, "b", LEASE) is not None


def test_repair_prepares_and_relays_nothing() -> None:
    world, _, _ = forgetful()
    watch = Watch()
    world.reconciler(watch).repair("alice")
    asked = {call for call in watch.calls if call.startswith("coin.")}
    assert asked == {"coin.check", "coin.spends"}
