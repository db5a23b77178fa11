"""The sandbox's commands with a processor, as a person types them: each in a process of its own, on one folder."""

from __future__ import annotations

import stat
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from deploy.sandbox import Network
from deploy.sandbox.swap_nodes import SwapNodes
from tests.deploy.processor.clients import EVM_ADDRESS
from tests.nodes.test_sandbox_commands import Command, run

pytestmark = pytest.mark.nodes

PATIENCE = 60


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("typed") / "sandbox"


@pytest.fixture(scope="module")
def sandbox(root: Path) -> Iterator[Command]:
    started = run(root, "start", "--swaps")
    assert started.returncode == 0, started.stderr
    yield lambda verb, *arguments: run(root, verb, *arguments)
    run(root, "stop")


def order(written: dict[str, Any], back: str) -> dict[str, Any]:
    """An order for 10 USDT at Exolix, by the configuration that was written."""
    exolix = written["processors"]["exolix"]
    key = Path(exolix["api_key_file"]).read_text()
    body = {
        "coinFrom": "XMR",
        "networkFrom": "XMR",
        "coinTo": "USDT",
        "networkTo": "ETH",
        "rateType": "fixed",
        "withdrawalAmount": "10",
        "withdrawalAddress": EVM_ADDRESS,
        "refundAddress": back,
    }
    reply = requests.post(f"{exolix['url']}/transactions", json=body, headers={"Authorization": key}, timeout=PATIENCE)
    made: dict[str, Any] = reply.json()
    return made


def test_the_configuration_names_processors_and_chains_and_no_secret(sandbox: Command) -> None:
    text = sandbox("config").stdout
    written = tomllib.loads(text)
    assert set(written["processors"]) == {"changenow", "trocador", "exolix", "stealthex"}
    assert written["swaps"]["wallet"] == "hot"
    assert written["swaps"]["routes"]["LTC-litecoin"] == "none"
    assert written["chains"]["ethereum"]["identity"] == "1"
    for file in (written["processors"]["changenow"]["api_key_file"], written["chains"]["bitcoin"]["login_file"]):
        assert stat.S_IMODE(Path(file).stat().st_mode) == 0o600
        assert Path(file).read_text() not in text
    assert requests.get(f"{written['processors']['changenow']['url']}/exchange/currencies", timeout=10).ok


def test_an_order_held_by_a_fault_is_paid_once_a_person_releases_it(sandbox: Command, root: Path) -> None:
    network = Network.attach(root)
    assert sandbox("fault", "exolix", "hold").returncode == 0
    made = order(tomllib.loads(sandbox("config").stdout), network.hot.new_addresses(1)[0])
    nodes = SwapNodes(network)
    before = nodes.anvil.balance(EVM_ADDRESS, made["coinTo"]["contract"])
    network.hot.send((made["depositAddress"], round(made["amount"] * 10**12)))
    assert sandbox("mine", "1").returncode == 0
    _until(lambda: f"order {made['id']}" in (said := sandbox("status").stdout) and "exolix held" in said)
    assert sandbox("release", made["id"], "pay").returncode == 0
    _until(lambda: nodes.anvil.balance(EVM_ADDRESS, made["coinTo"]["contract"]) == before + 10_000_000)
    _until(lambda: "exolix finished 10 USDT-ethereum" in sandbox("status").stdout)


def test_prices_reach_the_processor_and_faults_of_calls_go_by_number(sandbox: Command, root: Path) -> None:
    url = tomllib.loads(sandbox("config").stdout)["processors"]["exolix"]["url"]
    query = {"coinFrom": "XMR", "networkFrom": "XMR", "coinTo": "ETH", "networkTo": "ETH", "withdrawalAmount": "0.1"}
    cheap = requests.get(f"{url}/rate", params=query, timeout=10).json()["fromAmount"]
    assert sandbox("price", "ETH", "5000").returncode == 0
    assert requests.get(f"{url}/rate", params=query, timeout=10).json()["fromAmount"] > cheap * 1.9
    assert sandbox("fault", "exolix", "500", "--call", "quote", "--times", "1").returncode == 0
    assert [requests.get(f"{url}/rate", params=query, timeout=10).status_code for _ in range(2)] == [500, 200]


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        (("fault", "exolix", "sulking"), "no fault sulking"),
        (("fault", "processor", "hold", "--order", "x"), "no order x"),
        (("release", "x", "pay"), "no order x"),
        (("release", "x", "later"), "invalid choice"),
    ],
)
def test_nonsense_is_refused_in_words(sandbox: Command, typed: tuple[str, ...], word: str) -> None:
    refused = sandbox(*typed)
    assert refused.returncode != 0
    assert word in refused.stderr
    assert "Traceback" not in refused.stderr


def test_stop_ends_the_processor_and_its_nodes(sandbox: Command, root: Path) -> None:
    """The last test here: afterwards the module's sandbox is gone."""
    nodes = SwapNodes(Network.attach(root))
    url = tomllib.loads(sandbox("config").stdout)["processors"]["exolix"]["url"]
    assert nodes.running()
    assert sandbox("stop").returncode == 0
    assert not nodes.running()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/currencies", timeout=10)


def _until(done: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.2)
