"""Orders are funded from a real wallet: deposits, proofs, return addresses, and a funding that came too late."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from payout.transfer import TransferStatus
from tests.factories import usd
from tests.nodes.test_monero_coin import RealWorld, connected
from tests.payout.hands import Watch
from tests.payout.paying import die
from tests.payout.swaps.brokering import ETH
from tests.payout.swaps.depositing import Till
from tests.scenarios.boundary import Crash
from tests.scenarios.world import WALLET

if TYPE_CHECKING:
    from adapters.memory.coin import Faults
    from deploy.sandbox import Network
    from payout.order import Said
    from payout.ports import Coin
    from payout.wallet import Wallet
    from tests.scenarios.boundary import Hook

pytestmark = pytest.mark.nodes


class RealTill(Till):
    """A till whose wallet and chain are real; its services give out addresses of another real wallet."""

    def __init__(self, network: Network) -> None:
        self.network = network
        super().__init__(addresses=0)
        RealWorld(network).settle()
        self.coin = connected(network)  # type: ignore[assignment]
        self.coin.check()
        self._deposits: dict[str, str] = {}
        for service in self.services.values():
            service.twist = self._with_real_address
        for _ in range(4):
            self.worker().track()

    def coin_of(self, faults: Faults | None) -> Coin:
        return self.coin

    def wallet_of(self, hook: Hook | None = None, faults: Faults | None = None) -> Wallet:
        wallet = super().wallet_of(hook, faults)
        # On this chain a byte costs far more than on the main network.
        return replace(wallet, rules=replace(wallet.rules, fee_max=usd("9.00")))

    def mine(self, count: int = 1) -> None:
        self.network.mine(count)

    def _with_real_address(self, _call: str, said: Said) -> Said:
        known = self._deposits.get(said.processor_id)
        if known is None:
            known = self._deposits[said.processor_id] = self.network.customer.new_addresses(1)[0]
        return replace(said, deposit_address=known)


@pytest.fixture
def till(network: Network) -> RealTill:
    return RealTill(network)


def test_each_deposit_arrives_whole_at_its_own_address_and_is_proved(till: RealTill) -> None:
    keys = [till.ordered("E-1"), till.ordered("E-2", asset=ETH), till.ordered("E-3")]
    till.worker().pay()
    till.mine()
    customer = till.network.customer
    for key in keys:
        order, (attempt,) = till.last(key), till.attempts(key)
        assert till.standing(key) == ("PAYING", "FUNDED")
        assert order.deposit is not None
        assert customer.received_at(order.deposit_address or "") == order.deposit.units
        answer = customer.call(
            "check_tx_proof",
            txid=attempt.transfer_id,
            address=order.deposit_address,
            message=key,
            signature=attempt.proof,
        )
        assert (answer["good"], answer["received"]) == (True, order.deposit.units)


def test_what_a_processor_sends_back_is_seen_at_its_orders_own_address(till: RealTill) -> None:
    first, second = till.ordered("E-1"), till.ordered("E-2")
    returned, other = till.last(first), till.last(second)
    assert returned.return_address != other.return_address
    RealWorld(till.network).send(returned.return_address, 10**11)
    till.mine(10)
    till.coin.check()
    (receipt,) = till.coin.received(returned.return_index)
    assert (receipt.units, receipt.depth) == (10**11, 10)
    assert till.coin.received(other.return_index) == ()


def test_a_funding_that_came_too_late_is_given_up_by_its_input_and_another_order_is_funded(till: RealTill) -> None:
    key = till.ordered("E-1")
    with pytest.raises(Crash):
        till.worker(Watch(after={"journal.append": lambda: die() if till.entries() else None})).pay()
    till.clock.pass_by(18 * 60)
    worker = till.worker()
    worker.pay()
    worker.track()
    for _ in range(11):
        till.mine()
        worker.track()
    assert till.funding().status is TransferStatus.VOID
    assert till.standing(key) == ("APPROVED", "DROPPED")
    till.broker().tick()
    till.refresh()
    worker.pay()
    till.mine()
    assert till.standing(key) == ("PAYING", "FUNDED")
    received = [till.network.customer.received_at(order.deposit_address or "") for order in till.orders(key)]
    assert received == [0, till.last(key).deposit.units]  # type: ignore[union-attr]


def test_the_pool_of_return_addresses_is_on_the_wallets_disk(till: RealTill) -> None:
    free = till.store.free_return_addresses(WALLET, 100)
    assert len(free) == 20
    till.network.hot.kill()
    till.network.hot.start()
    again = connected(till.network)
    again.check()
    assert all(again.owns(each.address) for each in free)
