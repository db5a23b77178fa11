"""Giving up: first it is made impossible, then its refunds are free; and nobody is ever paid twice by it."""

from __future__ import annotations

import pytest

from adapters.memory.coin.chain import FEE_PER_BYTE
from payout.errors import JournalBroken, RailUnavailable, RateUnavailable, StaleWrite, StoreUnavailable, WalletUnsafe
from payout.spend_journal import Entry
from payout.transfer import TransferKind
from tests.payout.hands import (
    Hands,
    Once,
    Watch,
    alarms,
    attempts,
    failing,
    payout,
    refund,
    sent,
    status,
    transfers,
)
from tests.scenarios.world import HOT, World


def given_up(world: World, *, lost: bool = True) -> tuple[str, Hands]:
    """A refund whose transfer was broadcast (with `lost`, into the void) and is asked to be given up."""
    key, hands = sent(world, lost=lost)
    world.desk().give_up(payout(world).id, "alice", "lost")
    return key, hands


def give_ups(world: World) -> list[str]:
    return [each.status.value for each in transfers(world, TransferKind.GIVE_UP)]


# ---------------------------------------------------------------- before its broadcast


def test_what_never_began_is_void_by_a_compare_and_swap_alone() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world)
    with pytest.raises(JournalBroken):
        Hands(world, hook=Watch({"journal.append": failing(JournalBroken("disk full"))})).pay()
    world.desk().give_up(payout(world).id, "alice", "changed our mind")
    watch = Watch()
    Hands(world, hook=watch).give_up()
    assert (payout(world).status.value, payout(world).watched) == ("VOID", True)
    assert (status(world, key), attempts(world, key)[0].status.value) == ("APPROVED", "FAILED")
    assert give_ups(world) == []
    assert {call for call in watch.calls if call.startswith("coin.")} == {"coin.check"}


def test_what_is_journaled_counts_as_begun_whatever_its_row_says() -> None:
    world = World()
    key = world.approved("E1")
    Hands(world)
    watch = Watch()
    watch.after["journal.append"] = lambda: watch.before.update({"store.commit": failing(StoreUnavailable("gone"))})
    hands = Hands(world, hook=watch)
    with pytest.raises(StoreUnavailable):
        hands.pay()
    assert not payout(world).begun
    world.desk().give_up(payout(world).id, "alice", "changed our mind")
    Hands(world).give_up()
    assert (status(world, key), payout(world).status.value, payout(world).begun) == ("PAYING", "OPEN", True)
    assert give_ups(world) == ["OPEN"]


# ---------------------------------------------------------------- after it


def test_what_began_is_swept_by_its_first_input_to_ourselves_committed_journaled_and_broadcast() -> None:
    world = World()
    _, hands = given_up(world)
    begun_at = payout(world).begun_at
    world.clock.pass_by(1)
    hands.give_up()
    (sweep,) = transfers(world, TransferKind.GIVE_UP)
    assert payout(world).begun_at == begun_at
    assert (sweep.replaces, sweep.key_images) == (payout(world).id, payout(world).key_images[:1])
    assert {(output.address, output.own) for output in sweep.outputs} == {(HOT, True)}
    assert hands.wallet.journal.view().has(Entry.COMMIT, sweep.id)
    assert (sweep.begun, list(world.chain.pool)) == (True, [sweep.id])


def test_its_refund_is_free_only_when_the_sweep_is_final_and_is_then_paid_once() -> None:
    world = World()
    key, hands = given_up(world)
    hands.give_up()
    world.mine(9)
    hands.track()
    assert (status(world, key), payout(world).status.value) == ("PAYING", "OPEN")
    world.mine(1)
    hands.track()
    assert (status(world, key), payout(world).status.value, give_ups(world)) == ("APPROVED", "VOID", ["FINAL"])
    assert hands.wallet.journal.view().has(Entry.VOID, payout(world).id)
    hands.pay()
    world.mine(10)
    hands.track()
    assert [attempt.status.value for attempt in attempts(world, key)] == ["FAILED", "SETTLED"]
    world.reader.settle()


def test_what_was_given_up_is_looked_at_as_long_as_its_sweep() -> None:
    world = World()
    _, hands = given_up(world)
    hands.give_up()
    world.mine(24)
    for _ in range(3):
        hands.track()
    assert (payout(world).status.value, payout(world).watched) == ("VOID", False)
    world.mine(1)
    for _ in range(2):
        hands.track()
    (sweep,) = transfers(world, TransferKind.GIVE_UP)
    assert (sweep.watched, payout(world).watched) == (True, True)


def test_a_request_makes_one_sweep_however_often_it_is_looked_at() -> None:
    world = World()
    _, hands = given_up(world)
    for _ in range(3):
        hands.give_up()
        hands.track()
    assert give_ups(world) == ["OPEN"]


def test_a_sweep_that_was_lost_is_brought_back_as_the_same_bytes() -> None:
    world = World()
    _, hands = given_up(world)
    hands.give_up()
    world.chain.flush()
    watch = Watch()
    hands = Hands(world, hook=watch)
    hands.give_up()
    hands.track()
    (sweep,) = transfers(world, TransferKind.GIVE_UP)
    assert list(world.chain.pool) == [sweep.id]
    assert "coin.prepare_give_up" not in watch.calls


def test_what_nobody_asked_to_give_up_is_left_alone() -> None:
    world = World()
    _, hands = sent(world, lost=True)
    before = payout(world)
    hands.give_up()
    assert (payout(world), give_ups(world)) == (before, [])


def test_a_sweep_whose_commit_came_too_late_is_discarded_and_made_anew() -> None:
    world = World()
    _, hands = given_up(world)
    Hands(world, hook=Watch({"store.commit": Once(failing(StaleWrite("moved")))})).give_up()
    assert (give_ups(world), list(world.chain.pool)) == ([], [])
    hands.give_up()
    assert give_ups(world) == ["OPEN"]


def test_a_pause_does_not_keep_a_transfer_from_being_given_up() -> None:
    world = World()
    _, hands = given_up(world)
    world.desk().pause("all", "alice", "trouble")
    hands.give_up()
    assert give_ups(world) == ["OPEN"]


def test_a_hold_outlives_the_attempt_that_was_given_up() -> None:
    world = World()
    key, hands = given_up(world)
    world.desk().hold(key, "bob", "fraud")
    hands.give_up()
    world.mine(10)
    hands.track()
    assert (status(world, key), refund(world, key).hold_reason) == ("HELD", "bob: fraud")
    hands.pay()
    assert len(attempts(world, key)) == 1


# ---------------------------------------------------------------- when it cannot be


def test_what_is_mined_cannot_be_given_up_and_says_so() -> None:
    world = World()
    key, hands = given_up(world, lost=False)
    world.mine(1)
    hands.give_up()
    assert (payout(world).give_up_by, give_ups(world)) == (None, [])
    assert [alarm.kind for alarm in alarms(world)] == ["transfer.give_up_refused"]
    assert "1 deep" in alarms(world)[0].words
    world.mine(9)
    hands.track()
    assert status(world, key) == "PAID"


def test_what_is_in_the_pool_is_waited_for_and_swept_when_it_left() -> None:
    world = World()
    given_up(world, lost=False)
    watch = Watch()
    hands = Hands(world, hook=watch)
    hands.give_up()
    assert (payout(world).give_up_by, give_ups(world)) == ("alice", [])
    assert "coin.prepare_give_up" not in watch.calls
    world.chain.flush()
    hands.give_up()
    assert give_ups(world) == ["OPEN"]


def test_a_sweep_waits_for_a_fee_below_the_cap_and_for_a_rate_to_know_it_by() -> None:
    world = World()
    _, hands = given_up(world)
    world.chain.fee_per_byte = 1000 * FEE_PER_BYTE
    hands.give_up()
    world.chain.fee_per_byte = FEE_PER_BYTE
    world.pricing.refusal = RateUnavailable("all sources are stale")
    hands.give_up()
    assert (payout(world).give_up_by, give_ups(world)) == ("alice", [])
    world.pricing.refusal = None
    hands.give_up()
    assert give_ups(world) == ["OPEN"]


def test_a_wallet_that_cannot_sweep_one_transfer_now_keeps_no_other_work_from_being_done() -> None:
    world = World()
    _, hands = given_up(world)
    busy = Hands(world, hook=Watch({"coin.prepare_give_up": failing(RailUnavailable("locked for ten blocks"))}))
    busy.give_up()
    assert (payout(world).give_up_by, give_ups(world)) == ("alice", [])
    hands.give_up()
    assert give_ups(world) == ["OPEN"]


def test_a_sweep_of_something_else_stops_the_wallet() -> None:
    world = World()
    _, hands = given_up(world)
    other = payout(world).key_images[1]
    real = hands.wallet.coin.prepare_give_up
    hands.wallet.coin.__dict__["prepare_give_up"] = lambda _image: real(other)
    with pytest.raises(WalletUnsafe, match="do not resume"):
        hands.give_up()
    assert give_ups(world) == []


def test_the_original_that_is_mined_after_all_paid_and_its_sweep_is_void() -> None:
    world = World()
    key, hands = given_up(world)
    hands.give_up()
    world.chain.flush()
    world.chain.submit(world.chain.signed[payout(world).id])
    world.mine(10)
    hands.track()
    hands.track()
    assert (status(world, key), payout(world).status.value, give_ups(world)) == ("PAID", "FINAL", ["VOID"])
    assert len(attempts(world, key)) == 1
    world.reader.settle()


def test_a_sweep_that_never_left_is_void_without_a_line_of_the_journal() -> None:
    world = World()
    key, _ = given_up(world)
    with pytest.raises(JournalBroken):
        Hands(world, hook=Watch({"journal.append": failing(JournalBroken("disk full"))})).give_up()
    world.chain.submit(world.chain.signed[payout(world).id])
    world.mine(10)
    hands = Hands(world)
    hands.track()
    assert (status(world, key), give_ups(world)) == ("PAID", ["VOID"])
    assert [line.entry for line in hands.wallet.journal.lines()] == [Entry.ADOPT, Entry.COMMIT]


def test_while_the_sweep_is_on_its_way_the_original_is_not_brought_back() -> None:
    world = World()
    _, hands = given_up(world)
    hands.give_up()
    world.chain.flush()
    hands.track()
    (sweep,) = transfers(world, TransferKind.GIVE_UP)
    assert list(world.chain.first_broadcasts) == [sweep.id]


def test_a_sweep_that_a_reorganisation_took_out_stops_the_wallet_until_it_is_final_again() -> None:
    world = World()
    key, hands = given_up(world)
    hands.give_up()
    world.mine(10)
    hands.track()
    assert status(world, key) == "APPROVED"
    world.reorganise(11, drop=True)
    with pytest.raises(WalletUnsafe, match="wait until the give-up is final again, then resume"):
        hands.track()
    assert give_ups(world) == ["OPEN"]
    hands.track()
    world.mine(10)
    hands.track()
    assert give_ups(world) == ["FINAL"]
