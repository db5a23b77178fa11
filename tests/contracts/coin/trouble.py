"""A coin whose wallet forgets, errs and must be given up on, and whose node goes away."""

from __future__ import annotations

import pytest

from payout.errors import RailUnavailable
from payout.transfer import KeyImage, Place
from tests.contracts.coin.world import COIN, CoinWorld, knows, listed, look, pay


class TroubleContract:
    def test_a_killed_wallet_answers_nothing_until_it_is_checked(self, world: CoinWorld) -> None:
        address = world.coin.check().address

        world.kill_wallet()

        for call in (world.coin.funds, world.coin.save, lambda: world.coin.spends(0)):
            with pytest.raises(RailUnavailable):
                call()
        assert world.coin.check().address == address
        assert world.coin.funds().balance > 0

    def test_a_killed_wallet_forgets_what_it_sent_and_relaying_heals_it(self, world: CoinWorld) -> None:
        prepared, customer = pay(world)
        world.coin.save()
        world.coin.relay(prepared.payload)
        knew = knows(world, prepared)

        world.kill_wallet()
        world.coin.check()
        rival, _ = pay(world)
        forgot = not knows(world, prepared)
        world.coin.relay(prepared.payload)

        assert knew
        assert forgot
        assert set(rival.key_images) & set(prepared.key_images)
        assert knows(world, prepared)
        assert world.coin.prove(prepared.txid, customer, "refund-1")
        world.mine()
        assert world.received(customer) == COIN

    def test_what_was_saved_survives_a_kill(self, world: CoinWorld) -> None:
        prepared, customer = pay(world)
        world.coin.relay(prepared.payload)
        world.coin.save()

        world.kill_wallet()
        world.coin.check()

        assert knows(world, prepared)
        assert world.coin.prove(prepared.txid, customer, "refund-1")

    def test_relaying_what_is_mined_poisons_the_wallet_and_mending_heals_it(self, world: CoinWorld) -> None:
        prepared, _ = pay(world)
        world.coin.relay(prepared.payload)
        world.mine()
        world.coin.check()
        true_balance = world.coin.funds().balance

        world.coin.relay(prepared.payload)
        poisoned = world.coin.funds().balance
        told_twice = listed(world, prepared)
        world.coin.mend(prepared.txid)

        assert poisoned > true_balance
        assert told_twice == 2
        assert listed(world, prepared) == 1
        assert world.coin.funds().balance == true_balance
        assert knows(world, prepared)

    def test_a_give_up_spends_exactly_the_key_image_that_it_is_given(self, world: CoinWorld) -> None:
        prepared, _ = pay(world)

        give_up = world.coin.prepare_give_up(prepared.key_images[0])

        assert give_up.key_images == prepared.key_images[:1]
        (output,) = give_up.outputs
        assert output.own
        assert output.address == world.coin.check().address
        assert look(world, give_up).place is Place.UNSEEN

    def test_what_was_broadcast_and_dropped_can_be_given_up_and_never_lands(self, world: CoinWorld) -> None:
        prepared, customer = pay(world)
        world.coin.relay(prepared.payload)
        world.flush()

        give_up = world.coin.prepare_give_up(prepared.key_images[0])
        world.coin.relay(give_up.payload)
        pooled = look(world, prepared)
        world.mine()
        mined = look(world, prepared)
        world.coin.relay(prepared.payload)
        refusal = world.coin.resubmit(prepared.payload)
        world.mine(2)

        assert pooled.key_images[0] is KeyImage.IN_POOL
        assert mined.key_images[0] is KeyImage.IN_CHAIN
        assert set(mined.key_images[1:]) <= {KeyImage.FREE}
        assert refusal is None, "a double spend is found by looking, not taken for invalid bytes"
        assert look(world, prepared).place is Place.UNSEEN
        assert world.received(customer) == 0

    def test_an_output_that_is_spent_cannot_be_given_up_on(self, world: CoinWorld) -> None:
        prepared, _ = pay(world)
        world.coin.relay(prepared.payload)
        world.mine()

        with pytest.raises(RailUnavailable):
            world.coin.prepare_give_up(prepared.key_images[0])

    def test_without_its_node_it_says_so_and_sends_nothing(self, world: CoinWorld) -> None:
        prepared, customer = pay(world)
        world.stop_node()

        for call in (
            world.coin.check,
            world.coin.fee_hint,
            lambda: pay(world),
            lambda: look(world, prepared),
            lambda: world.coin.inputs(prepared.txid),
            lambda: world.coin.resubmit(prepared.payload),
        ):
            with pytest.raises(RailUnavailable):
                call()
        world.coin.relay(prepared.payload)
        world.start_node()
        world.coin.check()

        assert look(world, prepared).place is Place.UNSEEN
        world.coin.relay(prepared.payload)
        world.mine()
        assert world.received(customer) == COIN
