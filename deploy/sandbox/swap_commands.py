"""What the sandbox's commands do about swaps: the processor, its nodes, their faults and orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests

from deploy.sandbox.helper import Helper
from deploy.sandbox.network import Network
from deploy.sandbox.process import SandboxError, free_port
from deploy.sandbox.processor.server import FRONT_ENDS
from deploy.sandbox.swap_nodes import SwapNodes

CONTROL_SECONDS = 60.0
ETHEREUM_SECONDS = 2
BITCOIN_SECONDS = 5
ANY = "processor"
"""Stands for all of them where a fault's target is asked for."""
PROCESSORS = frozenset(front.name for front in FRONT_ENDS)


class Swaps:
    """The processor in a sandbox's folder, if it was started with one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.helper = Helper(root, "processor", "processor.service")

    def start(self, network: Network) -> None:
        SwapNodes.start(network, block_seconds=ETHEREUM_SECONDS)
        self.helper.start(
            *("--root", str(self.root), "--port", str(free_port()), "--bitcoin-every", str(BITCOIN_SECONDS))
        )
        self.helper.wait(f"{self.helper.url()}/control")

    def stop(self, network: Network) -> None:
        self.helper.stop()
        SwapNodes(network).stop()

    def alive(self) -> bool:
        return self.helper.alive()

    def mine(self, network: Network, blocks: int) -> None:
        """Blocks on the customers' chains, where they run."""
        if self.alive():
            SwapNodes(network).mine(blocks)

    def servers(self, network: Network) -> list[tuple[str, int | None, str]]:
        """Name, pid and url of what was started for swaps."""
        nodes = SwapNodes(network)
        started = [server for server in (nodes.wallet, nodes.anvil, nodes.bcoin) if server.process is not None]
        return [(server.name, server.pid if server.alive() else None, server.url) for server in started]

    def control(self, wish: dict[str, Any]) -> dict[str, Any]:
        """Send the processor a wish; its state after. Raises SandboxError with its answer when it refuses."""
        if not self.alive():
            raise SandboxError(f"no processor runs in {self.root}: start the sandbox with --swaps")
        reply = requests.post(f"{self.helper.url()}/control", json=wish, timeout=CONTROL_SECONDS)
        answer: dict[str, Any] = reply.json()
        if reply.status_code != requests.codes.ok:
            raise SandboxError(answer["error"])
        return answer

    def fault(self, target: str, kind: str, options: dict[str, Any]) -> dict[str, Any]:
        """Make a processor, or an order, go wrong; kind none mends what `options` name, or everything."""
        order = options.get("order")
        if kind == "none":
            return self.control({"mend": order or True})
        named = {name: value for name, value in options.items() if value is not None}
        return self.control({"fault": kind, "processor": None if target == ANY else target, **named})

    def configuration(self, network: Network) -> str:
        """[processors.*], [swaps] and [chains.*]; empty where no processor runs."""
        return SwapNodes(network).configuration(self.helper.url()) if self.alive() else ""


def print_orders(state: dict[str, Any]) -> None:
    """The processor's side of things, a line an order."""
    for fault in state["faults"]:
        print(f"{'fault planned':<16} {fault}")
    for order in state["orders"]:
        wrong = " ".join(f"{kind}={value}" if value else kind for kind, value in order["faults"].items())
        said = [order["processor"], order["stage"], order["receive"], "for", order["deposit"], wrong]
        print(f"{'order ' + order['id']:<16} {' '.join(filter(None, said))}")
        if order["trouble"]:
            print(f"{'':<16} {order['trouble']}")
