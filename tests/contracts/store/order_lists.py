"""Orders as ticks and people read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from payout.asset import XMR
from payout.change import Change
from payout.order import Order, OrderStatus
from payout.ports import Store
from payout.refund import AttemptStatus, RefundLine
from payout.transfer import Place, Sighting, TransferStatus
from tests.contracts.store.orders import WEI, asked, funded, unfunded
from tests.contracts.store.steps import add
from tests.factories import (
    NOW,
    USDT,
    WALLET,
    answered,
    digest,
    make_approved,
    make_attempt,
    make_event,
    make_funding,
    make_order,
    make_refund,
    make_return_address,
    make_swapped,
    make_wallet,
)

HOUR = timedelta(hours=1)
EVERY = tuple(OrderStatus)


def at_ages(store: Store, *hours: int) -> list[Order]:
    """Orders asked for so many hours ago, as they are named."""
    return [asked(store, f"E-{number}", asked_at=NOW - age * HOUR) for number, age in enumerate(hours)]


def swapped(store: Store) -> tuple[Order, RefundLine]:
    """A refund whose order was funded: as the listing shows it."""
    store.commit(Change(wallets=(make_wallet(tip=110, tip_at=NOW),)))
    order = unfunded(store)
    refund = store.refund(order.refund_id)
    assert refund is not None
    transfer = make_funding("T-1", order, height=101, place=Place.MINED, depth=9)
    order = order.to(OrderStatus.FUNDED, transfer_id=transfer.id, funded_at=NOW)
    opened = refund.open_attempt()
    attempt = make_attempt(opened, transfer, order_id=order.id, amount=order.receive, rate=Decimal("1.00"))
    store.commit(Change(refunds=(opened,), orders=(order,), attempts=(attempt,), transfers=(transfer,)))
    return order, store.list_refunds()[0]


class OrderLists:
    def test_an_order_is_found_by_our_id_and_by_its_processors(self, store: Store) -> None:
        order = unfunded(store, "E-1", processor_id="swap-1")
        unfunded(store, "E-2")

        assert store.order(order.id) == store.order("swap-1") == order
        assert store.order("swap-9") is None

    def test_of_two_orders_with_one_id_at_two_processors_the_newest_is_found(self, store: Store) -> None:
        for number, name in enumerate(("changenow", "exolix")):
            order = asked(store, f"E-{number}", processor=name, asked_at=NOW + number * HOUR)
            newest = answered(order, processor_id="swap-1")
            store.commit(Change(orders=(newest,)))

        assert store.order("swap-1") == newest

    def test_the_orders_of_refunds_come_oldest_first(self, store: Store) -> None:
        first = asked(store, "E-1").to(OrderStatus.DROPPED)
        second = make_order(make_swapped("E-1"), number=2, asked_at=NOW + HOUR)
        store.commit(Change(orders=(first, second)))
        other = asked(store, "E-2", asked_at=NOW - HOUR)
        asked(store, "E-3")

        assert store.orders_of([second.refund_id, other.refund_id]) == (other, first, second)
        assert store.orders_of([make_refund("E-9").id]) == store.orders_of([]) == ()

    def test_live_orders_are_read_by_status_longest_asked_first(self, store: Store) -> None:
        orders = at_ages(store, 1, 3, 2)
        store.commit(Change(orders=(orders[0].to(OrderStatus.DROPPED),)))
        answer = answered(orders[2])
        store.commit(Change(orders=(answer,)))
        paid = funded(store, "E-9")

        assert store.open_orders([OrderStatus.ASKED], 9) == (orders[1],)
        assert store.open_orders([OrderStatus.ASKED, OrderStatus.UNFUNDED], 9) == (orders[1], answer)
        assert store.open_orders([OrderStatus.FUNDED], 9) == (paid,)
        assert store.open_orders(EVERY, 9) == (orders[1], answer, paid)
        assert store.open_orders(EVERY, 2) == (orders[1], answer)
        assert store.open_orders([OrderStatus.DROPPED], 9) == store.open_orders([], 9) == ()

    def test_an_order_that_ended_is_looked_at_until_it_is_watched(self, store: Store) -> None:
        at_ages(store, 1)
        settled = funded(store, "E-8").to(OrderStatus.SETTLED, ended_at=NOW)
        returned = funded(store, "E-9").to(OrderStatus.RETURNED, ended_at=NOW)
        store.commit(Change(orders=(settled, returned)))

        assert set(store.unwatched_orders(9)) == {settled, returned}
        assert len(store.unwatched_orders(1)) == 1
        store.commit(Change(orders=(settled.to(OrderStatus.SETTLED, watched=True),)))
        assert store.unwatched_orders(9) == (returned,)

    def test_orders_are_listed_newest_first_page_by_page(self, store: Store) -> None:
        orders = at_ages(store, 3, 1, 2, 1, 3, 2, 1)
        newest_first = sorted(orders, key=lambda each: (each.asked_at, each.refund_id), reverse=True)

        seen: list[Order] = []
        while page := store.list_orders(after=seen[-1].id if seen else None, limit=3):
            assert len(page) <= 3
            seen.extend(page)

        assert list(store.list_orders()) == seen == newest_first
        assert store.list_orders(after="nobody/o1") == ()

    def test_a_transfer_shows_the_orders_that_it_funds(self, store: Store) -> None:
        order = funded(store, "E-1")
        funded(store, "E-2")

        assert store.orders_funded_by(str(order.transfer_id)) == (order,)
        assert store.orders_funded_by(digest("nothing")) == ()

    def test_a_line_of_a_swap_counts_what_the_customer_gets_and_no_confirmations(self, store: Store) -> None:
        order, line = swapped(store)

        assert (line.amount_units, line.rate) == (order.receive.units, Decimal("1.00"))
        assert line.tx_ids == (order.transfer_id,)
        assert line.confirmations is None

    def test_a_line_of_a_swap_names_the_deposit_and_then_what_the_customer_got(self, store: Store) -> None:
        order, _ = swapped(store)
        settled = order.to(OrderStatus.SETTLED, settle_txid=digest("on tron"))
        store.commit(Change(orders=(settled,)))

        (line,) = store.list_refunds()

        assert line.tx_ids == (order.transfer_id, digest("on tron"))

    def test_a_line_names_the_transactions_of_every_attempt_in_their_order(self, store: Store) -> None:
        order, line = swapped(store)
        (attempt,) = store.attempts([order.refund_id])
        failed = replace(attempt, status=AttemptStatus.FAILED, closed_at=NOW)
        second = answered(make_order(make_swapped(), number=2))
        transfer = make_funding("T-2", second)
        second = replace(second, status=OrderStatus.FUNDED, transfer_id=transfer.id, settle_txid="abc", version=0)
        returned = order.to(OrderStatus.RETURNED, return_txid=digest("back"))
        again = make_attempt(line.refund, transfer, number=2, order_id=second.id, amount=second.receive)
        store.commit(Change(orders=(returned, second), attempts=(failed, again), transfers=(transfer,)))

        (line,) = store.list_refunds()

        assert line.tx_ids == (order.transfer_id, transfer.id, "abc")

    def test_a_return_address_is_free_until_an_order_has_it(self, store: Store) -> None:
        pool = tuple(make_return_address(f"A-{n}", index=n, made_at=NOW - n * HOUR) for n in (1, 2, 3))
        other = make_return_address("A-4", wallet="cold")
        store.commit(Change(return_addresses=(*pool, other)))
        assert store.free_return_addresses("hot", 9) == pool[::-1]

        asked(store, "E-1", return_address="A-3")
        assert store.free_return_addresses("hot", 9) == (pool[1], pool[0])
        assert store.free_return_addresses("hot", 1) == (pool[1],)
        store.commit(Change(orders=(make_order(make_swapped()).to(OrderStatus.DROPPED, return_address="A-3"),)))
        assert store.free_return_addresses("hot", 9) == (pool[1], pool[0])

    def test_a_return_address_is_kept_once_and_one_that_an_order_has_is_never_free(self, store: Store) -> None:
        made = make_return_address("A-1")
        store.commit(Change(return_addresses=(made,)))
        store.commit(Change(return_addresses=(replace(made, index=9),)))
        asked(store, "E-1", return_address="A-2")
        store.commit(Change(return_addresses=(make_return_address("A-2"),)))

        assert store.free_return_addresses("hot", 9) == (made,)

    def test_the_events_of_an_order_are_its_own(self, store: Store) -> None:
        mine = [make_event(f"{n}", order_id="x/o1", refund_id="x") for n in range(3)]
        store.commit(Change(events=(mine[0], make_event("other", order_id="x/o2", refund_id="x"), *mine[1:])))

        assert store.events(order_id="x/o1") == tuple(mine)
        assert store.events(order_id="x/o1", limit=2) == tuple(mine[1:])
        assert store.events(order_id="x/o1", alarms=True) == ()

    def test_the_assets_that_something_approved_is_owed_in_are_named_once(self, store: Store) -> None:
        assert store.payable_assets() == frozenset()
        add(store, make_approved("E-1"), make_swapped("E-2"), make_swapped("E-3"))
        add(store, make_refund("E-4", asset=WEI, destination="x"))

        assert store.payable_assets() == {XMR.key, USDT.key}

    def test_a_void_funding_is_still_named_by_its_orders(self, store: Store) -> None:
        order = funded(store)
        transfer = store.transfer(str(order.transfer_id))
        assert transfer is not None
        gone = transfer.see(Sighting(), NOW, TransferStatus.VOID)

        store.commit(Change(transfers=(gone,), orders=(order.to(OrderStatus.DROPPED),)))

        assert [each.status for each in store.orders_funded_by(transfer.id)] == [OrderStatus.DROPPED]
        assert store.open_transfers(WALLET) == ()
