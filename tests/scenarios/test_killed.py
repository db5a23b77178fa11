"""Real processes, killed by SIGKILL at a boundary, on SQLite and a journal file: each refund is paid exactly once."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from random import Random
from typing import Any, SupportsIndex

import pytest

from adapters.journal_file import JournalFile
from adapters.memory.coin import MemoryCoin
from payout.ports import SpendJournal
from tests.scenarios.boundary import Fuse
from tests.scenarios.child import KEY
from tests.scenarios.sqlite_database import SqliteDatabase
from tests.scenarios.stage import Stage
from tests.scenarios.world import World

CHILD = Path(__file__).with_name("child.py")
KILLS = 5
WHOLE = 10**9
"""More boundaries than a child has: it lives."""


class FileLines(list[str]):
    """The lines of a file, as they are whenever somebody looks."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def __getitem__(self, wanted: SupportsIndex | slice) -> Any:
        return self._file.read_text().splitlines()[wanted] if self._file.exists() else []


class FileWorld(World):
    """A world whose database and journal are files, so that a process of its own can work in it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        super().__init__(database=partial(SqliteDatabase, folder=folder))
        self.lines = self.reader.lines = FileLines(folder / "journal.log")

    def journal(self) -> SpendJournal:
        return JournalFile(self.folder / "journal.log")

    def child(self, at: int, *ticks: str) -> subprocess.CompletedProcess[str]:
        """A worker in a process of its own; its chain, rates and clock are ours."""
        with serving(self) as port:
            command = [sys.executable, str(CHILD), str(self.folder), str(port), f"child{at}", str(at), *ticks]
            return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@contextmanager
def serving(world: World) -> Iterator[int]:
    """Answer one child's calls of chain, wallet, rates and clock; yields the port."""
    served = {"coin": MemoryCoin(world.purse), "pricing": world.pricing, "clock": world.clock}
    with Listener(("127.0.0.1", 0), authkey=KEY) as listener:
        thread = threading.Thread(target=lambda: answer(listener.accept(), served), daemon=True)
        thread.start()
        yield listener.address[1]
        thread.join(timeout=10)


def answer(line: Connection[Any, Any], served: dict[str, Any]) -> None:
    with closing(line):
        while True:
            try:
                name, method, args, kwargs = line.recv()
            except (EOFError, ConnectionError):
                return  # The child is gone.
            reply: tuple[Any, Exception | None]
            try:
                reply = (getattr(served[name], method)(*args, **kwargs), None)
            except Exception as error:  # noqa: BLE001 - It is raised again in the child.
                reply = (None, error)
            line.send(reply)


def begin(world: FileWorld) -> tuple[str, ...]:
    """Some refunds, one of which goes alone."""
    world.purse.integrated_addresses.add("integrated")
    world.approved("E1")
    world.approved("E2", "10.00", "shared")
    world.approved("E3", "10.00", "shared")
    world.approved("E4", "7.77", "integrated")
    return ("pay", "track", "pay")


def give_up(world: FileWorld) -> tuple[str, ...]:
    """A transfer is dropped by the pool, and given up."""
    world.approved("E1")
    world.child(WHOLE, "pay")
    world.chain.flush()
    stage = Stage(world, Fuse())
    stage.give_up_all()
    stage.stop()
    world.approved("E2")
    return ("track", "pay", "track")


@pytest.mark.parametrize("prologue", [begin, give_up], ids=lambda prologue: prologue.__name__)
def test_each_refund_is_paid_once_when_its_process_gets_sigkill(
    prologue: Callable[[FileWorld], tuple[str, ...]], tmp_path: Path
) -> None:
    dice = Random(prologue.__name__)
    whole = FileWorld(tmp_path / "whole")
    lived = whole.child(WHOLE, *prologue(whole))
    assert lived.returncode == 0, lived.stderr
    boundaries = int(lived.stdout)
    settle(whole)
    share = boundaries // KILLS

    for number in range(KILLS):
        world = FileWorld(tmp_path / str(number))
        killed = world.child(number * share + dice.randrange(share), *prologue(world))
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        settle(world)

    print(f"{prologue.__name__}: {KILLS} of {boundaries} boundaries")


def settle(world: FileWorld) -> None:
    """Another process takes over when the lease has run out, and the reader has the last word."""
    with closing(world.database):
        stage = Stage(world, Fuse())
        stage.stop()
        stage.finish()
