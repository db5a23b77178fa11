"""
The stage: a folder with three real chains, rates, processors, miners and the worker's process, and their sure end.

However the demo ends, whatever it started is stopped by its recorded process; the logs stay.
"""

from __future__ import annotations

import fcntl
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from deploy.demo.blocks import Blocks
from deploy.demo.daemon import LOGS, PayoutDaemon
from deploy.demo.panel import Panel
from deploy.demo.shell import DemoError
from deploy.sandbox import Miner, Network, RateServer
from deploy.sandbox.processor import ProcessorServer
from deploy.sandbox.swap_nodes import SwapNodes

BLOCK_SECONDS: Final = 1.0
RATE_OFFSETS: Final = {"kraken": "0.0004", "coingecko": "0", "bitfinex": "-0.0006", "kucoin": "0.0011"}
"""Real sources never quite agree."""

SPREADS: Final = {"changenow": "0.006", "exolix": "0.008", "trocador": "0.010", "stealthex": "0.012"}
"""How much dearer than the market each processor is, beside its fee of 0.25 USD."""

STEP_SECONDS: Final = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What the story plays on."""

    folder: Path
    network: Network
    nodes: SwapNodes
    rates: RateServer
    processors: ProcessorServer
    miner: Miner
    blocks: Blocks
    daemon: PayoutDaemon
    console: PayoutDaemon
    panel: Panel

    def price_of_monero(self, usd: str) -> None:
        """The market moves: rate sources and processors alike."""
        self.rates.set_price("XMR", usd)
        self.processors.engine.prices.set_price("XMR", usd)


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """
    Everything running, in a folder that held nothing else but an earlier demo; all stopped at the end.

    Raises:
        DemoError: another demo runs in this folder.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as ends, folder.with_suffix(".lock").open("w") as lock:
        _only_one(lock.fileno(), folder)
        _clear(folder)
        folder.mkdir()
        ends.callback(_finish_in_peace)
        network = ends.enter_context(Network.start(folder / "network"))
        nodes = ends.enter_context(SwapNodes.start(network))
        processors = ends.enter_context(ProcessorServer(nodes.engine(), step_every=STEP_SECONDS))
        for processor, spread in SPREADS.items():
            processors.engine.prices.set_spread(processor, spread)
        rates = ends.enter_context(RateServer())
        for source, offset in RATE_OFFSETS.items():
            rates.set_offset(source, offset)
        miner = Miner(network.daemon.url, every=BLOCK_SECONDS)
        ends.callback(miner.stop)
        blocks = Blocks(network, every=BLOCK_SECONDS)
        ends.callback(blocks.stop)
        panel = Panel()
        ends.callback(panel.stop)
        daemon, console = PayoutDaemon(folder), PayoutDaemon(folder, "console")
        ends.callback(daemon.kill)
        ends.callback(console.kill)
        ends.callback(_deaf)
        yield Stage(
            folder=folder,
            network=network,
            nodes=nodes,
            rates=rates,
            processors=processors,
            miner=miner,
            blocks=blocks,
            daemon=daemon,
            console=console,
            panel=panel,
        )


def _only_one(lock: int, folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DemoError(f"another demo runs in {folder}: wait until it has ended") from None


def _clear(folder: Path) -> None:
    """End what a demo left behind that was itself killed, and remove its files."""
    for command in LOGS:
        PayoutDaemon(folder, command).kill()
    if (folder / "network").is_dir():
        network = Network(folder / "network")
        SwapNodes(network).stop()
        network.stop()
    shutil.rmtree(folder, ignore_errors=True)


def end_on_signals() -> None:
    """A closed terminal or a SIGTERM ends the demo as Ctrl-C does: everything is stopped first."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _deaf() -> None:
    """While everything is being stopped, a second Ctrl-C must not leave half of it running."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


def _finish_in_peace() -> None:
    """Everything is stopped: signals mean what they always mean."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
