"""What the sandbox's commands do, on the folder that they are given.

The rate server and the miner are processes of their own, recorded like monerod and the wallets.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import requests

from deploy.sandbox.network import XMR, Network
from deploy.sandbox.process import (
    Process,
    SandboxError,
    free_port,
    record_file,
    wait_until,
    write_secret,
)
from deploy.sandbox.rate_protocols import PROTOCOLS

CONTROL_SECONDS = 5.0


class Helper:
    """One of our own modules as a background process: the rate server, or the miner."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self._file = record_file(root, name)
        self._log = root / f"{name}.log"
        self.process = Process.recorded(self._file)

    def start(self, *arguments: str) -> Process:
        # Not with -m: the package imports its modules before runpy would.
        code = f"from deploy.sandbox.{self.name} import main; main()"
        self.process = Process.spawn([sys.executable, "-c", code, *arguments], self._log)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_secret(self._file, self.process.record_text())
        return self.process

    def wait(self, url: str) -> None:
        if self.process is not None:
            wait_until(lambda: requests.get(url, timeout=5), self.process, self._log)

    def url(self) -> str:
        """Where it listens; empty for one that does not."""
        if self.process is None or "--port" not in self.process.argv:
            return ""
        return f"http://127.0.0.1:{self.process.value_of('--port')}"

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
        self._file.unlink(missing_ok=True)


class Sandbox:
    """A network, a rate server and perhaps a miner, in one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    @property
    def _rates(self) -> Helper:
        return Helper(self.root, "rate_server")

    @property
    def _miner(self) -> Helper:
        return Helper(self.root, "miner")

    def start(self, outputs: int, amount: int, mine_every: float | None) -> None:
        began = time.monotonic()
        print("starting monerod and two wallets; the very first start takes about half a minute")
        network = Network.start(self.root, outputs=outputs, amount=amount)
        rates = self._rates
        rates.start("--port", str(free_port()))
        rates.wait(f"{rates.url()}/control")
        if mine_every is not None:
            self._miner.start("--url", network.daemon.url, "--every", str(mine_every))
        print(f"ready after {time.monotonic() - began:.1f} s\n")
        self.status()
        print("\nnext: .venv/bin/python -m deploy.sandbox config --out payout.toml, then payout init, payout doctor")

    def stop(self) -> None:
        network = Network.attach(self.root)
        for helper in (self._miner, self._rates):
            helper.stop()
        network.stop()
        print(f"stopped; the chain stays in {self.root}")

    def mine(self, blocks: int) -> None:
        print(f"height {Network.attach(self.root).mine(blocks)}")

    def fund(self, amount: int, outputs: int) -> None:
        network = Network.attach(self.root)
        part = amount // outputs
        network.fund(part, outputs)
        print(f"hot wallet: {_xmr(network.hot.unlocked())} XMR to spend")

    def control(self, wish: dict[str, Any]) -> None:
        """Send the rate server a change. Raises SandboxError with its answer when it refuses."""
        reply = requests.post(f"{self._rate_url()}/control", json=wish, timeout=CONTROL_SECONDS)
        answer = reply.json()
        if reply.status_code != requests.codes.ok:
            raise SandboxError(answer["error"])
        _print_prices(answer)

    def status(self) -> None:
        network = Network.attach(self.root)
        servers = [
            (server.name, server.pid if server.alive() else None, server.url)
            for server in (network.daemon, network.hot, network.customer)
        ]
        for helper in (self._rates, self._miner):
            if helper.process is not None:
                pid = helper.process.pid if helper.process.alive() else None
                servers.append((helper.name, pid, helper.url()))
        for name, pid, url in servers:
            print(f"{name:<16} {f'pid {pid}' if pid else 'not running':<12} {url}".rstrip())
        if network.daemon.alive():
            print(f"{'height':<16} {network.daemon.height()}")
            print(f"{'waiting in pool':<16} {len(network.daemon.pool())}")
        if network.hot.alive():
            print(f"{'hot balance':<16} {_xmr(network.hot.balance())} XMR")
            print(f"{'hot unlocked':<16} {_xmr(network.hot.unlocked())} XMR")
        if self._rates_alive():
            reply = requests.get(f"{self._rate_url()}/control", timeout=CONTROL_SECONDS)
            _print_prices(reply.json())

    def config(self, out: Path | None) -> None:
        base = self._rate_url()
        rates = {source: f"{base}/{source}" for source in PROTOCOLS}
        text = Network.attach(self.root).payout_toml(rates)
        if out is None:
            print(text, end="")
            return
        try:
            with out.open("x") as file:
                file.write(text)
        except FileExistsError:
            raise SandboxError(f"{out} is there already; name another file") from None
        print(f"wrote {out}")

    def _rates_alive(self) -> bool:
        process = self._rates.process
        return process is not None and process.alive()

    def _rate_url(self) -> str:
        if not self._rates_alive():
            raise SandboxError(f"no rate server runs in {self.root}: start the sandbox anew")
        return self._rates.url()


def _print_prices(state: dict[str, Any]) -> None:
    for asset in ("XMR", "USDT"):
        print(f"{asset + ' price':<16} {state['prices'][asset]} USD")
    for name, source in state["sources"].items():
        wrong = ", ".join(f"{asset}: {kind}" for asset, kind in source["faults"].items())
        print(f"{name:<16} {wrong or 'sound':<12} asked {source['requests']} times")


def _xmr(units: int) -> str:
    """Twelve decimals, from an integer."""
    return f"{units // XMR}.{units % XMR:012d}"
