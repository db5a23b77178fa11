"""
What every coin must do. A subclass gives the world: a wallet, its node, and customers.

The in-memory coin passes the same tests as the real wallet, or the simulator proves nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

import pytest

from payout.errors import FundsShort, RailUnavailable, TransferRefused
from payout.ports import Coin
from payout.transfer import (
    KeyImage,
    Output,
    Place,
    Prepared,
    Sighting,
    Transfer,
    TransferKind,
)

COIN = 10**12


class CoinWorld(Protocol):
    """A coin with some 16 unlocked outputs of 10 coins each, and hands on the network behind it."""

    @property
    def coin(self) -> Coin: ...
    def customer(self) -> str:
        """A fresh address of somebody else's."""
        ...

    def integrated(self) -> str: ...
    def own_subaddress(self) -> str: ...
    def received(self, address: str) -> int:
        """What the customer's own wallet got there, mined."""
        ...

    def mine(self, count: int = 1) -> None: ...
    def pop(self, count: int) -> None:
        """Take blocks off; their transactions return to the pool."""
        ...

    def flush(self) -> None: ...
    def kill_wallet(self) -> None:
        """SIGKILL; the process runs again, with no wallet open."""
        ...

    def stop_node(self) -> None: ...
    def start_node(self) -> None: ...


def pay(world: CoinWorld, units: int = COIN) -> tuple[Prepared, str]:
    """A prepared payment, and whom it pays."""
    address = world.customer()
    return world.coin.prepare([Output(address=address, units=units)]), address


def committed(prepared: Prepared) -> Transfer:
    return Transfer(
        id=prepared.txid,
        wallet="hot",
        kind=TransferKind.PAYOUT,
        outputs=prepared.outputs,
        fee=prepared.fee,
        key_images=prepared.key_images,
        sealed="",
        committed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def look(world: CoinWorld, prepared: Prepared) -> Sighting:
    return world.coin.look([committed(prepared)])[prepared.txid]


class CoinContract:
    """Subclass it with a fixture `world`."""

    # ------------------------------------------------------------ standing

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

    # ------------------------------------------------------------ preparing

    def test_preparing_changes_nothing(self, world: CoinWorld) -> None:
        before = world.coin.funds()

        prepared, _ = pay(world)

        assert world.coin.funds() == before
        assert not world.coin.knows(prepared.txid)
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

        prepared = world.coin.prepare([integrated])
        world.coin.relay(prepared.payload)
        world.mine()
        assert world.received(integrated.address) == COIN

    # ------------------------------------------------------------ broadcasting and following

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
        assert unlocked.unlocked == unlocked.balance == sum(h.units for h in unlocked.holdings)

    def test_a_payment_can_be_proved_once_it_is_in_the_pool(self, world: CoinWorld) -> None:
        prepared, customer = pay(world)

        with pytest.raises(RailUnavailable):
            world.coin.prove(prepared.txid, customer, "refund-1")
        world.coin.relay(prepared.payload)

        assert world.coin.prove(prepared.txid, customer, "refund-1")

    # ------------------------------------------------------------ the wallet errs

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
        knew = world.coin.knows(prepared.txid)

        world.kill_wallet()
        world.coin.check()
        rival, _ = pay(world)
        forgot = not world.coin.knows(prepared.txid)
        world.coin.relay(prepared.payload)

        assert knew
        assert forgot
        assert set(rival.key_images) & set(prepared.key_images)
        assert world.coin.knows(prepared.txid)
        assert world.coin.prove(prepared.txid, customer, "refund-1")
        world.mine()
        assert world.received(customer) == COIN

    def test_what_was_saved_survives_a_kill(self, world: CoinWorld) -> None:
        prepared, customer = pay(world)
        world.coin.relay(prepared.payload)
        world.coin.save()

        world.kill_wallet()
        world.coin.check()

        assert world.coin.knows(prepared.txid)
        assert world.coin.prove(prepared.txid, customer, "refund-1")

    def test_relaying_what_is_mined_poisons_the_wallet_and_mending_heals_it(self, world: CoinWorld) -> None:
        prepared, _ = pay(world)
        world.coin.relay(prepared.payload)
        world.mine()
        world.coin.check()
        true_balance = world.coin.funds().balance

        world.coin.relay(prepared.payload)
        poisoned = world.coin.funds().balance
        world.coin.mend(prepared.txid)

        assert poisoned > true_balance
        assert world.coin.funds().balance == true_balance
        assert world.coin.knows(prepared.txid)

    # ------------------------------------------------------------ giving up

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

    # ------------------------------------------------------------ the node is away

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
            lambda: world.coin.knows(prepared.txid),
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
