"""The daemon as a process of its own, which can be killed at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from tests.nodes.house.ground import PATIENCE_SECONDS

PAYOUT: Final = Path(sys.executable).with_name("payout")


class DaemonProcess:
    """A real `payout run`."""

    def __init__(self, config: Path, log_file: Path) -> None:
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [PAYOUT, "--config", config, "run"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"PYTHONFAULTHANDLER": "1"},
                cwd=config.parent,
            )

    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """SIGKILL, at this very moment."""
        self._process.kill()
        self._process.wait()

    def suspend(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> float:
        """SIGTERM; how many seconds it took to end."""
        began = time.monotonic()
        self._process.terminate()
        try:
            self._process.wait(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGABRT)  # Its log then shows where every thread hangs.
            raise
        return time.monotonic() - began

    def end(self) -> None:
        """Whatever state it is in."""
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
