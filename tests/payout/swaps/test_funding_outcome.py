"""What becomes of a funding: FINAL settles nothing, VOID frees what was not paid, and no order loses its own end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.memory.coin import Effect
from payout.change import Change
from payout.errors import RailUnavailable
from payout.order import OrderStatus, Stage
from payout.refund import AttemptStatus
from payout.transfer import TransferStatus
from payout.worker import WalletWorker
from tests.payout.hands import Deeds, Watch, failing
from tests.payout.swaps.depositing import Shift, Till

CONFIRMATIONS = 10


class Funded(Till):
    """One order whose funding has begun."""

    def __init__(self, **effects: Effect) -> None:
        super().__init__()
        self.key = self.ordered()
        self.network = Deeds(**effects)
        self.hands: WalletWorker = self.worker(faults=self.network)
        self.hands.pay()

    def mine_and_track(self, count: int) -> None:
        self.mine(count)
        self.hands.track()

    def give_up(self) -> None:
        """A person gives it up, and the give-up is final."""
        asked = self.funding().to(TransferStatus.OPEN, give_up_by="alice", give_up_why="it never arrived")
        self.store.commit(Change(transfers=(asked,)))
        self.network.effects.clear()
        self.hands.track()
        for _ in range(CONFIRMATIONS + 1):
            self.mine_and_track(1)

    def change_order(self, **changes: Any) -> None:
        """What its processor says."""
        self.store.commit(Change(orders=(self.order(self.key).to(OrderStatus.FUNDED, **changes),)))

    @property
    def story(self) -> tuple[str, str, str, str]:
        """Of transfer, attempt, order and refund."""
        attempt = self.attempts(self.key)[0]
        order = self.orders(self.key)[0]
        return (str(self.funding().status), str(attempt.status), str(order.status), str(self.refund(self.key).status))


def test_a_final_funding_settles_no_attempt_and_says_that_the_deposit_is_final() -> None:
    till = Funded()
    till.mine_and_track(CONFIRMATIONS)
    assert till.story == ("FINAL", "OPEN", "FUNDED", "PAYING")
    (event,) = [each for each in till.store._t.events if each.kind == "deposit.final"]
    assert (event.refund_id, event.order_id, event.alarm) == (till.key, till.order(till.key).id, False)


def test_a_proof_that_the_wallet_forgot_is_asked_for_until_the_deposit_is_final_and_no_longer() -> None:
    till = Till()
    key = till.ordered()
    watch = Watch(before={"coin.prove": failing(RailUnavailable("it has no key for it"))})
    worker = till.worker(watch)
    worker.pay()
    asked = []
    for _ in range(CONFIRMATIONS + 3):
        till.mine()
        worker.track()
        asked.append(watch.calls.count("coin.prove"))
    assert till.funding().status is TransferStatus.FINAL
    assert till.standing(key) == ("PAYING", "FUNDED")
    assert asked[0] < asked[-1] == asked[-3]


def test_a_reorganisation_reopens_the_funding_and_no_attempt() -> None:
    till = Funded()
    till.mine_and_track(CONFIRMATIONS)
    till.chain.reorg(CONFIRMATIONS, longer=1)
    till.hands.track()
    assert till.story == ("OPEN", "OPEN", "FUNDED", "PAYING")
    assert {each.kind for each in till.alarms()} == {"transfer.reopened", "deposit.reopened"}


def test_a_reorganisation_leaves_an_attempt_settled_that_its_order_has_settled() -> None:
    till = Funded()
    till.mine_and_track(CONFIRMATIONS)
    settle(till)
    till.chain.reorg(CONFIRMATIONS, longer=1)
    till.hands.track()
    assert till.story == ("OPEN", "SETTLED", "SETTLED", "PAID")


def settle(till: Funded) -> None:
    """The customer got it, by their own chain."""
    (attempt,) = till.attempts(till.key)
    now = till.clock.now()
    ended = till.order(till.key).to(OrderStatus.SETTLED, ended_at=now, arrival_id="an arrival")
    done = replace(attempt, status=AttemptStatus.SETTLED, closed_at=now)
    till.store.commit(Change(orders=(ended,), attempts=(done,), refunds=(till.refund(till.key).settle(now),)))


def test_a_funding_that_can_never_land_frees_its_refund_and_drops_its_order() -> None:
    till = Funded(relay=Effect.LOST, resubmit=Effect.LOST)
    till.give_up()
    assert till.story == ("VOID", "FAILED", "DROPPED", "APPROVED")
    assert ("void", till.funding().id) in till.entries()
    till.broker().tick()
    till.refresh()
    till.worker().pay()
    assert till.standing(till.key) == ("PAYING", "FUNDED")
    assert till.last(till.key).number == 2
    till.mine()
    assert [len(till.deposited(order)) for order in till.orders(till.key)] == [0, 1]


@pytest.mark.parametrize("stage", [Stage.DEPOSIT_SEEN, Stage.EXCHANGING, Stage.SENDING, Stage.SETTLED, Stage.UNKNOWN])
def test_where_its_processor_says_that_it_got_the_deposit_the_refund_is_held_instead(stage: Stage) -> None:
    till = Funded(relay=Effect.LOST, resubmit=Effect.LOST)
    till.change_order(stage=stage, status_text="its word")
    till.give_up()
    assert till.story == ("VOID", "FAILED", "DROPPED", "HELD")
    assert "find out whether the customer was paid" in (till.refund(till.key).hold_reason or "")
    assert "attempt.failed" in {each.kind for each in till.alarms()}


def test_where_it_named_a_payment_to_the_customer_the_refund_is_held_instead() -> None:
    till = Funded(relay=Effect.LOST, resubmit=Effect.LOST)
    till.change_order(settle_txid="a transaction")
    till.give_up()
    assert till.story == ("VOID", "FAILED", "DROPPED", "HELD")


def test_a_hold_of_a_person_outlives_a_funding_that_can_never_land() -> None:
    till = Funded(relay=Effect.LOST, resubmit=Effect.LOST)
    till.store.commit(Change(refunds=(till.refund(till.key).hold("a doubt"),)))
    till.give_up()
    assert till.story == ("VOID", "FAILED", "DROPPED", "HELD")
    assert till.refund(till.key).hold_reason == "a doubt"


def test_an_order_that_was_settled_stays_settled_when_its_funding_can_never_land() -> None:
    till = Funded(relay=Effect.LOST, resubmit=Effect.LOST)
    settle(till)
    till.give_up()
    assert till.story == ("VOID", "SETTLED", "SETTLED", "PAID")


def test_an_order_that_was_returned_stays_returned_when_its_funding_can_never_land() -> None:
    till = Funded(relay=Effect.LOST, resubmit=Effect.LOST)
    now = till.clock.now()
    (attempt,) = till.attempts(till.key)
    back = till.order(till.key).to(OrderStatus.RETURNED, ended_at=now, return_txid="a transaction", returned_units=1)
    failed = replace(attempt, status=AttemptStatus.FAILED, closed_at=now)
    freed = till.refund(till.key).fail_attempt()
    till.store.commit(Change(orders=(back,), attempts=(failed,), refunds=(freed,)))
    till.store.commit(Change(refunds=(freed.hold("a loss"),)))
    till.give_up()
    assert till.story == ("VOID", "FAILED", "RETURNED", "HELD")


def test_a_funding_that_the_wallet_sent_too_early_is_on_record_and_stops_the_wallet() -> None:
    till = Till()
    till.in_time = False
    key = till.ordered()
    till.chain.on_first_broadcast = None
    till.worker(faults=Deeds(prepare=Effect.EARLY)).pay()
    assert till.standing(key) == ("PAYING", "FUNDED")
    assert till.funding().begun
    assert [pause.scope for pause in till.store.pauses()] == ["hot"]
    assert till.entries() == [("commit", till.funding().id)]


def test_what_the_wallet_sent_too_early_is_on_record_though_its_order_runs_out_meanwhile() -> None:
    till = Till()
    key = till.ordered()
    till.chain.on_first_broadcast = None
    run_out = Shift(till, minutes=18)
    hook = Watch(before={"store.commit": lambda: run_out() if till.chain.first_broadcasts else None})
    till.worker(hook, Deeds(prepare=Effect.EARLY)).pay()
    assert till.standing(key) == ("PAYING", "FUNDED")
    assert till.funding().status is TransferStatus.OPEN


def test_a_deposit_address_that_the_wallet_refuses_drops_its_order_with_an_alarm_and_the_rest_is_funded() -> None:
    till = Till()
    bad, good = till.ordered("E-1"), till.ordered("E-2")
    till.purse.refused_addresses.add(till.last(bad).deposit_address or "")
    till.worker().pay()
    assert till.standing(bad) == ("APPROVED", "DROPPED")
    assert till.standing(good) == ("PAYING", "FUNDED")
    assert [event.kind for event in till.alarms()] == ["order.dropped"]
