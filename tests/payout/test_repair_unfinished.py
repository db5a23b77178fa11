"""Repair, where yesterday's database was in the middle of something: what ended since has ended, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from adapters.memory.coin import Effect
from payout.errors import JournalBroken
from payout.spend_journal import Entry
from tests.payout.hands import Deeds, Hands, Once, Watch, attempts, failing, payout, refund, status, transfers
from tests.scenarios.world import World

if TYPE_CHECKING:
    from payout.errors import PayoutError


def restore(world: World, backup: Any) -> None:
    """Yesterday's database is put back, and no worker runs."""
    world.database.restore(backup)
    world.reader.repaired = True
    world.clock.pass_by(31)


def repaired(world: World, backup: Any) -> None:
    restore(world, backup)
    world.reconciler().repair("alice")


def unjournaled(world: World, error: PayoutError) -> str:
    """A refund whose transfer is committed, and has no line; its id."""
    key = world.approved("E1")
    Hands(world)
    with pytest.raises(type(error)):
        Hands(world, hook=Watch({"journal.append": failing(error)})).pay()
    return key


def ways(world: World, key: str) -> list[tuple[int, str]]:
    return [(each.number, each.status.value) for each in attempts(world, key)]


def test_a_transfer_that_is_open_in_both_records_stays_open() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world).pay()
    backup = world.database.backup()
    world.approved("E2")
    Hands(world).pay()
    repaired(world, backup)
    assert (status(world, key), ways(world, key)) == ("PAYING", [(1, "OPEN")])
    assert [each.status.value for each in transfers(world)] == ["OPEN", "OPEN"]


def test_a_transfer_that_never_began_and_was_voided_since_is_voided_and_its_refund_follows_the_later_one() -> None:
    world = World()
    key = unjournaled(world, JournalBroken("disk full"))
    backup = world.database.backup()
    world.desk().give_up(payout(world).id, "alice", "changed our mind")
    hands = Hands(world)
    hands.give_up()
    world.chain.mine(11)
    hands.pay()
    repaired(world, backup)
    assert (status(world, key), ways(world, key)) == ("PAYING", [(1, "FAILED"), (2, "OPEN")])


def test_a_transfer_that_was_journaled_and_not_begun_stays_open_and_is_followed() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world)
    backups: list[Any] = []
    after_the_line = Once(lambda: backups.append(world.database.backup()))
    Hands(world, hook=Watch(after={"journal.append": after_the_line})).pay()
    world.approved("E2")
    Hands(world).pay()
    repaired(world, backups[0])
    assert (status(world, key), ways(world, key)) == ("PAYING", [(1, "OPEN")])
    world.mine(10)
    hands = Hands(world)
    hands.finish()
    hands.track()
    assert status(world, key) == "PAID"
    assert len(world.chain.first_broadcasts) == 2


def test_the_next_attempt_at_a_refund_is_numbered_after_the_forgotten_one() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world)
    backup = world.database.backup()
    Hands(world, faults=Deeds(relay=Effect.LOST)).pay()
    world.desk().give_up(payout(world).id, "alice", "lost")
    hands = Hands(world)
    hands.give_up()
    world.mine(10)
    hands.track()
    repaired(world, backup)
    assert (status(world, key), refund(world, key).attempts) == ("APPROVED", 1)
    Hands(world).pay()
    assert ways(world, key) == [(1, "FAILED"), (2, "OPEN")]


def test_a_refund_that_was_approved_since_has_the_times_of_its_approval() -> None:
    world = World()
    key = world.request("E1")
    Hands(world)
    backup = world.database.backup()
    world.approve(key)
    Hands(world).pay()
    approved = refund(world, key)
    repaired(world, backup)
    found = refund(world, key)
    assert found.approved_at is not None
    assert (found.approved_at, found.approved_until) == (approved.approved_at, approved.approved_until)


def test_a_line_of_what_was_given_up_before_it_began_is_answered_and_the_refund_can_be_paid() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world)

    def another_worker_voids_it() -> None:
        world.desk().give_up(payout(world).id, "alice", "changed our mind")
        world.clock.pass_by(31)
        dying = Watch({"journal.append": failing(RuntimeError("killed too"))})
        with pytest.raises(RuntimeError):
            Hands(world, hook=dying, owner="b").give_up()

    late = Watch({"journal.append": Once(another_worker_voids_it)}, {"journal.append": failing(RuntimeError("killed"))})
    with pytest.raises(RuntimeError):
        Hands(world, hook=late).pay()
    world.clock.pass_by(31)
    Hands(world).pay()
    assert status(world, key) == "HELD"  # The journal says that it is being paid.
    world.clock.pass_by(31)
    assert [finding.mended for finding in world.reconciler().look().findings] == [False]
    report = world.reconciler().repair("alice")
    assert [(finding.kind, finding.mended) for finding in report.findings] == [("transfer.unanswered", True)]
    assert world.wallet().journal.view().has(Entry.VOID, payout(world).id)
    world.desk().release(key, "alice")
    world.chain.mine()
    Hands(world).pay()
    assert ways(world, key) == [(1, "FAILED"), (2, "OPEN")]


def test_a_line_that_comes_behind_the_word_that_it_was_given_up_keeps_no_refund() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world)

    def another_worker_voids_it() -> None:
        world.desk().give_up(payout(world).id, "alice", "changed our mind")
        world.clock.pass_by(31)
        Hands(world, owner="b").give_up()

    late = Watch({"journal.append": Once(another_worker_voids_it)}, {"journal.append": failing(RuntimeError("killed"))})
    with pytest.raises(RuntimeError):
        Hands(world, hook=late).pay()
    world.clock.pass_by(31)
    Hands(world).pay()
    assert ways(world, key) == [(1, "FAILED"), (2, "OPEN")]
    assert len(world.chain.first_broadcasts) == 1


def test_what_is_paid_and_held_is_not_answered() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world)
    backup = world.database.backup()
    Hands(world).pay()
    restore(world, backup)
    Hands(world).pay()
    assert status(world, key) == "HELD"
    assert "transfer.unanswered" not in {finding.kind for finding in world.reconciler().look().findings}
    world.clock.pass_by(31)
    world.reconciler().repair("alice")
    assert (status(world, key), ways(world, key)) == ("PAYING", [(1, "OPEN")])
