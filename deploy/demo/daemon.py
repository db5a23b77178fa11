"""
`payout run` and `payout console`, each a process of its own: started, killed without warning, started again, stopped.

It is ended by the pid that was written down for it, also when the demo itself died before.
"""

from __future__ import annotations

import socket
import sys
import time
from pathlib import Path
from typing import Final

from deploy.demo.shell import PAYOUT
from deploy.sandbox.process import Process, record_file, wait_until, write_secret

LOGS: Final = {"run": "daemon.log", "console": "console.log"}


class PayoutDaemon:
    """`payout COMMAND`. Its log lines are kept over all its lives."""

    def __init__(self, folder: Path, command: str = "run") -> None:
        self.log = folder / LOGS[command]
        self._folder = folder
        self._command = command
        self._record = record_file(folder, f"payout-{command}")
        self._process = Process.recorded(self._record)

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def start(self) -> None:
        # Named with its interpreter, as /proc shows it: that is how it is known again by its pid.
        argv = [sys.executable, str(PAYOUT), self._command, "--config", str(self._folder / "payout.toml")]
        self._process = Process.spawn(argv, self.log)
        write_secret(self._record, self._process.record_text())

    def serve(self, port: int) -> None:
        """Start it, and wait until it listens there."""
        self.start()
        if self._process is not None:
            wait_until(lambda: socket.create_connection(("127.0.0.1", port)).close(), self._process, self.log)

    def alive(self) -> bool:
        return self._process is not None and self._process.alive()

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        if self._process is not None:
            self._process.kill()

    def stop(self) -> float:
        """SIGTERM; the seconds that it took to end."""
        began = time.monotonic()
        if self._process is not None:
            self._process.terminate()
        self._record.unlink(missing_ok=True)
        return time.monotonic() - began
