"""A coin makes addresses of its own, and says what came in there."""

from __future__ import annotations

import pytest

from payout.errors import RailUnavailable
from tests.contracts.coin.world import COIN, CoinWorld


class ReceivingContract:
    def test_each_new_address_is_another_and_is_ours_at_once(self, world: CoinWorld) -> None:
        made = [world.coin.new_address("payout order") for _ in range(3)]

        assert len({address for address, _ in made}) == len({index for _, index in made}) == 3
        assert all(index > 0 for _, index in made)
        assert all(world.coin.owns(address) and world.coin.valid(address) for address, _ in made)
        assert world.coin.check().address not in {address for address, _ in made}

    def test_a_killed_wallet_never_gives_an_address_out_again(self, world: CoinWorld) -> None:
        first, number = world.coin.new_address("payout order")

        world.kill_wallet()
        world.coin.check()
        second, next_number = world.coin.new_address("payout order")

        assert second != first
        assert next_number > number
        assert world.coin.owns(first)

    def test_without_its_wallet_no_address_is_made(self, world: CoinWorld) -> None:
        world.kill_wallet()

        with pytest.raises(RailUnavailable):
            world.coin.new_address("payout order")

    def test_an_address_received_nothing_before_somebody_paid_it(self, world: CoinWorld) -> None:
        _, index = world.coin.new_address("payout order")

        assert world.coin.received(index) == ()

    def test_a_payment_is_listed_from_the_pool_into_the_chain(self, world: CoinWorld) -> None:
        address, index = world.coin.new_address("payout order")
        world.send(address, COIN)

        world.mine()
        tip = world.coin.check().tip
        (first,) = world.coin.received(index)
        world.mine(9)
        world.coin.check()
        (tenth,) = world.coin.received(index)

        assert (first.units, first.height, first.depth) == (COIN, tip - 1, 1)
        assert (tenth.txid, tenth.units, tenth.height, tenth.depth) == (first.txid, COIN, tip - 1, 10)

    def test_a_payment_in_the_pool_has_no_height_and_no_depth(self, world: CoinWorld) -> None:
        address, index = world.coin.new_address("payout order")
        world.send(address, COIN)
        world.coin.check()

        (pooled,) = world.coin.received(index)

        assert (pooled.units, pooled.height, pooled.depth) == (COIN, None, 0)

    def test_what_others_of_our_addresses_received_is_not_listed(self, world: CoinWorld) -> None:
        paid, _ = world.coin.new_address("payout order")
        _, index = world.coin.new_address("payout order")
        world.send(paid, COIN)
        world.mine()
        world.coin.check()

        assert world.coin.received(index) == ()

    def test_payments_to_one_address_are_listed_oldest_first(self, world: CoinWorld) -> None:
        address, index = world.coin.new_address("payout order")
        for units in (COIN, COIN // 100):
            world.send(address, units)
            world.mine()
        world.coin.check()

        assert [receipt.units for receipt in world.coin.received(index)] == [COIN, COIN // 100]

    def test_a_payment_that_a_reorganisation_took_out_has_lost_its_depth(self, world: CoinWorld) -> None:
        address, index = world.coin.new_address("payout order")
        world.send(address, COIN)
        world.mine(2)
        world.coin.check()
        (before,) = world.coin.received(index)

        world.pop(2)
        (after,) = world.coin.received(index) or (None,)

        assert before.depth == 2
        assert after is None or (after.height, after.depth) == (None, 0)

    def test_customers_addresses_are_valid_and_other_text_is_not(self, world: CoinWorld) -> None:
        assert world.coin.valid(world.customer())
        assert world.coin.valid(world.integrated())
        assert not any(world.coin.valid(text) for text in ("", "0", "shop.example.com", "pay@shop.example.com"))
