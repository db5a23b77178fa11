"""Blocks on the customers' chains: one every so many seconds on Ethereum and Bitcoin, in a thread, until stopped."""

from __future__ import annotations

import contextlib
import threading

from deploy.sandbox import Network, RpcError
from deploy.sandbox.process import SandboxError
from deploy.sandbox.swap_nodes import SwapNodes


class Blocks:
    """Monero's own are mined by the sandbox's `Miner`."""

    def __init__(self, network: Network, *, every: float) -> None:
        # Connections of its own: the processor pays over the others meanwhile.
        self._nodes = SwapNodes(network)
        self._every = every
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name="blocks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(self._every):
            with contextlib.suppress(OSError, RpcError, SandboxError):
                self._nodes.mine()
