"""Packed regtest networks, so that a funded one is ready in seconds instead of half a minute.

The chain's database is a sparse file of 1 GiB with less than 1 MiB in it: only `tar -S` keeps it
small. A snapshot is valid for one monerod version and one recipe, and its name says both.
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

# Raise it whenever the recipe in network.py changes what a snapshot holds.
RECIPE = 2
PARTS = ("chain", "wallets", "ringdb")
CACHE = Path(__file__).resolve().parents[2] / "var" / "cache" / "sandbox"


def pack(root: Path, file: Path) -> None:
    """Write the chain and wallets to `file`, whole or not at all. Nothing may run there."""
    parts = [part for part in PARTS if (root / part).exists()]
    unfinished = file.with_name(f".{file.name}.part")
    subprocess.run(["tar", "-S", "-C", str(root), "-czf", str(unfinished), *parts], check=True)
    unfinished.replace(file)


def unpack(file: Path, root: Path) -> None:
    root.mkdir(parents=True, exist_ok=True)
    subprocess.run(["tar", "-C", str(root), "-xzf", str(file)], check=True)


def cached(name: str, build: Callable[[Path], None]) -> Path:
    """The snapshot called `name`; built in a scratch folder by `build` when it is not there yet."""
    CACHE.mkdir(parents=True, exist_ok=True)
    file = CACHE / f"{name}-recipe{RECIPE}-{_version()}.tar.gz"
    with _one_builder(file):
        if not file.exists():
            scratch = CACHE / f"{name}.scratch"
            shutil.rmtree(scratch, ignore_errors=True)
            build(scratch)
            pack(scratch, file)
            shutil.rmtree(scratch)
    return file


@contextmanager
def _one_builder(file: Path) -> Iterator[None]:
    """Several test processes want the same snapshot at once; the first builds, the others wait."""
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def _version() -> str:
    """For example v0.18.0.0, out of "Monero 'Fluorine Fermi' (v0.18.0.0-unknown)"."""
    said = subprocess.run(["monerod", "--version"], check=True, capture_output=True, text=True)
    return said.stdout.rpartition("(")[2].partition("-")[0].strip(") \n")
