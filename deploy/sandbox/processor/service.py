"""The processor as a process of its own, on the nodes of the sandbox in a folder, until SIGTERM.

Its orders live in memory: after a stop nobody knows them any more, and it never pays twice.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import threading
from pathlib import Path

from deploy.sandbox.bcoin import Bcoin
from deploy.sandbox.network import Network
from deploy.sandbox.process import SandboxError
from deploy.sandbox.processor.server import ProcessorServer
from deploy.sandbox.rpc import RpcError
from deploy.sandbox.swap_nodes import SwapNodes

STEP_SECONDS = 1.0


def mine(bcoin: Bcoin, every: float, done: threading.Event) -> None:
    """Bitcoin blocks come by themselves, as on the real chain; anvil makes its own."""
    while not done.wait(every):
        with contextlib.suppress(OSError, RpcError, SandboxError):
            bcoin.mine()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--root", type=Path, required=True)
    arguments.add_argument("--port", type=int, required=True)
    arguments.add_argument("--bitcoin-every", type=float, required=True)
    asked = arguments.parse_args()
    nodes = SwapNodes(Network.attach(asked.root))
    server = ProcessorServer(nodes.engine(), port=asked.port, step_every=STEP_SECONDS)
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    miner = threading.Thread(target=mine, args=(nodes.bcoin, asked.bitcoin_every, done), daemon=True)
    miner.start()
    with server:
        done.wait()
