"""One of our own modules as a background process, recorded like monerod and the wallets."""

from __future__ import annotations

import sys
from pathlib import Path

import requests

from deploy.sandbox.process import Process, record_file, wait_until, write_secret


class Helper:
    """The rate server, the miner or the processor; `module` is where its `main` is, below this package."""

    def __init__(self, root: Path, name: str, module: str | None = None) -> None:
        self.name = name
        self._module = module or name
        self._file = record_file(root, name)
        self._log = root / f"{name}.log"
        self.process = Process.recorded(self._file)

    def start(self, *arguments: str) -> Process:
        # Not with -m: the package imports its modules before runpy would.
        code = f"from deploy.sandbox.{self._module} import main; main()"
        self.process = Process.spawn([sys.executable, "-c", code, *arguments], self._log)
        self._file.parent.mkdir(parents=True, exist_ok=True)
        write_secret(self._file, self.process.record_text())
        return self.process

    def wait(self, url: str) -> None:
        if self.process is not None:
            wait_until(lambda: requests.get(url, timeout=5), self.process, self._log)

    def alive(self) -> bool:
        return self.process is not None and self.process.alive()

    def url(self) -> str:
        """Where it listens; empty for one that does not."""
        if self.process is None or "--port" not in self.process.argv:
            return ""
        return f"http://127.0.0.1:{self.process.value_of('--port')}"

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
        self._file.unlink(missing_ok=True)
