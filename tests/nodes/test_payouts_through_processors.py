"""On real nodes: refunds in four coins from one Monero wallet, each seen on its customer's own chain."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.sandbox import Network, RateServer
from deploy.sandbox.processor import COINS, ProcessorServer
from deploy.sandbox.swap_nodes import SwapNodes
from tests.nodes.house import Installation, replenish

pytestmark = pytest.mark.nodes

PATIENCE_SECONDS = 240
ETHER_TO = "0x00000000000000000000000000000000000A11cE"
TOKEN_TO = "0x" + "b0b0" * 10


@pytest.fixture(scope="module")
def network(common_network: Network) -> Network:
    return common_network


@pytest.fixture(scope="module")
def nodes(network: Network) -> Iterator[SwapNodes]:
    with SwapNodes.start(network) as started:
        yield started


@pytest.fixture
def server(nodes: SwapNodes) -> Iterator[ProcessorServer]:
    with ProcessorServer(nodes.engine(), step_every=0.3) as running:
        yield running


@pytest.fixture
def house(
    network: Network, nodes: SwapNodes, server: ProcessorServer, rate_server: RateServer, tmp_path: Path
) -> Iterator[Installation]:
    replenish(network)
    with Installation(network, rate_server, tmp_path / "house") as made:
        made.config.write_text(made.config.read_text() + nodes.configuration(server.url))
        yield made


def add(house: Installation, external_id: str, asset: str, destination: str, usd: str = "25.00") -> None:
    words = ("--external-id", external_id, "--usd", usd, "--asset", asset, "--destination", destination)
    house.must("refunds", "add", *words)
    house.must("refunds", "approve", external_id)


def until_paid(house: Installation, network: Network, nodes: SwapNodes) -> dict[str, str]:
    """Mine everywhere, until nothing is left to be paid."""
    ends = time.monotonic() + PATIENCE_SECONDS
    standing: dict[str, str] = {}
    while time.monotonic() < ends:
        network.mine()
        nodes.mine()
        time.sleep(0.3)
        standing = {each["external_id"]: each["status"] for each in house.listed()}
        if set(standing.values()) == {"PAID"}:
            break
    return standing


def test_a_mixed_queue_arrives_on_every_customers_chain(
    house: Installation, network: Network, nodes: SwapNodes, server: ProcessorServer
) -> None:
    bitcoin_to, monero_to = nodes.bcoin.foreign_address(), network.customer.new_addresses(1)[0]
    add(house, "M-1", "XMR", monero_to)
    add(house, "B-1", "BTC", bitcoin_to)
    add(house, "E-1", "ETH", ETHER_TO)
    add(house, "T-1", "USDT", TOKEN_TO)
    daemon = house.daemon("daemon")
    try:
        standing = until_paid(house, network, nodes)
    finally:
        daemon.end()
    stories = {key: house.cli("refunds", "show", key).out for key in standing}

    assert standing == dict.fromkeys(("M-1", "B-1", "E-1", "T-1"), "PAID"), stories
    # 25 USD at the rate server's prices, rounded down; its USDT is a little dearer than a dollar.
    assert nodes.anvil.balance(ETHER_TO) == 10**16
    assert nodes.anvil.balance(TOKEN_TO, COINS["USDT-ethereum"].contract) == pytest.approx(24_992_502, abs=1000)
    assert len(server.engine.orders) >= 3
    for key in ("B-1", "E-1", "T-1"):
        (order,) = (
            each
            for each in json.loads(house.must("refunds", "show", key, "--json").out)["orders"]
            if each["status"] != "DROPPED"
        )
        assert order["status"] == "SETTLED"
        assert order["settle_tx_id"]
        assert "seen in block" in stories[key]
        assert order["deposit_proven"]


def test_the_doctor_sees_processors_and_chains_and_a_chain_that_is_another(house: Installation) -> None:
    def states() -> dict[str, str]:
        return {each["check"]: each["state"] for each in json.loads(house.cli("doctor", "--json").out)}

    seen = states()
    for check in ("processor changenow", "processor trocador", "processor exolix", "chain ethereum", "chain bitcoin"):
        assert seen[check] == "ok", check

    text = house.config.read_text()
    house.config.write_text(text.replace('identity = "1"', 'identity = "5"'))
    assert states()["chain ethereum"] == "FAIL"
