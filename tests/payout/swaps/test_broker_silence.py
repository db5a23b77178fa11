"""Ways found in review to keep an approved refund from its order, without a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from payout.caps import utc_day
from payout.change import Change
from payout.errors import RailUnavailable
from payout.order import OrderStatus
from payout.spend_journal import Entry
from tests.payout.swaps.brokering import Bazaar
from tests.payout.swaps.depositing import Till
from tests.scenarios.world import HOT


def test_a_gap_in_the_numbers_of_its_orders_does_not_keep_a_refund_from_a_new_one() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.tick()
    tables = bazaar.store._t
    (order,) = bazaar.orders(key)
    # As after a repair: the journal knew of the second order alone.
    del tables.orders[order.id]
    second = replace(order, number=2, status=OrderStatus.DROPPED, version=order.version + 1, asked_at=order.asked_at)
    tables.orders[second.id] = second
    bazaar.clock.pass_by(3600)
    bazaar.tick(2, seconds=70)
    assert [each.number for each in bazaar.orders(key)][-1] == 3


def test_orders_of_a_wallet_that_pays_for_them_no_more_do_not_block_their_refunds() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.tick()
    bazaar.edit_order(bazaar.order(key), wallet="the old wallet")
    bazaar.tick(2, seconds=70)
    assert bazaar.statuses(key) == ["DROPPED", "UNFUNDED"]


def test_an_order_that_was_asked_for_by_a_wallet_that_pays_no_more_does_not_block_its_refund() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    bazaar.tick()
    order = bazaar.order(key)
    asked = {"status": OrderStatus.ASKED, "processor_id": None, "deposit": None, "deposit_address": None}
    bazaar.edit_order(order, wallet="the old wallet", **asked)
    bazaar.clock.pass_by(180)
    bazaar.tick(2, seconds=70)
    assert bazaar.statuses(key) == ["DROPPED", "UNFUNDED"]


def test_no_order_is_asked_for_while_the_database_is_behind_the_journal() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    lost = {"attempts": [], "kind": "FUNDING"}
    bazaar.journal.append(Entry.COMMIT, "a transfer that the database forgot", bazaar.clock.now(), lost)
    bazaar.tick()
    assert bazaar.orders(key) == ()
    assert "payout reconcile --repair" in bazaar.waiting(key)


def test_what_was_said_of_orders_that_another_process_ended_is_forgotten() -> None:
    till = Till()
    key = till.ordered()
    order = till.last(key)
    other = till.broker()
    other.tick()
    store = till.store
    store.commit(Change(orders=(order.to(OrderStatus.DROPPED, ended_at=till.clock.now()),)))
    other.tick()
    assert till.readings.latest(order.processor, order.processor_id or "") is None


def test_a_clock_that_is_set_back_does_not_keep_a_refund_from_being_quoted_again() -> None:
    bazaar = Bazaar()
    key = bazaar.approved()
    broker = bazaar.broker()
    for service in bazaar.services.values():
        service.script["quote"] = [RailUnavailable("down")]
    bazaar.clock.pass_by(timedelta(days=1).total_seconds())
    broker.tick()
    assert bazaar.orders(key) == ()
    bazaar.clock.time -= timedelta(hours=12)
    broker.tick()
    assert bazaar.statuses(key) == ["UNFUNDED"]


def test_a_deposit_is_never_paid_again_for_another_refund_whatever_the_database_says() -> None:
    till = Till()
    first = till.ordered("E-1", destination="the same customer")
    till.worker().pay()
    funded = till.last(first)
    second = till.ordered("E-2", destination="the same customer")
    edited = till.last(second)
    # Somebody makes the second order's row point at the order that the first one has paid for.
    till.edit_order(funded, processor_id="moved", deposit_address="moved", return_address="moved")
    till.edit_order(
        edited,
        processor_id=funded.processor_id,
        deposit_address=funded.deposit_address,
        return_address=funded.return_address,
        deposit=funded.deposit,
        offered=funded.offered,
    )
    till.refresh()
    till.worker().pay()
    assert [row.kind for row in till.fundings()] == ["FUNDING"]


def test_orders_whose_funding_never_left_count_among_those_that_came_to_nothing() -> None:
    till = Till()
    key = till.ordered()
    for _ in range(4):
        order = till.last(key)
        if order.status is OrderStatus.UNFUNDED:
            # Its funding was committed, came too late, and was given up unsent.
            dropped = {"status": OrderStatus.DROPPED, "transfer_id": f"void {order.id}", "ended_at": till.clock.now()}
            till.edit_order(order, **dropped)
        till.clock.pass_by(120)
        till.refresh()
    assert len(till.orders(key)) == till.rules.unfunded_per_hour


def test_a_clock_that_is_set_back_does_not_keep_an_order_from_being_funded() -> None:
    till = Till()
    key = till.ordered()
    till.clock.time -= timedelta(minutes=10)
    till.refresh()
    till.worker().pay()
    assert till.standing(key) == ("PAYING", "FUNDED")


def test_a_processors_cap_of_the_day_holds_by_the_journal_where_the_database_forgot_what_was_used() -> None:
    till = Till(choose=("alpha",))
    till.chain.fund(HOT, 10**14, outputs=10)
    till.mine(11)
    for number in range(2):
        till.ordered(f"E-{number}", owed="399.00")
    till.worker().pay()
    assert till.store.cap_used("processor:alpha", utc_day(till.clock.now())) == 79_800
    third = till.approved("E-3", owed="399.00")
    till.store._t.counters.clear()
    till.refresh()
    till.worker().pay()
    assert till.refund(third).status == "APPROVED"
    assert "day_max_usd" in till.waiting(third)


def test_no_deposit_passes_a_processors_cap_of_the_day_where_the_database_forgot_what_was_used() -> None:
    till = Till(choose=("alpha",))
    till.chain.fund(HOT, 10**14, outputs=10)
    till.mine(11)
    for number in range(2):
        till.ordered(f"E-{number}", owed="399.00")
    till.store._t.counters.clear()
    third = till.ordered("E-3", owed="399.00")
    till.worker().pay()
    till.store._t.counters.clear()
    till.refresh()
    till.worker().pay()
    assert till.refund(third).status == "APPROVED"
