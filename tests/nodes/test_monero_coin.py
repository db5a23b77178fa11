"""The contract of every coin on a real wallet and a real node, and what only those can show."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from adapters.coins.monero import MoneroCoin, Rpc, calls, check_destination, connect
from adapters.coins.monero.calls import Call
from deploy.sandbox import Fault, LossyProxy, Network
from payout.errors import RailUnavailable, SentTooEarly
from payout.transfer import Output, Place
from tests.contracts.coin import COIN, CoinContract, knows, look, pay
from tests.contracts.coin.world import unlock_all

pytestmark = pytest.mark.nodes


def connected(network: Network, *, rpc_url: str | None = None) -> MoneroCoin:
    return connect(
        rpc_url=rpc_url or network.hot.url,
        rpc_login=network.login_file.read_text().strip(),
        daemon_url=network.daemon.url,
        wallet_file=network.hot.filename,
        password=network.password_file.read_text().strip(),
    )


class RealWorld:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.coin = connected(network)

    def settle(self) -> None:
        """After whatever the test before did: an empty pool, and enough unlocked for a batch."""
        if not self.network.daemon.alive():
            self.network.daemon.start()
        self.network.mine()
        self.coin.check()
        if self.coin.funds().unlocked < 40 * COIN:
            self.network.mine(10)
            self.coin.check()
        self.coin.rescan()
        self.coin.save()

    def customer(self) -> str:
        return self.network.customer.new_addresses(1)[0]

    def integrated(self) -> str:
        return self.network.customer.integrated()

    def own_subaddress(self) -> str:
        address = self.network.hot.new_addresses(1)[0]
        # What is new in the wallet is learned within a minute; a fresh connection knows at once.
        self.coin = connected(self.network)
        return address

    def received(self, address: str) -> int:
        return self.network.customer.received_at(address)

    def send(self, address: str, units: int) -> None:
        self.network.customer.refresh()
        self.network._faucet_pays([(address, units)])

    def mine(self, count: int = 1) -> None:
        self.network.mine(count)

    def pop(self, count: int) -> None:
        self.network.daemon.pop_blocks(count)

    def flush(self) -> None:
        self.network.daemon.flush_pool()

    def kill_wallet(self) -> None:
        self.network.hot.kill()
        self.network.hot.start()

    def stop_node(self) -> None:
        self.network.daemon.stop()

    def start_node(self) -> None:
        self.network.daemon.start()
        self.network.customer.refresh()


@pytest.fixture
def world(network: Network) -> RealWorld:
    world = RealWorld(network)
    world.settle()
    return world


class TestMoneroCoin(CoinContract):
    """On one network; each test begins with an empty pool and some unlocked outputs."""


def test_the_wallets_own_addresses_are_valid_destinations_of_their_kind(world: RealWorld) -> None:
    kinds = {
        check_destination(address, world.coin.check().network)
        for address in (world.coin.check().address, world.own_subaddress(), world.integrated())
    }

    assert kinds == {"standard", "subaddress", "integrated"}


def test_an_integrated_form_of_our_own_address_is_ours(world: RealWorld) -> None:
    assert world.coin.owns(world.network.hot.integrated())


def test_an_answer_lost_on_the_way_costs_nothing_but_another_try(network: Network) -> None:
    RealWorld(network).settle()
    with LossyProxy(network.hot.url) as proxy:
        world = RealWorld(network)
        world.coin = connected(network, rpc_url=proxy.url)
        world.coin.check()
        proxy.rule(Fault.SWALLOW, "transfer", times=1)
        proxy.rule(Fault.SWALLOW, "relay_tx", times=1)

        with pytest.raises(RailUnavailable):
            pay(world)
        prepared, customer = pay(world)
        world.coin.relay(prepared.payload)
        place = look(world, prepared).place
        world.coin.relay(prepared.payload)
        world.mine()

        assert place is Place.POOL
        assert world.received(customer) == COIN


class EagerWallet(Rpc):
    """Broadcasts what it was told to hold back, as a misspelt parameter would make it do."""

    def ask(self, call: Call) -> dict[str, Any]:
        answer = super().ask(call)
        if call.name == "transfer":
            super().ask(calls.relay(answer["tx_metadata"]))
        return answer


def test_a_wallet_that_sends_at_once_is_found_out(world: RealWorld) -> None:
    network = world.network
    login = network.login_file.read_text().strip()
    world.coin = MoneroCoin(
        wallet=EagerWallet(network.hot.url, name="wallet-rpc", login=login),
        daemon=Rpc(network.daemon.url, name="monerod"),
        wallet_file="hot",
        password=network.password_file.read_text().strip(),
    )

    with pytest.raises(SentTooEarly) as caught:
        pay(world)

    assert caught.value.prepared.txid in network.daemon.pool()  # type: ignore[attr-defined]


def test_the_wrong_login_is_told_without_the_login(network: Network) -> None:
    coin = connect(
        rpc_url=network.hot.url,
        rpc_login="worker:open-c4nary",
        daemon_url=network.daemon.url,
        wallet_file="hot",
        password="",
    )

    with pytest.raises(RailUnavailable, match="refuses the login") as caught:
        coin.check()

    assert "open-c4nary" not in str(caught.value)


def test_a_wallet_file_that_cannot_be_opened_is_told_without_its_password(
    world: RealWorld,
) -> None:
    world.kill_wallet()
    coin = connect(
        rpc_url=world.network.hot.url,
        rpc_login=world.network.login_file.read_text().strip(),
        daemon_url=world.network.daemon.url,
        wallet_file=world.network.hot.filename,
        password="open-c4nary",
    )

    with pytest.raises(RailUnavailable, match="cannot open the wallet file") as caught:
        coin.check()

    assert "open-c4nary" not in str(caught.value)


def test_a_node_that_falls_behind_the_wallet_is_not_believed(world: RealWorld) -> None:
    world.coin.check()

    world.pop(6)
    fresh = connected(world.network)

    with pytest.raises(RailUnavailable, match="blocks where"):
        fresh.check()
    world.mine(7)
    fresh.check()


def test_bytes_whose_ring_members_are_gone_are_refused_as_invalid(world: RealWorld) -> None:
    unlock_all(world)
    payment, _ = pay(world)
    world.coin.relay(payment.payload)
    world.mine()
    world.coin.check()
    (change,) = [holding for holding in world.coin.funds().holdings if not holding.unlocked]
    unlock_all(world)
    # Its ring holds an output that is 11 deep: that of the change itself.
    prepared = world.coin.prepare_give_up(change.key_image)

    world.pop(12)
    refusal = world.coin.resubmit(prepared.payload)
    world.coin.relay(prepared.payload)
    listed = knows(world, prepared)
    world.mine(13)

    assert refusal is not None
    assert "invalid_input" in refusal
    assert not listed
    assert look(world, prepared).place is Place.UNSEEN


def test_a_batch_of_fifteen_subaddresses_can_be_proved_one_by_one(world: RealWorld) -> None:
    outputs = [Output(address=world.customer(), units=COIN + i) for i in range(15)]
    prepared = world.coin.prepare(outputs)
    world.coin.relay(prepared.payload)

    for number, output in enumerate(outputs):
        message = f"refund-{number}"
        signature = world.coin.prove(prepared.txid, output.address, message)
        answer = world.network.customer.call(
            "check_tx_proof",
            txid=prepared.txid,
            address=output.address,
            message=message,
            signature=signature,
        )
        assert answer["good"] is True
        assert answer["received"] == output.units


def test_ticks_that_ask_one_wallet_at_the_same_time_are_all_answered(network: Network) -> None:
    wallet = Rpc(network.hot.url, name="wallet-rpc", login=network.login_file.read_text().strip())
    asked = [Call(name="get_height", body={})] * 300
    with ThreadPoolExecutor(3) as pool:
        assert len(list(pool.map(wallet.ask, asked))) == len(asked)
