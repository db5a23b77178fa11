"""The sandbox's processor takes real Monero in and pays real coins out, on the chains of their customers."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from deploy.sandbox import Network
from deploy.sandbox.processor import COINS, Engine, Order, ProcessorServer, Stage
from deploy.sandbox.processor.ethereum import SUPPLY
from deploy.sandbox.swap_nodes import SwapNodes
from tests.deploy.processor.clients import EVM_ADDRESS, Exolix

pytestmark = pytest.mark.nodes

BTC, ETH, USDT = COINS["BTC-bitcoin"], COINS["ETH-ethereum"], COINS["USDT-ethereum"]
FRESH = "0x00000000000000000000000000000000000A11cE"
PATIENCE = 60
VERBOSE = True


@pytest.fixture(scope="module")
def nodes(network: Network) -> Iterator[SwapNodes]:
    with SwapNodes.start(network) as nodes:
        yield nodes


@pytest.fixture
def engine(nodes: SwapNodes) -> Engine:
    return nodes.engine()


def make(engine: Engine, key: str, receive: int, destination: str, back: str) -> Order:
    rate = engine.quote("exolix", COINS[key], receive=receive)
    return engine.create(rate, destination=destination, memo=None, return_address=back)


def pay(network: Network, *orders: Order) -> str:
    network.hot.refresh()
    return network.hot.send(*[(order.deposit_address, order.deposit) for order in orders])


def stages(*orders: Order) -> list[Stage]:
    return [order.stage for order in orders]


def test_one_deposit_each_pays_coins_a_token_and_bitcoin(network: Network, nodes: SwapNodes, engine: Engine) -> None:
    back = network.hot.new_addresses(3)
    satoshi_to = nodes.bcoin.foreign_address()
    bitcoin = make(engine, "BTC-bitcoin", 150_000, satoshi_to, back[0])
    token = make(engine, "USDT-ethereum", 25_500_000, FRESH, back[1])
    ether = make(engine, "ETH-ethereum", 10**16, FRESH, back[2])
    txid = pay(network, bitcoin, token, ether)
    engine.step()
    assert stages(bitcoin, token, ether) == [Stage.CONFIRMING] * 3
    network.mine()
    engine.settle()
    nodes.mine()
    engine.settle()
    assert stages(bitcoin, token, ether) == [Stage.FINISHED] * 3
    assert {order.deposit_txid for order in (bitcoin, token, ether)} == {txid}
    assert nodes.anvil.balance(FRESH, USDT.contract) == 25_500_000
    assert nodes.anvil.balance(FRESH) == 10**16
    transaction = nodes.bcoin.rpc("getrawtransaction", bitcoin.payout_txids[0], VERBOSE)
    values = {out["scriptPubKey"]["addresses"][0]: out["value"] for out in transaction["vout"]}
    assert values[satoshi_to] == pytest.approx(0.0015)


def test_a_returned_deposit_arrives_at_the_orders_own_subaddress_less_the_fee(network: Network, engine: Engine) -> None:
    back = network.customer.new_addresses(1)[0]
    order = make(engine, "ETH-ethereum", 10**16, EVM_ADDRESS, back)
    engine.fault("return", order.id, "3")
    pay(network, order)
    network.mine()
    engine.settle()
    assert order.stage is Stage.RETURNED
    network.mine()
    assert network.customer.received_at(back) == order.deposit * 97 // 100
    assert order.payout_txids == []


def test_a_deposit_that_leaves_the_chain_is_not_paid_out(network: Network, engine: Engine) -> None:
    engine.policy.confirmations = 2
    order = make(engine, "ETH-ethereum", 10**16, EVM_ADDRESS, network.hot.new_addresses(1)[0])
    pay(network, order)
    network.mine()
    engine.step()
    engine.step()
    assert stages(order) == [Stage.CONFIRMING]
    network.reorg(1, drop=True)
    engine.settle()
    assert stages(order) == [Stage.WAITING]
    assert order.payout_txids == []


def test_it_works_over_its_protocols_on_its_own_threads(network: Network, nodes: SwapNodes, engine: Engine) -> None:
    with ProcessorServer(engine, step_every=0.2) as server:
        client = Exolix(server)
        client.back = network.hot.new_addresses(1)[0]
        made = client.create("10")
        assert made.status == 201
        network.hot.refresh()
        network.hot.send((made.body["depositAddress"], server.order(made.body["id"]).deposit))
        network.mine()
        end = time.monotonic() + PATIENCE
        while client.read(made.body["id"]).body["status"] != "success" and time.monotonic() < end:
            time.sleep(0.1)
        said = client.read(made.body["id"]).body
    assert said["status"] == "success"
    receipt = nodes.anvil.rpc("eth_getTransactionReceipt", said["hashOut"]["hash"])
    assert receipt["logs"][0]["address"].lower() == str(USDT.contract).lower()
    assert int(receipt["logs"][0]["data"], 16) == 10_000_000


def test_tokens_stand_where_the_main_network_has_them(nodes: SwapNodes) -> None:
    for key in ("USDT-ethereum", "USDC-ethereum"):
        contract = COINS[key].contract
        assert nodes.anvil.balance(nodes.anvil.accounts[0], contract) > SUPPLY // 2
        assert int(nodes.anvil.rpc("eth_call", {"to": contract, "data": "0x313ce567"}, "latest"), 16) == 6


def test_the_chains_themselves_judge_addresses(network: Network, nodes: SwapNodes, engine: Engine) -> None:
    ethereum, bitcoin = engine.tills["ethereum"], engine.tills["bitcoin"]
    assert ethereum.valid(ETH, EVM_ADDRESS)
    assert not ethereum.valid(ETH, EVM_ADDRESS.replace("5aA", "5Aa"))
    assert bitcoin.valid(BTC, nodes.bcoin.foreign_address())
    assert not bitcoin.valid(BTC, EVM_ADDRESS)
    assert engine.vault.valid(network.hot.address())
    assert not engine.vault.valid(network.hot.address()[:-1] + "x")
    assert not engine.vault.valid("donate.example.org")
