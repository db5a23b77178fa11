"""The sandbox's commands, as a person types them: each in a process of its own, on one folder."""

from __future__ import annotations

import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from deploy.sandbox import Network
from deploy.sandbox.process import Process

pytestmark = pytest.mark.nodes

Command = Callable[..., subprocess.CompletedProcess[str]]


def run(root: Path, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.sandbox", verb, *arguments, "--dir", str(root)],
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    root = tmp_path_factory.mktemp("typed") / "sandbox"
    started = run(root, "start", "--mine-every", "3600")
    assert started.returncode == 0, started.stderr
    yield lambda verb, *arguments: run(root, verb, *arguments)
    run(root, "stop")


def test_mining_and_funding_show_in_the_status(sandbox: Command) -> None:
    assert "hot unlocked     160.000000000000 XMR" in sandbox("status").stdout
    assert sandbox("mine", "3").returncode == 0
    assert sandbox("fund", "2.5").stdout == "hot wallet: 162.500000000000 XMR to spend\n"
    said = sandbox("status").stdout
    assert "height           154" in said  # 141 of the snapshot, 3 mined, 10 to unlock the funding.
    assert "hot unlocked     162.500000000000 XMR" in said


def test_prices_and_faults_reach_the_sources_named_in_the_configuration(sandbox: Command) -> None:
    written = tomllib.loads(sandbox("config").stdout)
    assert "processors" not in written
    kraken = f"{written['rates']['kraken']['url']}/0/public/Ticker?pair=XMRUSD"
    assert sandbox("price", "XMR", "171.5").returncode == 0
    ticker = requests.get(kraken, timeout=10).json()["result"]["XXMRZUSD"]
    assert ticker["c"][0] == "171.50000000"
    assert sandbox("fault", "kraken", "500").returncode == 0
    assert requests.get(kraken, timeout=10).status_code == 500
    assert sandbox("fault", "kraken", "none").returncode == 0
    assert requests.get(kraken, timeout=10).status_code == 200


def test_the_configuration_names_secrets_by_file_and_is_never_overwritten(sandbox: Command, tmp_path: Path) -> None:
    out = tmp_path / "payout.toml"
    assert sandbox("config", "--out", str(out)).returncode == 0
    wallet = tomllib.loads(out.read_text())["wallets"]["hot"]
    for name in ("rpc_login_file", "password_file"):
        assert stat.S_IMODE(Path(wallet[name]).stat().st_mode) == 0o600
    assert Path(wallet["rpc_login_file"]).read_text() not in out.read_text()
    again = sandbox("config", "--out", str(out))
    assert again.returncode == 1
    assert "is there already" in again.stderr


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        (("fund", "-1"), "positive"),
        (("fund", "0.0000000000001"), "12 decimals"),
        (("fund", "much"), "not an amount of XMR"),
        (("mine", "0"), "whole number"),
        (("price", "XMR", "0"), "positive number of USD"),
        (("fault", "krakn", "500"), "no source krakn"),
        (("fault", "kraken", "sulking"), "no fault sulking"),
        (("fault", "exolix", "hold"), "start the sandbox with --swaps"),
        (("start",), "runs in"),
    ],
)
def test_nonsense_is_refused_in_words(sandbox: Command, typed: tuple[str, ...], word: str) -> None:
    refused = sandbox(*typed)
    assert refused.returncode != 0
    assert word in refused.stderr
    assert "Traceback" not in refused.stderr


def test_stop_ends_its_own_processes_and_spares_a_stranger_with_a_recorded_pid(tmp_path: Path) -> None:
    root = tmp_path / "sandbox"
    assert run(root, "start").returncode == 0
    network = Network.attach(root)
    stranger = Process.spawn(["sleep", "600"], tmp_path / "stranger.log")
    record = root / "wallet-hot.process.json"
    was = record.read_text()
    try:
        # As if the wallet had died long ago and its pid were somebody else's by now.
        record.write_text(was.replace(f'"pid": {network.hot.pid}', f'"pid": {stranger.pid}'))
        assert run(root, "stop").returncode == 0
        assert stranger.alive()
        assert not network.daemon.alive()
        assert network.hot.alive()
    finally:
        network.stop()
        stranger.kill()
    assert "no sandbox runs" in run(root, "stop").stderr
    assert not network.running()
