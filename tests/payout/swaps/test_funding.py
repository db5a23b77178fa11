"""Funding: an order's deposit is paid once, whole, and in transfers of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payout.batch import Item, choose
from payout.swaps.readings import Readings
from payout.transfer import TransferKind
from tests.factories import xmr
from tests.payout.swaps.brokering import BTC, ETH
from tests.payout.swaps.depositing import Till
from tests.scenarios.world import HOT


@pytest.fixture
def till() -> Till:
    return Till()


def test_an_order_is_funded_whole_at_its_deposit_address_and_its_refund_is_paying(till: Till) -> None:
    key = till.ordered()
    till.worker().pay()
    till.mine()
    order = till.order(key)
    assert till.standing(key) == ("PAYING", "FUNDED")
    assert order.deposit is not None
    assert till.deposited(order) == [order.deposit.units]
    assert (order.transfer_id, order.funded_at) == (till.funding().id, till.funding().committed_at)
    (attempt,) = till.attempts(key)
    assert (attempt.order_id, attempt.deposit_address) == (order.id, order.deposit_address)
    assert (attempt.amount, attempt.destination) == (order.receive, till.refund(key).destination)


def test_an_order_is_never_funded_twice_by_any_number_of_ticks_and_processes(till: Till) -> None:
    key = till.ordered()
    for number in range(6):
        till.worker(owner="ab"[number % 2]).pay()
        till.clock.pass_by(31)
        till.refresh()
    till.mine()
    assert len(till.fundings()) == 1
    assert len(till.deposited(till.order(key))) == 1


def test_a_refund_is_never_funded_twice_though_two_of_its_orders_are_live(till: Till) -> None:
    key = till.ordered()
    one = till.order(key)
    word = till.alpha.orders["alpha-1"].said
    twin = replace(
        one, number=2, processor_id="alpha-2", deposit_address="deposit-alpha-2", return_address=f"{HOT}-2", version=1
    )
    till.store._t.orders[twin.id] = twin
    other = replace(word, processor_id="alpha-2", deposit_address="deposit-alpha-2", return_address=twin.return_address)
    till.alpha.orders["alpha-2"] = replace(till.alpha.orders["alpha-1"], said=other)
    till.readings.take("alpha", other, till.clock.now())
    for _ in range(3):
        till.worker().pay()
    assert len(till.attempts(key)) <= 1
    assert len(till.sent_to_services()) <= 1


def test_orders_share_a_transfer_and_never_with_a_refund_that_is_paid_directly(till: Till) -> None:
    keys = [till.ordered(f"E-{number}", asset=asset) for number, asset in enumerate((BTC, ETH, BTC))]
    direct = till.refund_in_xmr("E-9")
    till.worker().pay()
    assert {till.last(key).transfer_id for key in keys} == {till.funding().id}
    (payout,) = [each for each in till.store.list_transfers() if each.kind is TransferKind.PAYOUT]
    assert till.attempts(direct)[0].transfer_id == payout.id
    assert till.store.attempts_of([payout.id]) == till.attempts(direct)


def test_a_direct_refund_goes_before_the_orders(till: Till) -> None:
    till.ordered()
    till.refund_in_xmr("E-9")
    till.worker().pay()
    kinds = [till.store.transfer(txid).kind for txid in till.chain.first_broadcasts]  # type: ignore[union-attr]
    assert kinds == [TransferKind.PAYOUT, TransferKind.FUNDING]


def test_an_order_does_not_wait_for_a_fuller_batch_though_outputs_are_scarce(till: Till) -> None:
    lock_all_but(till, 2)
    key, direct = till.ordered(), till.refund_in_xmr("E-9")
    till.worker().pay()
    assert till.waiting(direct).startswith("a fuller batch")
    assert till.standing(key) == ("PAYING", "FUNDED")


def test_an_integrated_deposit_address_goes_alone(till: Till) -> None:
    keys = [till.ordered(f"E-{number}") for number in range(3)]
    till.purse.integrated_addresses.add(till.last(keys[1]).deposit_address or "")
    till.worker().pay()
    by_transfer = [len([output for output in each.outputs if not output.own]) for each in till.fundings()]
    assert sorted(by_transfer) == [1, 2]
    assert all(till.standing(key) == ("PAYING", "FUNDED") for key in keys)


def test_the_proof_that_is_kept_is_of_the_deposit(till: Till) -> None:
    key = till.ordered()
    till.worker().pay()
    (attempt,) = till.attempts(key)
    assert attempt.proof == f"proof:{attempt.transfer_id}:{till.order(key).deposit_address}:{key}"


def test_what_is_owed_raises_the_counters_of_the_day_and_of_the_processor(till: Till) -> None:
    till.ordered("E-1", "32.00")
    till.ordered("E-2", "10.00")
    till.worker().pay()
    day = till.clock.now().date().isoformat()
    assert till.store.cap_used("day", day) == 4200
    assert till.store.cap_used("processor:alpha", day) == 4200
    assert till.store.cap_used("processor:beta", day) == 0


def test_the_wallet_is_not_split_while_an_order_waits_to_be_funded(till: Till) -> None:
    lock_all_but(till, 2)
    key = till.ordered()
    worker = till.worker(readings=Readings())
    worker.pay()
    assert till.store.list_transfers() == ()
    till.edit_order(till.order(key), wallet="another")
    worker.pay()
    assert [each.kind for each in till.store.list_transfers()] == [TransferKind.SPLIT]


def lock_all_but(till: Till, count: int) -> None:
    """The wallet keeps so many outputs."""
    for holding in till.purse.funds().holdings[count:]:
        till.purse._book.marked[holding.key_image] = "spent elsewhere"


def test_a_batch_holds_orders_or_direct_refunds_and_never_both(till: Till) -> None:
    key, direct = till.ordered(), till.refund_in_xmr("E-9")
    order = till.order(key)
    assert order.deposit is not None
    items = [
        Item(refund=till.refund(key), amount=order.deposit, order=order),
        Item(refund=till.refund(direct), amount=xmr("0.1")),
    ]
    for mixed in (items, items[::-1]):
        batch = choose(
            mixed,
            funds=till.purse.funds(),
            expected=0,
            fee=till.coin.fee_hint(),
            rules=till.wallet().rules,
            now=till.clock.now(),
        )
        assert batch.items == (mixed[0],)
