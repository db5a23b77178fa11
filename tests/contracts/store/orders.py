"""Orders: one live a refund, what no two may share, and the rows that they name."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payout.asset import Asset
from payout.change import Change
from payout.errors import OrderTaken, StaleWrite
from payout.money import Money
from payout.order import Order, OrderStatus, Stage
from payout.ports import Store
from payout.refund import Refund
from tests.factories import (
    NOW,
    USDT,
    answered,
    digest,
    make_attempt,
    make_funding,
    make_order,
    make_swapped,
    make_transfer,
    xmr,
)

HOUR = timedelta(hours=1)
WEI = Asset(code="ETH", network="ETH", decimals=18)


def asked(store: Store, name: str = "E-1", **facts: Any) -> Order:
    """An order on record of a refund of its own."""
    refund = make_swapped(name)
    order = make_order(refund, **facts)
    store.commit(Change(refunds=(refund,), orders=(order,)))
    return order


def unfunded(store: Store, name: str = "E-1", **facts: Any) -> Order:
    """As `asked`, with its processor's answer."""
    order = answered(asked(store, name), **facts)
    store.commit(Change(orders=(order,)))
    return order


def funded(store: Store, name: str = "E-1", **facts: Any) -> Order:
    """As `unfunded`, with its deposit paid."""
    order = unfunded(store, name)
    transfer = make_funding(f"funding of {name}", order)
    order = order.to(OrderStatus.FUNDED, transfer_id=transfer.id, funded_at=NOW, **facts)
    store.commit(Change(orders=(order,), transfers=(transfer,)))
    return order


class Orders:
    def test_every_field_of_an_order_is_given_back_as_it_was_written(self, store: Store) -> None:
        refund = make_swapped(asset=WEI)
        asked = make_order(
            refund,
            number=7,
            receive=Money(10**24 + 1, WEI),
            memo="memo",
            offer_ref="rate-1",
            offer_expires_at=NOW + HOUR,
            return_index=2**40,
        )
        store.commit(Change(refunds=(refund,), orders=(asked,)))
        assert store.order(asked.id) == asked

        transfer = make_transfer("T-1")
        whole = answered(asked).to(
            OrderStatus.FUNDED,
            transfer_id=transfer.id,
            stage=Stage.HOLD,
            reason="kyc",
            support_url="https://example.com/help",
            missing=2,
            settle_txid=digest("settled"),
            arrival_id=digest("arrival"),
            settle_height=2**40,
            settle_block=digest("block"),
            attested_by="alice",
            return_txid=digest("returned"),
            returned_units=7,
            trouble="they want papers",
            funded_at=NOW + HOUR,
            ended_at=NOW + 2 * HOUR,
            poked_at=NOW + 3 * HOUR,
            watched=True,
        )
        store.commit(Change(orders=(answered(asked), whole), transfers=(transfer,)))

        assert store.order(asked.id) == whole

    def test_a_change_of_an_old_version_of_an_order_is_refused(self, store: Store) -> None:
        order = unfunded(store)

        for stale in (order, replace(order, version=5), replace(order, version=0), make_order(make_swapped())):
            with pytest.raises(StaleWrite, match="order"):
                store.commit(Change(orders=(stale,)))
        with pytest.raises(StaleWrite, match="order"):
            store.commit(Change(orders=(replace(order, number=2, version=1),)))

        assert store.order(order.id) == order
        assert store.list_orders() == (order,)

    def test_a_refund_has_one_live_order(self, store: Store) -> None:
        first = unfunded(store)

        with pytest.raises(OrderTaken, match=first.id):
            store.commit(Change(orders=(make_order(make_swapped(), number=2),)))
        store.commit(Change(orders=(first.to(OrderStatus.DROPPED),)))
        store.commit(Change(orders=(make_order(make_swapped(), number=2),)))
        assert len(store.orders_of([first.refund_id])) == 2

    def test_two_live_orders_of_a_refund_cannot_come_in_one_change(self, store: Store) -> None:
        refund = make_swapped()
        pair = tuple(make_order(refund, number=number) for number in (1, 2))

        with pytest.raises(OrderTaken):
            store.commit(Change(refunds=(refund,), orders=pair))

        assert store.refund(refund.id) is None

    def test_an_order_that_ends_makes_room_for_the_next_in_the_same_change(self, store: Store) -> None:
        first = unfunded(store)
        second = make_order(make_swapped(), number=2)
        ended = first.to(OrderStatus.DROPPED)

        store.commit(Change(orders=(second, ended)))

        assert store.orders_of([first.refund_id]) == (ended, second)

    def test_an_order_that_came_back_to_life_takes_the_place_of_one_that_ends_with_it(self, store: Store) -> None:
        first = unfunded(store)
        dropped = first.to(OrderStatus.DROPPED)
        second = make_order(make_swapped(), number=2)
        store.commit(Change(orders=(dropped, second)))
        transfer = make_funding("T-1", first)
        alive = dropped.to(OrderStatus.FUNDED, transfer_id=transfer.id)

        with pytest.raises(OrderTaken):
            store.commit(Change(orders=(alive,), transfers=(transfer,)))
        store.commit(Change(orders=(alive, second.to(OrderStatus.DROPPED)), transfers=(transfer,)))
        assert store.order(first.id) == alive

    @pytest.mark.parametrize("ended", [False, True])
    def test_no_two_orders_return_to_one_address(self, store: Store, *, ended: bool) -> None:
        first = asked(store, "E-1", return_address="8abc")
        if ended:
            store.commit(Change(orders=(first.to(OrderStatus.DROPPED),)))
        other = make_swapped("E-2")

        with pytest.raises(OrderTaken, match="return address"):
            store.commit(Change(refunds=(other,), orders=(make_order(other, return_address="8abc"),)))

    @pytest.mark.parametrize("ended", [False, True])
    def test_no_two_orders_have_one_deposit_address(self, store: Store, *, ended: bool) -> None:
        first = unfunded(store, "E-1", deposit_address="8def")
        if ended:
            store.commit(Change(orders=(first.to(OrderStatus.DROPPED),)))
        second = asked(store, "E-2")

        with pytest.raises(OrderTaken, match="deposit address"):
            store.commit(Change(orders=(answered(second, deposit_address="8def"),)))

        assert store.order(second.id) == second

    def test_no_two_orders_of_a_processor_have_one_id_and_two_processors_may(self, store: Store) -> None:
        unfunded(store, "E-1", processor_id="swap-1")
        second = asked(store, "E-2")
        elsewhere = asked(store, "E-3", processor="exolix")

        with pytest.raises(OrderTaken, match="processor's id"):
            store.commit(Change(orders=(answered(second, processor_id="swap-1"),)))
        store.commit(Change(orders=(answered(elsewhere, processor_id="swap-1"),)))

    def test_an_arrival_settles_one_order_of_its_network(self, store: Store) -> None:
        first, second = funded(store, "E-1"), funded(store, "E-2")
        third = funded(store, "E-3")
        on_another = replace(third, receive=Money(1, replace(USDT, network="ETH")))
        store.commit(Change(orders=(first.to(OrderStatus.SETTLED, arrival_id="tx:0"),)))

        with pytest.raises(OrderTaken, match="arrival"):
            store.commit(Change(orders=(second.to(OrderStatus.SETTLED, arrival_id="tx:0"),)))
        store.commit(Change(orders=(second.to(OrderStatus.SETTLED, arrival_id="tx:1"),)))
        store.commit(Change(orders=(on_another.to(OrderStatus.SETTLED, arrival_id="tx:0"),)))

        assert store.arrivals_taken(["tx:0", "tx:1", "tx:2"]) == {"tx:0", "tx:1"}
        assert store.arrivals_taken([]) == frozenset()

    def test_claims_of_two_orders_of_one_change_are_compared_too(self, store: Store) -> None:
        first, second = asked(store, "E-1"), asked(store, "E-2")
        pair = tuple(answered(each, deposit_address="8def") for each in (first, second))

        with pytest.raises(OrderTaken, match="deposit address"):
            store.commit(Change(orders=pair))

    def test_a_moved_order_is_told_before_one_that_is_taken(self, store: Store) -> None:
        first = unfunded(store, "E-1")
        second = make_order(make_swapped(), number=2)

        with pytest.raises(StaleWrite):
            store.commit(Change(orders=(second, first)))

    def test_a_change_of_a_taken_order_writes_nothing_at_all(self, store: Store) -> None:
        first = unfunded(store)
        refund, transfer = make_swapped("E-2"), make_transfer("T-1")
        again = make_order(make_swapped(), number=2)

        with pytest.raises(OrderTaken):
            store.commit(Change(refunds=(refund,), transfers=(transfer,), orders=(again,)))

        assert store.refund(refund.id) is None
        assert store.transfer(transfer.id) is None
        assert store.list_orders() == (first,)

    def test_orders_that_name_what_is_not_on_record_are_refused(self, store: Store) -> None:
        order = unfunded(store)
        adrift = order.to(OrderStatus.FUNDED, transfer_id=digest("nowhere"))

        with pytest.raises(StaleWrite):
            store.commit(Change(orders=(adrift,)))
        with pytest.raises(StaleWrite):
            store.commit(Change(orders=(make_order(make_swapped("nobody")),)))

    def test_an_attempt_keeps_its_order_and_needs_it_on_record(self, store: Store) -> None:
        order = unfunded(store)
        transfer = make_funding("T-1", order)
        attempt = make_attempt(
            self._refund(store, order),
            transfer,
            order_id=order.id,
            deposit_address=order.deposit_address,
            amount=order.receive,
        )

        with pytest.raises(StaleWrite, match="order"):
            store.commit(Change(attempts=(replace(attempt, order_id="nobody/o1"),), transfers=(transfer,)))
        store.commit(Change(attempts=(attempt,), transfers=(transfer,)))

        assert store.attempts([order.refund_id]) == (attempt,)
        assert store.transfer(transfer.id) == transfer

    def test_an_order_and_its_refund_and_attempt_may_come_in_one_change(self, store: Store) -> None:
        refund = make_swapped()
        order = make_order(refund)
        transfer = make_transfer("T-1")
        lost = replace(
            answered(order), status=OrderStatus.FUNDED, transfer_id=transfer.id, deposit=xmr("0.08"), version=0
        )
        attempt = make_attempt(refund, transfer, order_id=lost.id)

        store.commit(Change(refunds=(refund,), orders=(lost,), transfers=(transfer,), attempts=(attempt,)))

        assert store.orders_funded_by(transfer.id) == (lost,)

    def test_a_look_is_asked_for_at_funded_orders_only_and_changes_no_version(self, store: Store) -> None:
        waits = unfunded(store, "E-1", processor_id="swap-1")
        order = funded(store, "E-2")

        assert not store.poke("changenow", "swap-1", NOW)
        assert not store.poke("exolix", str(order.processor_id), NOW)
        assert store.poke("changenow", str(order.processor_id), NOW)

        assert store.order(waits.id) == waits
        assert store.order(order.id) == replace(order, poked_at=NOW)

    def test_no_write_takes_a_wish_for_a_look_back(self, store: Store) -> None:
        order = funded(store)
        name = str(order.processor_id)
        store.poke("changenow", name, NOW + HOUR)
        store.poke("changenow", name, NOW)

        store.commit(Change(orders=(order.to(OrderStatus.FUNDED, trouble="slow"),)))

        kept = store.order(order.id)
        assert kept is not None
        assert (kept.poked_at, kept.trouble) == (NOW + HOUR, "slow")
        store.commit(Change(orders=(kept.to(OrderStatus.FUNDED, poked_at=NOW + 2 * HOUR),)))
        assert store.order(order.id) == replace(kept, version=kept.version + 1, poked_at=NOW + 2 * HOUR)

    def _refund(self, store: Store, order: Order) -> Refund:
        refund = store.refund(order.refund_id)
        assert refund is not None
        return refund
