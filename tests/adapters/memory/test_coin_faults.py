"""What the in-memory Monero world does beyond the contract: its faults, and its unhelpfulness."""

from __future__ import annotations

import pytest

from adapters.memory.coin import Effect, Tx
from payout.errors import RailUnavailable, SentTooEarly, TransferRefused
from payout.transfer import KeyImage, Output, Place
from tests.adapters.memory.coin_world import MemoryWorld, Once
from tests.contracts.coin import COIN, committed, knows, look, pay


class WorkerDied(Exception):
    """The end of a worker."""


def test_the_same_seed_makes_the_same_world() -> None:
    first, second = (pay(MemoryWorld(seed=7))[0] for _ in range(2))

    assert first == second
    assert pay(MemoryWorld(seed=8))[0] != first


def test_a_refused_address_is_refused_by_name() -> None:
    world = MemoryWorld()
    world.wallet.refused_addresses.add("bad")

    with pytest.raises(TransferRefused, match="bad"):
        world.coin.prepare([Output(address="bad", units=COIN)])


def test_a_lost_relay_never_arrives() -> None:
    world = MemoryWorld(Once("coin.relay", Effect.LOST))
    prepared, _ = pay(world)

    world.coin.relay(prepared.payload)

    assert world.chain.land() == 0
    assert look(world, prepared).place is Place.UNSEEN


def test_a_late_relay_arrives_when_it_lands() -> None:
    world = MemoryWorld(Once("coin.relay", Effect.LATE))
    prepared, _ = pay(world)

    world.coin.relay(prepared.payload)
    before = look(world, prepared).place
    world.chain.land()

    assert before is Place.UNSEEN
    assert look(world, prepared).place is Place.POOL
    assert knows(world, prepared)


def test_a_late_relay_of_a_killed_wallet_reaches_the_node_and_the_wallet_never_learns() -> None:
    world = MemoryWorld(Once("coin.relay", Effect.LATE))
    prepared, _ = pay(world)
    world.coin.relay(prepared.payload)

    world.kill_wallet()
    world.coin.check()
    world.chain.land()

    assert look(world, prepared).place is Place.POOL
    assert not knows(world, prepared)


def test_a_doubled_relay_pays_once() -> None:
    world = MemoryWorld(Once("coin.relay", Effect.TWICE))
    prepared, customer = pay(world)

    world.coin.relay(prepared.payload)
    world.mine()

    assert world.received(customer) == COIN


def test_a_relay_whose_answer_is_lost_raises_nothing_and_was_sent() -> None:
    world = MemoryWorld(Once("coin.relay", RailUnavailable("lost"), before=False))
    prepared, _ = pay(world)

    world.coin.relay(prepared.payload)

    assert look(world, prepared).place is Place.POOL


def test_a_crash_passes_through_even_a_relay() -> None:
    world = MemoryWorld(Once("coin.relay", WorkerDied()))
    prepared, _ = pay(world)

    with pytest.raises(WorkerDied):
        world.coin.relay(prepared.payload)


def test_a_wallet_that_broadcasts_too_early_says_what_is_out() -> None:
    world = MemoryWorld(Once("coin.prepare", Effect.EARLY))

    with pytest.raises(SentTooEarly) as caught:
        pay(world)

    assert caught.value.prepared.txid in world.chain.pool  # type: ignore[attr-defined]


def test_an_outage_of_a_read_is_told() -> None:
    world = MemoryWorld(Once("coin.look", RailUnavailable("away"), before=False))
    prepared, _ = pay(world)

    with pytest.raises(RailUnavailable):
        look(world, prepared)


def test_a_first_broadcast_is_told_once_at_the_moment_that_it_happens() -> None:
    world = MemoryWorld()
    told: list[Tx] = []
    world.chain.on_first_broadcast = told.append
    prepared, customer = pay(world)

    world.coin.relay(prepared.payload)
    world.coin.relay(prepared.payload)
    world.coin.resubmit(prepared.payload)

    assert [tx.txid for tx in told] == [prepared.txid] == list(world.chain.first_broadcasts)
    assert (customer, COIN) in [(coin.address, coin.units) for coin in told[0].outputs]


def test_a_node_that_lags_takes_a_mined_transfer_for_pooled() -> None:
    world = MemoryWorld()
    prepared, _ = pay(world)
    world.coin.relay(prepared.payload)
    world.mine(2)

    world.chain.lag = 2

    assert look(world, prepared).place is Place.POOL
    assert world.chain.key_image(prepared.key_images[0]) is KeyImage.IN_POOL


def test_a_node_that_falls_far_behind_is_not_believed() -> None:
    world = MemoryWorld()
    prepared, _ = pay(world)
    world.mine(10)
    world.coin.check()

    world.chain.lag = 9

    with pytest.raises(RailUnavailable, match="behind"):
        look(world, prepared)


@pytest.mark.parametrize("regrow", [True, False])
def test_a_deep_reorganisation_makes_prepared_bytes_invalid(*, regrow: bool) -> None:
    world = MemoryWorld()
    world.chain.rings_regrow = regrow
    world.mine(20)
    world.coin.check()
    prepared, _ = pay(world)

    world.pop(12)
    refused = world.coin.resubmit(prepared.payload)
    world.mine(13)
    afterwards = world.coin.resubmit(prepared.payload)

    assert refused is not None
    assert "invalid_input" in refused
    assert (afterwards is None) is regrow


def test_a_pending_transfer_that_left_the_pool_is_forgotten_after_a_while() -> None:
    world = MemoryWorld()
    prepared, _ = pay(world)
    world.coin.relay(prepared.payload)
    world.flush()
    unspent = len(world.coin.funds().holdings)

    world.mine(5)
    world.coin.check()

    assert not knows(world, prepared)
    assert len(world.coin.funds().holdings) == unspent + len(prepared.key_images)


def test_a_poisoned_wallet_offers_spent_outputs_that_the_node_then_refuses() -> None:
    world = MemoryWorld()
    prepared, _ = pay(world)
    world.coin.relay(prepared.payload)
    world.mine()
    world.coin.check()

    world.coin.relay(prepared.payload)
    world.mine(6)
    world.coin.check()
    doomed, _ = pay(world)
    world.coin.relay(doomed.payload)

    assert set(doomed.key_images) & set(prepared.key_images)
    assert look(world, doomed).place is Place.UNSEEN
    world.coin.rescan()
    assert not set(pay(world)[0].key_images) & set(prepared.key_images)


def test_a_spend_by_somebody_with_our_keys_shows_among_our_spends() -> None:
    world = MemoryWorld()

    txid = world.wallet.foreign_spend("thief", COIN)
    before = {spend.txid for spend in world.coin.spends(0)}
    world.mine()
    world.coin.check()

    assert txid not in before
    assert txid in {spend.txid for spend in world.coin.spends(0)}


def test_a_shorter_chain_is_not_noticed_by_the_wallet_until_it_grows_again() -> None:
    world = MemoryWorld()
    prepared, _ = pay(world)
    world.coin.relay(prepared.payload)
    world.mine(2)
    world.coin.check()

    world.chain.pop(2, drop=True)
    world.coin.check()
    stale = knows(world, prepared)
    world.mine(3)
    world.coin.check()

    assert stale
    assert not knows(world, prepared)
    assert world.coin.look([committed(prepared)])[prepared.txid].place is Place.UNSEEN


def test_a_fee_below_what_the_node_now_asks_is_refused_by_name() -> None:
    world = MemoryWorld()
    prepared, _ = pay(world)

    world.chain.fee_floor = world.chain.fee_per_byte * 2

    assert "fee_too_low" in str(world.coin.resubmit(prepared.payload))
