"""Two orders pay the same amount to one address: each payment is given to the order that it was made for."""

from __future__ import annotations

from typing import Any

import pytest

from payout.order import Order, OrderStatus, Stage
from payout.swaps.trouble import PATIENCE
from tests.payout.swaps.following import Following


class Twins(Following):
    """A second order, to the same address."""

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self.other = self.funded("E-2", **changes)

    def told(self, order: Order, stage: Stage, *named: str) -> None:
        """A look at one of them, with what its processor says of it."""
        self.says(stage, settle_txids=named, processor_id=order.processor_id)
        self.look(order)

    @property
    def ends(self) -> list[str | None]:
        """What settled each of them."""
        rows = (self.row(), self.row(self.other))
        return [row.settle_txid if row.status is OrderStatus.SETTLED else None for row in rows]


@pytest.fixture
def twins() -> Twins:
    return Twins()


def test_an_order_whose_named_payment_is_short_takes_no_other(twins: Twins) -> None:
    short, whole = twins.pays(units=24_000_000), twins.pays()
    twins.told(twins.other, Stage.EXCHANGING)
    twins.told(twins.order, Stage.SETTLED, short)
    twins.told(twins.other, Stage.SETTLED, whole)
    twins.pays()
    twins.told(twins.order, Stage.SETTLED, short)
    assert twins.ends == [None, whole]


def test_nor_does_it_once_a_reorganisation_undid_its_own(twins: Twins) -> None:
    short = twins.pays(units=24_000_000, mined=1)
    twins.told(twins.order, Stage.SETTLED, short)
    twins.tron.reorg(1, drop=True)
    whole = twins.pays()
    twins.told(twins.order, Stage.SETTLED, short)
    assert twins.ends == [None, None]
    twins.told(twins.other, Stage.SETTLED, whole)
    assert twins.ends == [None, whole]


def test_an_order_that_names_a_wrong_transaction_does_not_take_the_others(twins: Twins) -> None:
    whole = twins.pays()
    twins.told(twins.order, Stage.SETTLED, "nowhere")
    twins.told(twins.other, Stage.SETTLED, whole)
    assert twins.ends == [None, whole]


@pytest.mark.parametrize("stage", [Stage.SETTLED, Stage.VANISHED])
def test_an_order_that_names_none_waits_until_the_others_payment_is_known(twins: Twins, stage: Stage) -> None:
    whole = twins.pays()
    twins.told(twins.order, stage)
    assert twins.ends == [None, None]
    twins.told(twins.other, Stage.SETTLED, whole)
    later = twins.pays()
    twins.told(twins.order, stage)
    assert twins.ends == [later, whole]


def test_it_does_not_wait_for_one_that_names_another_payment_in_the_chain(twins: Twins) -> None:
    whole, short = twins.pays(), twins.pays(units=24_000_000)
    twins.told(twins.other, Stage.SETTLED, short)
    twins.told(twins.order, Stage.SETTLED)
    assert twins.ends == [whole, None]


def test_what_another_order_names_is_left_to_it_though_it_is_not_final(twins: Twins) -> None:
    named = twins.pays(mined=1)
    twins.told(twins.other, Stage.SENDING, named)
    twins.tron.mine(2)
    twins.told(twins.order, Stage.SETTLED)
    assert twins.ends == [None, None]


def test_it_does_not_wait_for_one_whose_deposit_is_back(twins: Twins) -> None:
    twins.comes_back(order=twins.other)
    whole = twins.pays()
    twins.told(twins.other, Stage.RETURNED)
    twins.told(twins.order, Stage.SETTLED)
    twins.told(twins.other, Stage.RETURNED)
    assert twins.ends == [whole, None]
    assert twins.row(twins.other).status is OrderStatus.RETURNED


def test_while_it_waits_a_person_is_told_why(twins: Twins) -> None:
    twins.pays()
    twins.told(twins.order, Stage.SETTLED)
    twins.clock.time += PATIENCE
    twins.told(twins.order, Stage.SETTLED)
    assert "the chain shows a payment that may be another order's" in (twins.row().trouble or "")


@pytest.mark.parametrize("changes", [{"memo": "7"}, {"destination": "another customer"}, {"units": 24_000_000}])
def test_it_does_not_wait_for_an_order_that_the_payment_cannot_be_meant_for(changes: dict[str, Any]) -> None:
    world = Twins(**changes)
    whole = world.pays()
    world.told(world.order, Stage.SETTLED)
    assert world.ends == [whole, None]


@pytest.mark.parametrize("named", [0, 2])
def test_of_two_payments_each_order_takes_the_one_of_its_amount(named: int) -> None:
    world = Twins(units=25_100_000)
    larger = world.pays(units=25_100_000)
    equal = world.pays()
    world.told(world.order, Stage.SETTLED, *(larger, equal)[:named])
    world.told(world.other, Stage.SETTLED, *(larger, equal)[:named])
    assert world.ends == [equal, larger]
