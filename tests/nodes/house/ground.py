"""What the ground under a test must be like: a wallet with money that can be spent, and patience."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from Cryptodome.Hash import keccak
from monero import base58

from deploy.sandbox import XMR, Network

PATIENCE_SECONDS: Final = 90.0
"""A wait that lasts longer fails the test; it proves nothing about speed."""
UNLOCK_BLOCKS: Final = 10
OUTPUTS_MIN: Final = 12
MAINNET_PREFIX: Final = 18


def until(true: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait; a failure says what for."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, f"waited {seconds} s in vain for {what}"
        time.sleep(0.05)


def restore(copy: Path, file: Path) -> None:
    """Put a copied SQLite database in the place of the present one, as an operator would."""
    for leftover in (f"{file}-wal", f"{file}-shm"):
        Path(leftover).unlink(missing_ok=True)
    shutil.copyfile(copy, file)


def quiet(network: Network) -> None:
    """Mine and read everything, until each output can be spent: the next test's wallet starts with a clean sheet."""
    network.mine(UNLOCK_BLOCKS)
    network.hot.refresh()


def replenish(network: Network) -> None:
    """As `quiet`, and with enough outputs for a test, whatever the one before has spent."""
    quiet(network)
    outputs = [entry for entry in network.hot.outputs() if entry["amount"] >= XMR]
    if len(outputs) < OUTPUTS_MIN:
        network.fund(10 * XMR, outputs=OUTPUTS_MIN)


def off_curve_address() -> str:
    """An address with a right checksum and no keys in it: intake cannot know, and the wallet refuses it."""
    body = bytes([MAINNET_PREFIX]) + bytes([2] + [0] * 31) * 2
    checksum = keccak.new(digest_bits=256, data=body).digest()[:4]
    return str(base58.encode((body + checksum).hex()))
