"""A coin broadcasts, and says what the chain says."""

from __future__ import annotations

import pytest

from payout.errors import RailUnavailable
from payout.transfer import KeyImage, Place
from tests.contracts.coin.world import COIN, CoinWorld, committed, look, pay, unlock_all


class FollowingContract:
    def test_the_same_bytes_pay_once_however_often_they_are_sent(self, world: CoinWorld) -> None:
        prepared, customer = pay(world)

        for _ in range(3):
            world.coin.relay(prepared.payload)
            assert world.coin.resubmit(prepared.payload) is None
        world.mine()
        world.coin.resubmit(prepared.payload)
        world.mine()

        assert world.received(customer) == COIN

    def test_it_is_followed_from_the_pool_into_the_chain(self, world: CoinWorld) -> None:
        prepared, _ = pay(world)

        world.coin.relay(prepared.payload)
        pooled = look(world, prepared)
        world.mine()
        first = look(world, prepared)
        world.mine(9)
        tenth = look(world, prepared)

        assert (pooled.place, pooled.depth, pooled.height) == (Place.POOL, 0, None)
        assert (first.place, first.depth, first.height) == (Place.MINED, 1, first.tip - 1)
        assert (tenth.place, tenth.depth) == (Place.MINED, 10)
        assert tenth.block_hash == first.block_hash is not None

    def test_many_transfers_are_looked_at_in_one_snapshot(self, world: CoinWorld) -> None:
        sent, _ = pay(world)
        world.coin.relay(sent.payload)
        unsent, _ = pay(world)

        sightings = world.coin.look([committed(sent), committed(unsent)])

        assert sightings[sent.txid].place is Place.POOL
        assert sightings[unsent.txid].place is Place.UNSEEN
        assert sightings[sent.txid].tip == sightings[unsent.txid].tip

    def test_a_reorganisation_moves_it_to_another_block(self, world: CoinWorld) -> None:
        prepared, customer = pay(world)
        world.coin.relay(prepared.payload)
        world.mine(2)
        before = look(world, prepared)

        world.pop(2)
        popped = look(world, prepared)
        world.mine(3)
        after = look(world, prepared)

        assert popped.place is Place.POOL
        assert after.place is Place.MINED
        assert after.block_hash != before.block_hash
        assert world.received(customer) == COIN

    def test_dropped_from_the_pool_it_is_missing_and_the_same_bytes_bring_it_back(self, world: CoinWorld) -> None:
        prepared, customer = pay(world)
        world.coin.relay(prepared.payload)

        world.flush()
        missing = look(world, prepared)
        world.coin.relay(prepared.payload)
        world.mine()

        assert missing.place is Place.UNSEEN
        assert set(missing.key_images) == {KeyImage.FREE}
        assert look(world, prepared).place is Place.MINED
        assert world.received(customer) == COIN

    def test_the_inputs_of_a_transaction_are_its_key_images(self, world: CoinWorld) -> None:
        prepared, _ = pay(world)

        before = world.coin.inputs(prepared.txid)
        world.coin.relay(prepared.payload)
        world.mine()

        assert before == ()
        assert set(world.coin.inputs(prepared.txid)) == set(prepared.key_images)

    def test_the_wallet_lists_what_it_sent_pending_and_mined(self, world: CoinWorld) -> None:
        prepared, _ = pay(world)
        world.coin.relay(prepared.payload)
        tip = world.coin.check().tip

        pending = {s.txid: s for s in world.coin.spends(tip)}
        world.mine()
        world.coin.check()
        mined = {s.txid: s for s in world.coin.spends(tip)}
        later = {s.txid for s in world.coin.spends(tip + 1)}

        assert (pending[prepared.txid].height, pending[prepared.txid].units) == (None, COIN)
        assert (mined[prepared.txid].height, mined[prepared.txid].units) == (tip, COIN)
        assert prepared.txid not in later

    def test_change_is_locked_for_ten_blocks(self, world: CoinWorld) -> None:
        unlock_all(world)
        prepared, _ = pay(world)
        world.coin.relay(prepared.payload)
        world.mine()
        world.coin.check()

        locked = world.coin.funds()
        world.mine(9)
        world.coin.check()
        unlocked = world.coin.funds()

        assert [h.unlocked for h in locked.holdings].count(False) == 1
        assert locked.blocks_to_unlock == 9
        assert locked.unlocked < locked.balance
        assert all(h.unlocked for h in unlocked.holdings)
        assert unlocked.unlocked == sum(h.units for h in unlocked.holdings)

    def test_a_payment_can_be_proved_once_it_is_in_the_pool(self, world: CoinWorld) -> None:
        prepared, customer = pay(world)

        with pytest.raises(RailUnavailable):
            world.coin.prove(prepared.txid, customer, "refund-1")
        world.coin.relay(prepared.payload)

        assert world.coin.prove(prepared.txid, customer, "refund-1")
