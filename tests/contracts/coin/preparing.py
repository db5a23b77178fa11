"""A coin signs, and holds back."""

from __future__ import annotations

import pytest

from payout.errors import FundsShort, TransferRefused
from payout.transfer import KeyImage, Output, Place
from tests.contracts.coin.world import COIN, CoinWorld, knows, look, pay, unlock_all


class PreparingContract:
    def test_check_says_how_long_the_chain_is_and_whose_wallet_is_open(self, world: CoinWorld) -> None:
        before = world.coin.check()

        world.mine(2)

        after = world.coin.check()
        assert after.tip == before.tip + 2
        assert after.address == before.address
        assert world.coin.owns(after.address)

    def test_it_owns_its_subaddresses_and_nobody_elses_address(self, world: CoinWorld) -> None:
        mine = world.own_subaddress()
        world.coin.check()

        assert world.coin.owns(mine)
        assert not world.coin.owns(world.customer())

    def test_preparing_changes_nothing(self, world: CoinWorld) -> None:
        before = world.coin.funds()

        prepared, _ = pay(world)

        assert world.coin.funds() == before
        assert not knows(world, prepared)
        sighting = look(world, prepared)
        assert sighting.place is Place.UNSEEN
        assert sighting.key_images == (KeyImage.FREE,) * len(prepared.key_images)

    def test_two_prepared_transfers_spend_the_same_outputs(self, world: CoinWorld) -> None:
        one, _ = pay(world)
        two, _ = pay(world)

        assert one.txid != two.txid
        assert set(one.key_images) & set(two.key_images)

    def test_a_batch_pays_each_destination_its_own_amount(self, world: CoinWorld) -> None:
        outputs = [Output(address=world.customer(), units=COIN + i) for i in range(15)]

        prepared = world.coin.prepare(outputs)

        assert prepared.outputs == tuple(outputs)
        assert prepared.fee > 0
        world.coin.relay(prepared.payload)
        world.mine()
        assert [world.received(o.address) for o in outputs] == [o.units for o in outputs]

    def test_the_fee_hint_is_near_the_fee_of_a_full_batch(self, world: CoinWorld) -> None:
        outputs = [Output(address=world.customer(), units=COIN) for _ in range(15)]

        fee = world.coin.prepare(outputs).fee

        assert fee <= 2 * world.coin.fee_hint() <= 4 * fee

    def test_more_than_the_wallet_has_is_short(self, world: CoinWorld) -> None:
        with pytest.raises(FundsShort, match="not enough money"):
            pay(world, world.coin.funds().balance + COIN)

    def test_more_than_is_unlocked_is_short_until_it_unlocks(self, world: CoinWorld) -> None:
        unlock_all(world)
        prepared, _ = pay(world)
        world.coin.relay(prepared.payload)
        unlocked = world.coin.funds().unlocked

        with pytest.raises(FundsShort, match="not enough unlocked money"):
            pay(world, unlocked + COIN)

        world.mine(10)
        world.coin.check()
        pay(world, unlocked + COIN)

    def test_sixteen_destinations_are_refused(self, world: CoinWorld) -> None:
        address = world.customer()

        with pytest.raises(TransferRefused):
            world.coin.prepare([Output(address=address, units=COIN)] * 16)

    def test_no_destination_is_refused(self, world: CoinWorld) -> None:
        with pytest.raises(TransferRefused):
            world.coin.prepare([])

    @pytest.mark.parametrize("units", [0, -1])
    def test_an_amount_that_is_not_positive_is_refused(self, world: CoinWorld, units: int) -> None:
        with pytest.raises(TransferRefused):
            pay(world, units)

    def test_an_integrated_address_goes_alone_or_not_at_all(self, world: CoinWorld) -> None:
        integrated = Output(address=world.integrated(), units=COIN)
        other = Output(address=world.customer(), units=COIN)

        with pytest.raises(TransferRefused):
            world.coin.prepare([integrated, other])

        assert world.coin.alone(integrated.address)
        assert not world.coin.alone(other.address)
        prepared = world.coin.prepare([integrated])
        world.coin.relay(prepared.payload)
        world.mine()
        assert world.received(integrated.address) == COIN
