"""The tracker: depth in the chain, and a key image spent that deep, are evidence; nothing else ever is."""

from __future__ import annotations

import pytest

from adapters.memory.coin import Effect
from payout.errors import RailUnavailable
from payout.transfer import Place
from tests.payout.hands import (
    Deeds,
    Hands,
    Watch,
    alarms,
    attempts,
    failing,
    payout,
    sent,
    status,
    tables,
)
from tests.scenarios.world import World

HOUR = 3600


# ---------------------------------------------------------------- depth


def test_nothing_is_final_one_block_too_early() -> None:
    world = World()
    key, hands = sent(world)
    world.mine(9)
    hands.track()
    assert (status(world, key), payout(world).place) == ("PAYING", Place.MINED)
    world.mine(1)
    hands.track()
    assert (status(world, key), payout(world).status.value, attempts(world, key)[0].status.value) == (
        "PAID",
        "FINAL",
        "SETTLED",
    )


def test_the_depth_that_finality_asks_is_a_rule_of_the_wallet() -> None:
    world = World(confirmations=3)
    key, hands = sent(world)
    world.mine(3)
    hands.track()
    assert status(world, key) == "PAID"


def test_a_change_of_place_is_told_once() -> None:
    world = World()
    _, hands = sent(world)
    world.mine(2)
    for _ in range(3):
        hands.track()
    told = world.database.store.events(transfer_id=payout(world).id)
    assert [(event.kind, event.words) for event in told if event.kind in {"transfer.seen", "transfer.moved"}] == [
        ("transfer.seen", "in the daemon's pool"),
        ("transfer.moved", f"mined in block {payout(world).height}, 2 deep"),
    ]


def test_blocks_that_are_undone_before_finality_are_told_with_an_alarm() -> None:
    world = World()
    key, hands = sent(world)
    world.mine(2)
    hands.track()
    world.chain.reorg(2, empty=True)
    hands.track()
    assert (status(world, key), payout(world).place) == ("PAYING", Place.POOL)
    assert "a reorganisation took it out of block" in alarms(world)[-1].words


# ---------------------------------------------------------------- the wallet's word


def test_the_tracker_never_asks_the_wallet_what_became_of_a_transfer() -> None:
    world = World()
    watch = Watch()
    world.approved("E1")
    Hands(world).pay()
    hands = Hands(world, hook=watch)
    for _ in range(12):
        hands.track()
        world.mine()
    assert {call for call in watch.calls if call.startswith("coin.")} == {"coin.check", "coin.look"}


def test_a_wallet_that_calls_a_transfer_failed_changes_nothing() -> None:
    world = World()
    key, hands = sent(world, lost=True)
    for _ in range(6):
        world.mine()
        hands.check()
    assert world.purse.spends(0) == ()
    world.mine(20)
    hands.track()
    assert (status(world, key), payout(world).status.value) == ("PAYING", "OPEN")


def test_an_unreachable_node_changes_nothing() -> None:
    world = World()
    key, _ = sent(world)
    world.mine(10)
    before = world.database.rows()
    with pytest.raises(RailUnavailable):
        Hands(world, hook=Watch({"coin.look": failing(RailUnavailable("down"))})).track()
    assert world.database.rows() == before
    assert status(world, key) == "PAYING"


# ---------------------------------------------------------------- missing, and free


def test_what_is_missing_with_its_inputs_free_is_broadcast_again_as_the_same_bytes() -> None:
    world = World()
    key, hands = sent(world, lost=True)
    for _ in range(3):
        hands.track()
        world.chain.flush()
    hands.track()
    assert list(world.chain.pool) == [payout(world).id]
    assert list(world.chain.signed) == [payout(world).id]
    assert len(attempts(world, key)) == 1


def test_what_the_wallet_did_not_relay_goes_to_the_node_itself_and_the_wallet_is_told() -> None:
    world = World()
    sent(world, lost=True)
    network = Deeds(relay=Effect.LOST)
    Hands(world, hook=Watch(after={"coin.resubmit": network.effects.clear}), faults=network).track()
    txid = payout(world).id
    assert (list(world.chain.pool), [spend.txid for spend in world.purse.spends(0)]) == ([txid], [txid])


def test_what_the_wallet_relayed_is_not_sent_to_the_node_besides() -> None:
    world = World()
    sent(world, lost=True)
    watch = Watch()
    Hands(world, hook=watch).track()
    assert (watch.calls.count("coin.relay"), watch.calls.count("coin.resubmit")) == (1, 0)


def test_what_is_being_given_up_is_not_brought_back() -> None:
    world = World()
    _, hands = sent(world, lost=True)
    world.desk().give_up(payout(world).id, "alice", "lost")
    hands.track()
    assert not world.chain.pool


def invalid_for_ever(world: World) -> tuple[str, Hands]:
    """The chain lost what the bytes were signed against, and every node calls them invalid."""
    world.chain.rings_regrow = False
    key, hands = sent(world, lost=True)
    world.reorganise(14, drop=True)
    return key, hands


def test_bytes_refused_as_invalid_at_three_looks_over_ten_blocks_are_given_up_unasked() -> None:
    world = World()
    key, hands = invalid_for_ever(world)
    hands.track()
    world.mine(5)
    hands.track()
    world.mine(4)
    hands.track()
    assert len(payout(world).refused_at) == 3
    assert payout(world).give_up_by is None  # Over nine blocks: not yet.
    world.mine(1)
    hands.track()
    assert payout(world).give_up_by == "payout"
    assert [alarm.kind for alarm in alarms(world)] == ["transfer.refused"]
    assert (status(world, key), payout(world).status.value) == ("PAYING", "OPEN")


def test_two_refusals_are_not_enough_however_far_apart() -> None:
    world = World()
    _, hands = invalid_for_ever(world)
    hands.track()
    world.mine(40)
    hands.track()
    assert (len(payout(world).refused_at), payout(world).give_up_by) == (2, None)


def test_many_looks_at_one_height_are_one_refusal() -> None:
    world = World()
    _, hands = invalid_for_ever(world)
    for _ in range(5):
        hands.track()
    assert len(payout(world).refused_at) == 1


def test_refusals_are_forgotten_when_the_transfer_is_seen_again() -> None:
    world = World()
    _, hands = invalid_for_ever(world)
    hands.track()
    world.chain.rings_regrow = True
    hands.track()
    assert (payout(world).place, payout(world).refused_at) == (Place.POOL, ())


# ---------------------------------------------------------------- a long time in the pool


def test_two_hours_in_the_pool_are_an_alarm_once() -> None:
    world = World()
    _, hands = sent(world)
    world.clock.pass_by(2 * HOUR - 1)
    hands.track()
    assert alarms(world) == []
    world.clock.pass_by(1)
    hands.track()
    world.clock.pass_by(HOUR)
    hands.track()
    assert [(alarm.kind, alarm.transfer_id) for alarm in alarms(world)] == [("transfer.slow", payout(world).id)]


def test_two_hours_of_being_missing_are_an_alarm_of_their_own() -> None:
    world = World()
    sent(world, lost=True)
    hands = Hands(world, faults=Deeds(relay=Effect.LOST, resubmit=Effect.LOST))
    world.clock.pass_by(2 * HOUR - 1)
    hands.track()
    assert alarms(world) == []
    world.clock.pass_by(1)
    for _ in range(3):
        hands.track()
    assert [(alarm.kind, alarm.transfer_id) for alarm in alarms(world)] == [("transfer.slow", payout(world).id)]


# ---------------------------------------------------------------- a final transfer is watched


def test_what_was_final_in_another_block_is_open_again_with_alarms_and_is_not_paid_anew() -> None:
    world = World()
    key, hands = sent(world)
    world.mine(10)
    hands.track()
    world.reorganise(10)
    hands.track()
    assert (status(world, key), payout(world).status.value) == ("PAYING", "OPEN")
    assert [alarm.kind for alarm in alarms(world)] == ["transfer.reopened", "refund.reopened"]
    world.mine(10)
    hands.track()
    assert (status(world, key), len(attempts(world, key))) == ("PAID", 1)
    world.reader.settle()


def test_a_final_transfer_that_left_the_chain_is_open_again_and_brought_back() -> None:
    world = World()
    key, hands = sent(world)
    world.mine(10)
    hands.track()
    world.reorganise(11, drop=True)
    hands.track()
    assert (status(world, key), payout(world).place) == ("PAYING", Place.UNSEEN)
    hands.track()
    assert payout(world).place is Place.POOL


def test_a_final_transfer_is_looked_at_until_it_is_deep_enough_and_then_no_longer() -> None:
    world = World(watch_depth=25)
    _, _ = sent(world)
    watch = Watch()
    hands = Hands(world, hook=watch)
    world.mine(24)
    hands.track()
    hands.track()
    assert (payout(world).status.value, payout(world).watched) == ("FINAL", False)
    world.mine(1)
    hands.track()
    assert payout(world).watched
    watch.calls.clear()
    hands.track()
    assert "coin.look" not in watch.calls


def test_a_row_that_moved_while_the_node_was_asked_is_left_for_the_next_tick() -> None:
    world = World()
    key, _ = sent(world)
    world.mine(10)
    rows = tables(world)

    def move() -> None:
        row = payout(world)
        rows.transfers[row.id] = row.to(row.status)

    watch = Watch(after={"coin.look": move})
    Hands(world, hook=watch).track()
    assert status(world, key) == "PAYING"
    watch.after.clear()
    Hands(world, hook=watch).track()
    assert status(world, key) == "PAID"
