"""
A process that funds is killed at every boundary, or stopped for too long: the deposit is paid once, and never late.

The watchman of the till looks at every first broadcast; here it is asked what came of it all.
"""

from __future__ import annotations

import copy
from itertools import count
from typing import TYPE_CHECKING

import pytest

from payout.change import Change
from payout.errors import PayoutError
from payout.order import OrderStatus
from payout.refund import RefundStatus
from payout.repair import Reconciler
from payout.swaps.deposit import BROADCAST_MARGIN
from payout.transfer import TransferStatus
from tests.payout.swaps.depositing import Till
from tests.scenarios.boundary import Crash, Fuse
from tests.scenarios.world import WALLET

if TYPE_CHECKING:
    from payout.worker import WalletWorker

LATE = 18 * 60
"""Longer than an order of the bazaar leaves time to be funded."""

ROUNDS = 40


class Stop(Fuse):
    """A process that is not killed at the boundary, but stands still there for a while."""

    def __init__(self, till: Till, at: int) -> None:
        super().__init__(at)
        self._till = till

    def at(self, point: str, *, before: bool) -> None:
        if self.passed == self.crash_at and not self.burnt:
            self.burnt = True
            self._till.clock.pass_by(LATE)
        self.passed += 1


def boundaries() -> int:
    """How many there are in a tick that funds."""
    till = Till()
    till.ordered()
    fuse = Fuse()
    till.worker(fuse).pay()
    return fuse.passed


def recover(till: Till, key: str) -> None:
    """Other processes go on until the deposit is final."""
    worker = till.worker(owner="next")
    for _ in range(ROUNDS):
        till.broker().tick()
        worker.pay()
        worker.track()
        till.mine()
        if till.store.transfer(till.last(key).transfer_id or "") and _is_final(till, key):
            return


def _is_final(till: Till, key: str) -> bool:
    transfer = till.store.transfer(till.last(key).transfer_id or "")
    return transfer is not None and transfer.status is TransferStatus.FINAL


def paid_once(till: Till, key: str) -> None:
    """One deposit of one order, whatever became of the others."""
    orders = till.orders(key)
    assert till.refund(key).status is RefundStatus.PAYING, till.refund(key).hold_reason or till.waiting(key)
    assert [order.status for order in orders].count(OrderStatus.FUNDED) == 1
    assert sum(len(till.deposited(order)) for order in orders) == 1
    assert len(till.deposited(till.last(key))) == 1
    begun = [transfer.id for transfer in till.store.list_transfers() if transfer.begun]
    assert {("commit", txid) for txid in begun} <= set(till.entries())


@pytest.mark.parametrize("away", [31, LATE], ids=["back at once", "back too late"])
def test_killed_at_any_boundary_an_order_is_funded_once(away: int) -> None:
    for number in range(boundaries()):
        till = Till()
        key = till.ordered()
        dead: WalletWorker = till.worker(Fuse(number), owner="dead")
        with pytest.raises((Crash, PayoutError)):
            dead.pay()
        till.clock.pass_by(away)
        till.in_time = not any(transfer.begun for transfer in till.fundings())
        recover(till, key)
        paid_once(till, key)


def test_stopped_at_any_boundary_for_too_long_an_order_is_funded_once_and_not_late() -> None:
    for number in count():
        till = Till()
        key = till.ordered()
        hook = Stop(till, number)
        till.in_time = False  # A process may be stopped between its row and its call: no program can see to that.
        till.worker(hook, owner="slow").pay()
        if not hook.burnt:
            return
        end = till.orders(key)[0].expires_at
        begun = [transfer.begun_at for transfer in till.fundings() if transfer.begun_at is not None]
        assert end is not None
        assert all(at + BROADCAST_MARGIN < end for at in begun)
        till.in_time = True
        recover(till, key)
        paid_once(till, key)


def test_a_backup_from_before_the_funding_funds_nothing_again_and_repair_recreates_it() -> None:
    till = Till()
    key = till.ordered()
    till.worker().track()  # The wallet is adopted before the backup is made.
    backup = copy.deepcopy(till.store._t)
    till.worker().pay()
    first = till.funding().id
    till.store._t = copy.deepcopy(backup)
    till.clock.pass_by(31)
    till.refresh()
    for _ in range(3):
        till.worker(owner="b").pay()
    assert till.fundings() == ()
    assert [pause.scope for pause in till.store.pauses()] == [WALLET]
    till.clock.pass_by(31)
    report = Reconciler(wallet=till.wallet_of()).repair("alice")
    assert report.clean
    till.store.commit(Change(resume=(WALLET,)))
    recover(till, key)
    paid_once(till, key)
    assert till.funding().id == first
