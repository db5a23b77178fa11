"""What the sandbox's commands do, on the folder that they are given.

The rate server, the miner and the processor are processes of their own, recorded like monerod and the wallets.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import requests

from deploy.sandbox.helper import Helper
from deploy.sandbox.network import XMR, Network
from deploy.sandbox.process import SandboxError, free_port
from deploy.sandbox.rate_protocols import PROTOCOLS
from deploy.sandbox.swap_commands import ANY, PROCESSORS, Swaps, print_orders

CONTROL_SECONDS = 5.0


class Sandbox:
    """A network, a rate server and perhaps a miner and a processor, in one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    @property
    def _rates(self) -> Helper:
        return Helper(self.root, "rate_server")

    @property
    def _miner(self) -> Helper:
        return Helper(self.root, "miner")

    @property
    def _swaps(self) -> Swaps:
        return Swaps(self.root)

    def start(self, outputs: int, amount: int, mine_every: float | None, *, swaps: bool) -> None:
        began = time.monotonic()
        print("starting monerod and two wallets; the very first start takes about half a minute")
        network = Network.start(self.root, outputs=outputs, amount=amount)
        rates = self._rates
        rates.start("--port", str(free_port()))
        rates.wait(f"{rates.url()}/control")
        if swaps:
            print("starting anvil, bcoin and the swap processor")
            self._swaps.start(network)
        if mine_every is not None:
            self._miner.start("--url", network.daemon.url, "--every", str(mine_every))
        print(f"ready after {time.monotonic() - began:.1f} s\n")
        self.status()
        config = ".venv/bin/python -m deploy.sandbox config --out payout.toml"
        print(f"\nnext: {config} --dir {self.root}, then payout init, payout doctor")

    def stop(self) -> None:
        network = Network.attach(self.root)
        for helper in (self._miner, self._rates):
            helper.stop()
        self._swaps.stop(network)
        network.stop()
        print(f"stopped; the chain stays in {self.root}")

    def mine(self, blocks: int) -> None:
        network = Network.attach(self.root)
        print(f"height {network.mine(blocks)}")
        self._swaps.mine(network, blocks)

    def fund(self, amount: int, outputs: int) -> None:
        network = Network.attach(self.root)
        part = amount // outputs
        network.fund(part, outputs)
        print(f"hot wallet: {_xmr(network.hot.unlocked())} XMR to spend")

    def price(self, asset: str, usd: str) -> None:
        """At every rate source, and at the processor, which lives from the same market."""
        self.control({"prices": {asset: usd}})
        if self._swaps.alive():
            self._swaps.control({"prices": {asset: usd}})

    def fault(self, target: str, kind: str, asset: str | None, options: dict[str, Any]) -> None:
        """Make a rate source, a processor or an order go wrong."""
        if target in PROCESSORS | {ANY}:
            print_orders(self._swaps.fault(target, kind, options))
        else:
            self.control({"source": target, "fault": kind, "asset": asset})

    def release(self, order: str, how: str) -> None:
        """Be the person at the processor who lets an order go on."""
        print_orders(self._swaps.control({"release": order, "how": how}))

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
        servers += self._swaps.servers(network)
        for helper in (self._rates, self._miner, self._swaps.helper):
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
        if self._swaps.alive():
            print_orders(self._swaps.control({}))

    def config(self, out: Path | None) -> None:
        base = self._rate_url()
        rates = {source: f"{base}/{source}" for source in PROTOCOLS}
        network = Network.attach(self.root)
        text = network.payout_toml(rates) + self._swaps.configuration(network)
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
        return self._rates.alive()

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
