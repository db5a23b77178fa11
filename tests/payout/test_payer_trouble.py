"""The payer, where wallet or people turn it back between choosing and commit: it waits in words, or stops."""

from __future__ import annotations

import pytest

from adapters.memory.coin import Effect
from adapters.memory.coin.chain import FEE_PER_BYTE
from payout.errors import FundsShort, RateUnavailable, WalletUnsafe
from payout.transfer import TransferKind
from tests.payout.hands import Deeds, Hands, Once, Watch, failing, payout, status, transfers, waiting
from tests.scenarios.world import COIN, World


def test_a_wallet_that_finds_less_than_it_said_leaves_the_refund_waiting_in_its_words() -> None:
    world = World()
    key = world.approved("E1")
    watch = Watch({"coin.prepare": failing(FundsShort("0.1 XMR is locked"))})
    Hands(world, hook=watch).pay()
    assert (status(world, key), waiting(world, key)) == ("APPROVED", "unlocked funds: 0.1 XMR is locked")
    watch.before.clear()
    Hands(world, hook=watch).pay()
    assert status(world, key) == "PAYING"


def test_a_batch_that_is_too_much_for_the_wallet_is_paid_in_smaller_ones() -> None:
    world = World()
    keys = [world.approved(f"E{number}") for number in range(4)]
    too_much = Once(failing(FundsShort("the second input is gone")))
    Hands(world, hook=Watch({"coin.prepare": too_much})).pay()
    assert [status(world, key) for key in keys] == ["PAYING"] * 4
    assert [len([output for output in each.outputs if not output.own]) for each in transfers(world)] == [2, 2]


def test_a_pause_that_comes_while_the_wallet_signs_is_what_the_refund_says_that_it_waits_for() -> None:
    world = World()
    key = world.approved("E1")
    pause = Once(lambda: world.desk().pause("all", "bob", "an audit"))
    Hands(world, hook=Watch(after={"coin.prepare": pause})).pay()
    assert (status(world, key), transfers(world)) == ("APPROVED", ())
    assert waiting(world, key).startswith("all is paused by bob: an audit")


def test_what_was_sent_against_orders_and_cannot_be_recorded_names_the_refunds_to_hold() -> None:
    world = World()
    world.chain.on_first_broadcast = None  # The reader would call it what it is.
    key = world.approved("E1")
    hold = Once(lambda: world.desk().hold(key, "bob", "at the worst moment"))

    class HeldMeanwhile(Deeds):
        def at(self, point: str, *, before: bool) -> Effect | None:
            effect = super().at(point, before=before)
            if effect is not None:
                hold()
            return effect

    with pytest.raises(WalletUnsafe, match="hold the refunds E1, which it pays, before you resume"):
        Hands(world, faults=HeldMeanwhile(prepare=Effect.EARLY)).pay()
    assert transfers(world) == ()


def test_a_wallet_that_knows_everything_is_not_made_to_look_again() -> None:
    world = World()
    watch = Watch()
    hands = Hands(world, hook=watch)
    for number in range(3):
        world.approved(f"E{number}")
        hands.pay()
        world.mine(2)
    assert not {"coin.mend", "coin.rescan"} & set(watch.calls)


def test_a_mined_transfer_that_the_wallet_forgot_is_mended_and_never_relayed() -> None:
    world = World()
    world.approved("E1")
    Hands(world).pay()
    world.mine(40)
    key, watch = world.approved("E2"), Watch()
    hands = Hands(world, hook=watch)
    hands.pay()
    assert (watch.calls.count("coin.mend"), watch.calls.count("coin.relay")) == (1, 0)
    hands.track()
    hands.pay()
    assert status(world, key) == "PAYING"


def test_a_wallet_that_was_told_of_a_transfer_keeps_what_it_was_told() -> None:
    world = World()
    world.approved("E1")
    Hands(world, faults=Deeds(save=Effect.LOST)).pay()
    world.approved("E2")
    for _ in range(2):
        world.purse.kill()
        world.purse.start()
        Hands(world).pay()
    assert {each.id for each in transfers(world)} == {spend.txid for spend in world.purse.spends(0)}
    assert len(transfers(world)) == 2


def test_no_split_is_made_at_a_fee_above_the_cap_or_without_a_rate_to_know_it_by() -> None:
    world = World(outputs=1, units=8 * COIN)
    hands = Hands(world)
    world.chain.fee_per_byte = 300 * FEE_PER_BYTE
    hands.pay()
    world.chain.fee_per_byte = FEE_PER_BYTE
    world.pricing.refusal = RateUnavailable("all sources are stale")
    hands.pay()
    assert transfers(world, TransferKind.SPLIT) == ()
    world.pricing.refusal = None
    hands.pay()
    assert len(transfers(world, TransferKind.SPLIT)) == 1


def test_a_paused_wallet_makes_no_split() -> None:
    world = World(outputs=1, units=8 * COIN)
    hands = Hands(world)
    world.desk().pause("all", "alice", "an audit")
    hands.pay()
    assert transfers(world, TransferKind.SPLIT) == ()


def test_a_batch_shares_one_rate_and_one_transfer() -> None:
    world = World()
    keys = [world.approved(f"E{number}") for number in range(15)]
    Hands(world).pay()
    found = world.database.store.attempts(keys)
    assert {each.transfer_id for each in found} == {payout(world).id}
    assert len({each.quote_id for each in found}) == 1
