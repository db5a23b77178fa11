"""The engine takes each order from its deposit to its payout, or back, by what the chains show."""

from __future__ import annotations

import pytest

from deploy.sandbox.processor import COINS, Engine, Order, PaperTill, PaperVault, Refusal, Stage
from deploy.sandbox.processor.coin import Coin
from tests.deploy.processor.clients import BTC, EVM_ADDRESS, USDT

RECEIVE = 50 * 10**6


class World:
    """An engine, its paper chains, and one order."""

    def __init__(self) -> None:
        self.vault, self.till = PaperVault(), PaperTill()
        self.engine = Engine(self.vault, {"ethereum": self.till})
        self.order = self.make()

    def make(self) -> Order:
        rate = self.engine.quote("exolix", USDT, receive=RECEIVE)
        back = self.vault.new_address()
        return self.engine.create(rate, destination=EVM_ADDRESS, memo=None, return_address=back)

    def stage(self) -> Stage:
        return self.order.stage

    def trouble(self) -> str | None:
        return self.order.trouble

    def deposit(self, more: int = 0, *, depth: int = 1) -> str:
        return self.vault.deposit(self.order.deposit_address, self.order.deposit + more, depth=depth)


@pytest.fixture
def world() -> World:
    return World()


def test_an_order_takes_one_stage_a_step_and_pays_once(world: World) -> None:
    world.deposit(depth=0)
    world.engine.step()
    world.engine.step()
    assert world.stage() is Stage.CONFIRMING
    world.vault.mine()
    world.engine.settle()
    assert world.order.history == [
        Stage.WAITING,
        Stage.CONFIRMING,
        Stage.EXCHANGING,
        Stage.SENDING,
        Stage.FINISHED,
    ]
    world.engine.settle()
    assert len(world.till.payouts) == 1


def test_a_deposit_must_be_as_deep_as_the_policy_says(world: World) -> None:
    world.engine.policy.confirmations = 3
    world.deposit(depth=2)
    world.engine.settle()
    assert world.stage() is Stage.CONFIRMING
    world.vault.mine()
    world.engine.settle()
    assert world.stage() is Stage.FINISHED


def test_a_deposit_that_a_reorganisation_took_is_waited_for_again(world: World) -> None:
    txid = world.deposit(depth=0)
    world.engine.step()
    world.vault.forget(txid)
    world.engine.step()
    assert world.stage() is Stage.WAITING
    assert world.till.payouts == []


def test_a_payout_that_waits_for_its_block_is_still_being_sent(world: World) -> None:
    world.till.slow = True
    world.deposit()
    world.engine.settle()
    assert world.stage() is Stage.SENDING
    world.till.slow = False
    world.engine.step()
    assert world.stage() is Stage.FINISHED


def test_an_unfunded_order_expires_in_time_and_not_before(world: World) -> None:
    world.engine.advance(19 * 60)
    world.engine.step()
    assert world.stage() is Stage.WAITING
    world.engine.advance(2 * 60)
    world.engine.step()
    assert world.stage() is Stage.EXPIRED


@pytest.mark.parametrize(
    ("late", "ends"), [("hold", Stage.EXPIRED), ("pay", Stage.FINISHED), ("return", Stage.RETURNED)]
)
def test_a_late_deposit_goes_by_the_policy(late: str, ends: Stage, world: World) -> None:
    world.engine.policy.late = late
    world.engine.advance(3600)
    world.deposit()
    world.engine.settle()
    assert world.stage() is ends
    assert world.order.history[1] is Stage.EXPIRED


@pytest.mark.parametrize(
    ("more", "policy", "wish", "ends"),
    [
        (-1, "under", "return", Stage.RETURNED),
        (-1, "under", "hold", Stage.UNDERPAID),
        (-1, "under", "pay", Stage.FINISHED),
        (1, "over", "pay", Stage.FINISHED),
        (1, "over", "return", Stage.RETURNED),
        (1, "over", "hold", Stage.HELD),
    ],
)
def test_a_deposit_by_one_unit_off_goes_by_the_policy(
    more: int, policy: str, wish: str, ends: Stage, world: World
) -> None:
    setattr(world.engine.policy, policy, wish)
    world.deposit(more)
    world.engine.settle()
    assert world.stage() is ends
    assert [payout.units for payout in world.till.payouts] == ([RECEIVE] if ends is Stage.FINISHED else [])


def test_what_is_returned_is_the_deposit_less_the_fee(world: World) -> None:
    world.engine.fault("return", world.order.id)
    world.deposit()
    world.engine.settle()
    assert world.order.returned == world.order.deposit * 99 // 100
    assert world.vault.sent_back == {world.order.return_address: world.order.returned}


def test_a_return_waits_for_coins_that_can_be_spent(world: World) -> None:
    world.vault.locked = True
    world.engine.fault("return", world.order.id)
    world.deposit()
    world.engine.settle()
    assert world.stage() is Stage.RETURNING
    assert world.trouble()
    world.vault.locked = False
    world.engine.step()
    assert world.stage() is Stage.RETURNED
    assert world.trouble() is None


def test_two_deposits_count_together(world: World) -> None:
    half = world.order.deposit // 2
    world.vault.deposit(world.order.deposit_address, half, depth=1)
    world.vault.deposit(world.order.deposit_address, world.order.deposit - half, depth=1)
    world.engine.settle()
    assert world.stage() is Stage.FINISHED


class BrokenTill(PaperTill):
    """Its node answers nonsense when it pays."""

    def pay(self, coin: Coin, address: str, memo: str | None, units: int) -> str:
        super().pay(coin, address, memo, units)
        raise RuntimeError("the answer was lost")


def test_a_payout_whose_answer_is_lost_is_never_repeated(world: World) -> None:
    broken = BrokenTill()
    world.engine.tills["ethereum"] = broken
    world.deposit()
    world.engine.settle()
    assert world.stage() is Stage.HELD
    assert world.trouble() == "RuntimeError: the answer was lost"
    assert len(broken.payouts) == 1


def test_an_order_that_nothing_holds_cannot_be_released(world: World) -> None:
    with pytest.raises(ValueError, match="nothing holds it"):
        world.engine.release(world.order.id)


def test_only_coins_of_networks_with_a_till_are_listed(world: World) -> None:
    assert set(world.engine.coins) == {"ETH-ethereum", "USDT-ethereum", "USDC-ethereum"}
    assert {"BTC-bitcoin", "USDT-tron"} <= set(COINS)


@pytest.mark.parametrize(("receive", "kind"), [(10**6, "small"), (10**11, "big")])
def test_too_little_and_too_much_are_refused_with_the_bounds(receive: int, kind: str, world: World) -> None:
    with pytest.raises(Refusal) as refused:
        world.engine.quote("exolix", USDT, receive=receive)
    assert refused.value.kind == kind
    least, most = refused.value.bounds or (0, 0)
    assert 0 < least < most


def test_what_a_deposit_buys_costs_no_more_than_the_deposit(world: World) -> None:
    prices = world.engine.prices
    for deposit in (10**11, 123_456_780_000, 10**13):
        bought = prices.receive("exolix", BTC, deposit)
        assert prices.deposit("exolix", BTC, bought) <= deposit + 10**4
