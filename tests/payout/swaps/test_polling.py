"""The polling plan: how often an order is looked at, and what makes a look come now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from payout.order import Order, OrderStatus
from payout.swaps.polling import Polling, interval
from tests.factories import NOW, answered, make_order, make_swapped

SECOND = timedelta(seconds=1)


def funded(**changes: Any) -> Order:
    order = answered(make_order(make_swapped()))
    return order.to(OrderStatus.FUNDED, **{"transfer_id": "t", "funded_at": NOW, **changes})


@pytest.mark.parametrize(
    ("age", "every"),
    [
        (timedelta(0), timedelta(seconds=15)),
        (timedelta(minutes=10) - SECOND, timedelta(seconds=15)),
        (timedelta(minutes=10), timedelta(seconds=60)),
        (timedelta(hours=2) - SECOND, timedelta(seconds=60)),
        (timedelta(hours=2), timedelta(minutes=10)),
        (timedelta(hours=24) - SECOND, timedelta(minutes=10)),
        (timedelta(hours=24), timedelta(hours=1)),
        (timedelta(days=90), timedelta(hours=1)),
    ],
)
def test_an_order_is_looked_at_less_often_the_older_its_funding_is(age: timedelta, every: timedelta) -> None:
    assert interval(funded(), NOW + age) == every


def test_an_order_that_was_never_looked_at_is_due() -> None:
    assert Polling().due(funded(), NOW)


def test_an_order_is_due_again_after_about_its_interval() -> None:
    polling, order = Polling(), funded()
    polling.looked(order, NOW)
    assert not polling.due(order, NOW + timedelta(seconds=13))
    assert polling.due(order, NOW + timedelta(seconds=17))


def test_the_looks_at_many_orders_spread() -> None:
    polling = Polling()
    orders = [answered(make_order(make_swapped(f"E-{n}"))) for n in range(50)]
    for order in orders:
        polling.looked(order, NOW)
    at = NOW + timedelta(minutes=10)
    due = [order for order in orders if polling.due(order, at)]
    assert 0 < len(due) < len(orders)


def test_a_poke_since_the_last_look_makes_it_due_now_whatever_the_clock_of_whoever_poked() -> None:
    polling = Polling()
    polling.looked(funded(), NOW)
    poked = funded(poked_at=NOW - timedelta(minutes=5))
    assert polling.due(poked, NOW + SECOND)
    polling.looked(poked, NOW + SECOND)
    assert not polling.due(poked, NOW + 2 * SECOND)


def test_what_is_no_longer_followed_is_forgotten() -> None:
    polling = Polling()
    polling.looked(funded(), NOW)
    polling.keep([])
    assert polling.due(funded(), NOW)
