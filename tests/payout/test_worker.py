"""The worker: takes the lease, guards, finishes, works; and no error of a port ever ends more than one tick."""

from __future__ import annotations

from datetime import timedelta

import pytest

from payout.errors import (
    RailUnavailable,
)
from payout.transfer import TransferKind
from payout.worker import WalletWorker
from tests.payout.hands import (
    Hands,
    Once,
    Watch,
    alarms,
    attempts,
    failing,
    payout,
    status,
    steal,
    transfers,
)
from tests.scenarios.world import LEASE, WALLET, World

# ---------------------------------------------------------------- one tick


def test_a_refund_goes_from_approved_to_paid_by_ticks_alone() -> None:
    world = World()
    key = world.approved("E1")
    worker = world.worker("a")
    worker.pay()
    world.mine(10)
    worker.track()
    assert status(world, key) == "PAID"
    world.reader.settle()


def test_a_tick_that_fires_twice_pays_once() -> None:
    world = World()
    key = world.approved("E1")
    worker = world.worker("a")
    worker.pay()
    worker.pay()
    assert (len(attempts(world, key)), len(world.chain.first_broadcasts)) == (1, 1)


def test_what_another_life_of_the_process_committed_is_finished_before_anything_else() -> None:
    world = World()
    world.approved("E1")
    Hands(world)
    with pytest.raises(RuntimeError):
        Hands(world, hook=Watch({"journal.append": failing(RuntimeError("killed"))})).pay()
    world.worker("a").track()
    assert list(world.chain.first_broadcasts) == [payout(world).id]


def test_the_wallet_is_looked_at_before_it_is_spent_from() -> None:
    world = World()
    world.approved("E1")
    watch = Watch()
    world.worker("a", watch).pay()
    deeds = [call for call in watch.calls if call in {"store.claim_lease", "coin.check", "coin.spends", "coin.prepare"}]
    assert deeds[:3] == ["store.claim_lease", "coin.check", "coin.spends"]
    assert deeds.index("coin.prepare") > deeds.index("coin.spends")


def test_the_length_of_the_chain_is_kept_at_each_tick() -> None:
    world = World()
    worker = world.worker("a")
    worker.track()
    world.mine(3)
    worker.track()
    record = world.database.store.wallet(WALLET)
    assert record is not None
    assert record.tip == world.chain.tip


def test_a_chain_that_has_not_grown_is_noted_once_a_minute() -> None:
    world, watch = World(), Watch()
    worker = world.worker("a", watch)
    worker.track()  # It is adopted, and its tip with it.
    for seconds in (20, 39, 1, 20):
        world.clock.time += timedelta(seconds=seconds)
        worker.track()
    record = world.database.store.wallet(WALLET)
    assert watch.calls.count("store.note_tip") == 1
    assert record is not None
    assert record.tip_at == world.clock.now() - timedelta(seconds=20)


def test_a_transfer_that_a_person_gave_up_is_given_up_by_the_tracking_tick() -> None:
    world = World()
    world.approved("E1")
    worker = world.worker("a")
    worker.pay()
    world.chain.flush()
    world.desk().give_up(payout(world).id, "alice", "lost")
    worker.track()
    assert len(transfers(world, TransferKind.GIVE_UP)) == 1


# ---------------------------------------------------------------- the lease


def test_a_wallet_that_another_worker_holds_is_left_alone() -> None:
    world = World()
    world.worker("a").track()
    key, watch = world.approved("E1"), Watch()
    world.worker("b", watch).pay()
    assert status(world, key) == "APPROVED"
    deeds = {"store.commit", "journal.append", "coin.check", "coin.prepare", "coin.relay"}
    assert deeds.isdisjoint(watch.calls)


def test_a_lease_that_ran_out_is_taken_over() -> None:
    world = World()
    world.worker("a").track()
    key = world.approved("E1")
    world.clock.pass_by(31)
    world.worker("b").pay()
    assert status(world, key) == "PAYING"


def test_a_worker_that_is_released_hands_over_at_once() -> None:
    world = World()
    first = world.worker("a")
    first.track()
    first.release()
    key = world.approved("E1")
    world.worker("b").pay()
    assert status(world, key) == "PAYING"


def test_a_worker_that_stands_by_lets_go_of_nothing() -> None:
    world = World()
    world.worker("a").track()
    world.worker("b").release()
    holder = world.database.store.lease_holder(WALLET)
    assert holder is not None
    assert holder.owner == "a"


def test_a_worker_that_was_overtaken_while_it_signed_commits_nothing() -> None:
    world = World()
    key = world.approved("E1")

    def overtaken() -> None:
        world.clock.pass_by(31)
        world.worker("b").track()

    world.worker("a", Watch(after={"coin.prepare": Once(overtaken)})).pay()
    assert (status(world, key), transfers(world)) == ("APPROVED", ())
    world.worker("b").pay()
    assert status(world, key) == "PAYING"


# ---------------------------------------------------------------- the guards


def test_the_guards_run_once_for_a_lease() -> None:
    watch = Watch()
    worker = World().worker("a", watch)
    for _ in range(3):
        worker.track()
    assert watch.calls.count("store.last_begun") == 1


def test_the_guards_run_again_after_a_resume() -> None:
    world = World()
    worker = world.worker("a")
    worker.track()
    world.desk().pause(WALLET, "alice", "moving house")
    steal(world)
    world.chain.mine()  # In no time: the lease does not run out.
    worker.pay()
    assert [pause.who for pause in world.database.store.pauses()] == ["alice"]
    world.desk().resume(WALLET, "alice")
    key = world.approved("E1")
    worker.pay()
    (pause,) = world.database.store.pauses()
    assert (pause.who, status(world, key)) == ("payout", "APPROVED")
    assert "payout ledger classify" in pause.why


def test_the_guards_run_again_when_a_tick_failed() -> None:
    world = World()
    watch = Watch()
    worker = world.worker("a", watch)
    worker.track()
    steal(world)
    world.chain.mine()  # In no time: the lease does not run out.
    watch.before["coin.check"] = Once(failing(RailUnavailable("restarted")))
    worker.track()
    worker.track()
    assert [pause.who for pause in world.database.store.pauses()] == ["payout"]


def test_the_guards_run_again_when_the_wallet_was_taken_over() -> None:
    world = World()
    worker = world.worker("a")
    worker.track()
    steal(world)
    world.mine()
    world.clock.pass_by(31)
    worker.track()
    assert [pause.who for pause in world.database.store.pauses()] == ["payout"]


def test_a_paused_wallet_still_follows_what_is_on_its_way() -> None:
    world = World()
    key = world.approved("E1")
    worker = world.worker("a")
    worker.pay()
    world.desk().pause(WALLET, "alice", "moving house")
    steal(world)  # The guards would stop at it.
    world.mine(10)
    worker.track()
    assert status(world, key) == "PAID"


# ---------------------------------------------------------------- standing by


def stand_by(world: World, other: WalletWorker, minutes: int, *, works: bool) -> list[str]:
    """Somebody keeps the lease, and maybe works; the other's alarms."""
    for _ in range(minutes):
        world.clock.pass_by(60)
        lease = world.database.store.claim_lease(WALLET, "a", 2 * LEASE)
        assert lease is not None
        if works:
            world.database.store.note_tip(WALLET, 12, world.clock.now())
        other.pay()
    return [alarm.kind for alarm in alarms(world)]


def test_a_worker_that_has_the_wallet_and_does_nothing_with_it_is_told_of_once() -> None:
    world = World()
    world.worker("a").pay()
    world.clock.pass_by(3600)  # Nobody worked for an hour: that is no fault of whoever has just begun.
    other = world.worker("b")
    assert stand_by(world, other, 10, works=False) == []
    assert stand_by(world, other, 10, works=False) == ["wallet.idle"]


def test_standing_by_while_another_works_is_no_matter() -> None:
    world = World()
    world.worker("a").pay()
    assert stand_by(world, world.worker("b"), 30, works=True) == []
