"""A miner in the background: a block every so many seconds, until stopped.

A thread for tests and the demo, a process of its own for the commands.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import threading
from typing import Self

from deploy.sandbox.daemon import BURN
from deploy.sandbox.rpc import JsonRpc, RpcError


class Miner:
    """While the daemon is away it keeps trying, as real miners do."""

    def __init__(self, url: str, *, every: float) -> None:
        self._rpc = JsonRpc(url)
        self._every = every
        self._done = threading.Event()
        self._thread = threading.Thread(target=self.run, name="miner", daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._done.set()
        if self._thread.is_alive():
            self._thread.join()
        self._rpc.close()

    def run(self) -> None:
        while not self._done.wait(self._every):
            with contextlib.suppress(OSError, RpcError):
                self._rpc.call("generateblocks", amount_of_blocks=1, wallet_address=BURN)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def main() -> None:
    """Mine until SIGTERM; how the commands run it in the background."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--url", required=True)
    arguments.add_argument("--every", type=float, required=True)
    asked = arguments.parse_args()
    miner = Miner(asked.url, every=asked.every)
    signal.signal(signal.SIGTERM, lambda *_: miner.stop())
    miner.run()
