"""
A worker in a process of its own, on SQLite and a journal file, which kills itself at its n-th boundary.

    python tests/scenarios/child.py FOLDER PORT OWNER N TICK...

The chain, the wallet, the rates and the clock are the parent's: they outlive it, as real ones do. When it is not
killed it prints how many boundaries it passed.
"""

from __future__ import annotations

import os
import signal
import sys
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.halts import FileHalts
from adapters.journal_file import JournalFile
from payout.wallet import Wallet
from payout.worker import WalletWorker
from tests.scenarios.boundary import Bounded
from tests.scenarios.plain_sealer import PlainSealer
from tests.scenarios.world import LEASE, approver, limits, wallet_rules
from tests.stores import open_test_store

KEY = b"only between these two processes"


class Suicide:
    """A hook that sends this process SIGKILL: nothing unwinds, nothing is flushed."""

    def __init__(self, at: int) -> None:
        self._at = at
        self.passed = 0

    def at(self, point: str, *, before: bool) -> None:
        if self.passed == self._at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1


class Remote:
    """A port that is served by the parent."""

    def __init__(self, line: Connection[Any, Any], name: str) -> None:
        self._line = line
        self._name = name

    def __getattr__(self, method: str) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            self._line.send((self._name, method, args, kwargs))
            answer, error = self._line.recv()
            if error is not None:
                raise error
            return answer

        return call


def main() -> None:
    folder, port, owner, at, *ticks = sys.argv[1:]
    line = Client(("127.0.0.1", int(port)), authkey=KEY)
    clock: Any = Remote(line, "clock")
    hook = Suicide(int(at))
    ports: dict[str, Any] = {
        "coin": Remote(line, "coin"),
        "pricing": Remote(line, "pricing"),
        "store": open_test_store(f"sqlite:///{folder}/payout.db", clock),
        "journal": JournalFile(Path(folder) / "journal.log"),
        "halts": FileHalts(folder=Path(folder)),
        "sealer": PlainSealer(),
    }
    bounded: dict[str, Any] = {name: Bounded(each, name, hook) for name, each in ports.items()}
    parts: dict[str, Any] = {"approver": approver(), "limits": limits(), "clock": clock, "rules": wallet_rules()}
    worker = WalletWorker(Wallet(**parts, **bounded), owner, LEASE)
    for tick in ticks:
        getattr(worker, tick)()
    print(hook.passed)


if __name__ == "__main__":
    main()
