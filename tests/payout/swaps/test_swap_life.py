"""Whole lives of swaps, from an approved refund to what its customer received: orders made, funded, followed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.memory.processor import Outcome
from payout.order import OrderStatus, Stage
from payout.refund import RefundStatus
from payout.resolution import Resolution
from payout.transfer import TransferStatus
from tests.payout.swaps.brokering import BTC, ETH
from tests.payout.swaps.swapping import Life

PAID = ("PAID", "SETTLED")


def test_a_refund_in_another_coin_is_paid_through_a_processor_once_and_to_the_unit() -> None:
    life = Life()
    key = life.funded()
    order = life.last(key)
    life.settles(order)
    life.wait_for_look()
    assert life.standing(key) == PAID
    assert life.received(key) == order.receive.units
    assert life.attempts(key)[-1].proof
    life.fair(key)


def test_a_refund_is_paid_before_its_funding_is_final_where_the_processor_is_quick() -> None:
    life = Life()
    key = life.approved()
    life.tick(3)
    life.settles(life.last(key))
    life.wait_for_look()
    assert life.standing(key) == PAID
    life.blocks(12)
    assert life.standing(key) == PAID
    assert life.funding().status is TransferStatus.FINAL


def test_many_refunds_in_two_coins_share_fundings_and_each_customer_gets_theirs() -> None:
    life = Life()
    keys = [life.approved(f"E-{n}", asset=ETH if n % 2 else BTC) for n in range(6)]
    life.tick(4)
    life.blocks(12)
    for key in keys:
        life.settles(life.last(key))
    life.wait_for_look()
    assert {life.standing(key) for key in keys} == {PAID}
    assert all(life.received(key) == life.last(key).receive.units for key in keys)
    assert len(life.fundings()) < len(keys)


def test_a_deposit_that_comes_back_is_paid_anew_elsewhere_and_the_customer_gets_it_once() -> None:
    life = Life()
    key = life.funded()
    first = life.last(key)
    life.returns(first)
    life.blocks(12)
    life.wait_for_look()
    life.tick(3)
    second = life.last(key)
    assert life.store.order(first.id).status is OrderStatus.RETURNED
    assert (second.number, second.status) == (2, OrderStatus.FUNDED)
    life.blocks(11)
    life.settles(second)
    life.wait_for_look()
    assert life.standing(key) == PAID
    assert life.received(key) == second.receive.units
    assert ("return", first.id) in life.entries()
    life.fair(key)


def test_a_second_return_while_the_next_order_is_under_way_frees_nothing() -> None:
    life = Life()
    key = life.funded()
    first = life.last(key)
    life.returns(first)
    life.blocks(12)
    life.wait_for_look()
    life.tick(3)
    life.returns(first)
    life.blocks(12)
    life.wait_for_look(3)
    assert life.statuses(key) == ["RETURNED", "FUNDED"]
    assert len(life.fundings()) == 2
    life.settles(life.last(key))
    life.wait_for_look()
    assert life.standing(key) == PAID
    life.fair(key)


def test_a_payment_of_a_returned_order_stops_the_next_one_before_it_is_funded() -> None:
    life = Life()
    key = life.funded()
    first = life.last(key)
    life.returns(first)
    life.blocks(9)
    life.pricing.prices["BTC"] /= 2  # No offer is good enough: the next order waits.
    life.blocks(3)
    life.wait_for_look()
    assert life.refund(key).status is RefundStatus.APPROVED
    life.settles(first)
    life.wait_for_look()
    assert life.refund(key).status is RefundStatus.HELD
    life.pricing.prices["BTC"] *= 2
    life.tick(5)
    assert life.statuses(key)[0] == "RETURNED"
    assert len(life.fundings()) == 1
    assert life.received(key) == first.receive.units


@pytest.mark.parametrize("outcome", [Outcome.LOST, Outcome.NEVER])
def test_a_creating_call_whose_answer_was_lost_ends_in_one_funded_order(outcome: Outcome) -> None:
    life = Life()
    life.alpha.script["create"] = [outcome]
    life.beta.script["create"] = [outcome]
    key = life.approved()
    life.tick(12)
    life.blocks(11)
    order = life.last(key)
    assert order.status is OrderStatus.FUNDED
    assert len(life.fundings()) == 1
    life.settles(order)
    life.wait_for_look()
    assert life.standing(key) == PAID
    life.fair(key)


def test_an_order_that_runs_out_before_it_is_funded_costs_nothing_and_the_next_one_pays() -> None:
    life = Life()
    key = life.approved()
    life.broker().tick()
    life.clock.time += timedelta(hours=1)
    life.tick(4)
    life.blocks(11)
    life.settles(life.last(key))
    life.wait_for_look()
    assert life.standing(key) == PAID
    assert life.statuses(key)[0] == "DROPPED"
    life.fair(key)


def test_a_reorganisation_of_the_customers_chain_undoes_the_payment_until_it_is_mined_again() -> None:
    life = Life()
    key = life.funded()
    order = life.last(key)
    txid = life.settles(order)
    life.wait_for_look()
    assert life.standing(key) == PAID
    life.bitcoin.reorg(3, drop=True)
    life.wait_for_look()
    assert life.standing(key) == ("PAYING", "FUNDED")
    assert "order.reopened" in [event.kind for event in life.alarms()]
    life.tick(5)
    assert len(life.orders(key)) == 1
    life.bitcoin.again(txid)
    life.bitcoin.mine(3)
    life.wait_for_look()
    assert life.standing(key) == PAID
    life.fair(key)


def test_a_funding_that_our_chain_drops_is_broadcast_again_and_the_swap_goes_on() -> None:
    life = Life()
    key = life.approved()
    life.tick(3)
    life.chain.mine(2)
    life.chain.reorg(2, drop=True)
    life.blocks(14)
    order = life.last(key)
    assert life.deposited(order) == [order.deposit.units] if order.deposit else False
    life.settles(order)
    life.wait_for_look()
    assert life.standing(key) == PAID
    life.fair(key)


def test_a_funding_that_is_given_up_frees_its_refund_and_the_next_order_pays() -> None:
    life = Life()
    key = life.approved()
    life.tick(3)
    life.chain.flush()
    life.person().give_up(life.funding().id, "alice", "the fee was too low")
    life.blocks(15)
    assert life.statuses(key)[0] == "DROPPED"
    life.tick(3)
    life.blocks(12)
    order = life.last(key)
    assert order.status is OrderStatus.FUNDED
    life.settles(order)
    life.wait_for_look()
    assert life.standing(key) == PAID
    life.fair(key)


def test_an_order_on_hold_for_days_is_followed_and_ends_when_it_goes_on() -> None:
    life = Life()
    key = life.funded()
    order = life.last(key)
    life.says(order, Stage.HOLD, reason="documents wanted")
    life.wait_for_look(60)
    row = life.last(key)
    assert life.standing(key) == ("PAYING", "FUNDED")
    assert "on hold" in (row.trouble or "")
    assert "overdue" in (row.trouble or "")
    assert [event.kind for event in life.alarms()].count("order.troubled") == 2
    life.settles(order)
    life.wait_for_look()
    assert life.standing(key) == PAID


def test_an_order_that_its_processor_forgets_is_settled_by_the_chain() -> None:
    life = Life()
    key = life.funded()
    order = life.last(key)
    life.pays(order)
    life.service(order).forget(order.processor_id or "")
    life.wait_for_look(6)
    assert life.standing(key) == PAID


def test_an_order_that_runs_out_after_its_funding_is_late_and_is_neither_funded_nor_paid_again() -> None:
    life = Life()
    key = life.funded()
    order = life.last(key)
    life.says(order, Stage.EXPIRED)
    life.wait_for_look(4)
    assert life.standing(key) == ("PAYING", "FUNDED")
    assert "late" in (life.last(key).trouble or "")
    assert len(life.fundings()) == 1


def test_people_end_a_swap_that_brought_nothing_and_it_is_paid_anew_after_new_approvals() -> None:
    life = Life()
    key = life.funded()
    first = life.last(key)
    life.says(first, Stage.FAILED)
    life.wait_for_look()
    for who in ("alice", "bob"):
        life.person().resolve(key, Resolution.FAILED, who, "they are gone")
    life.tick(3)
    assert life.refund(key).status is RefundStatus.REQUESTED
    assert len(life.fundings()) == 1
    life.person().approve(key, "alice")
    life.tick(4)
    life.blocks(11)
    second = life.last(key)
    life.settles(second)
    life.wait_for_look()
    assert life.standing(key) == PAID
    assert life.received(key) == second.receive.units
    life.fair(key)


def test_people_settle_a_swap_whose_chain_nobody_can_ask() -> None:
    life = Life()
    del life.networks["bitcoin"]
    key = life.approved()
    life.tick(3)
    life.blocks(11)
    life.says(life.last(key), Stage.SETTLED)
    life.wait_for_look(3)
    assert life.standing(key) == ("PAYING", "FUNDED")
    assert life.last(key).settled_unproven
    for who in ("alice", "bob"):
        life.person().resolve(key, Resolution.SETTLED, who, "seen on an explorer", "0xseen")
    life.wait_for_look()
    assert life.standing(key) == PAID


def test_a_webhook_makes_the_next_tick_look() -> None:
    life = Life()
    key = life.funded()
    order = life.last(key)
    life.tick(2)
    life.settles(order)
    life.store.poke(order.processor, order.processor_id or "", life.clock.now())
    life.tick()
    assert life.standing(key) == PAID
