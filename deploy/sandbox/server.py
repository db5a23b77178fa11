"""What monerod and monero-wallet-rpc have in common as processes: a port, a log, a life."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from deploy.sandbox.process import (
    Process,
    SandboxError,
    free_port,
    record_file,
    wait_until,
    write_secret,
)
from deploy.sandbox.rpc import JsonRpc


class Server(ABC):
    """A program that speaks JSON-RPC on one loopback port and keeps that port over restarts."""

    program: str

    def __init__(self, root: Path, name: str, *, port: int | None, login: str | None) -> None:
        self.root = root
        self.name = name
        self.port = port or free_port()
        self.login = login
        self.log = root / f"{name}.log"
        self.process = Process.recorded(record_file(root, name))
        if self.process is not None and port is None:
            self.port = int(self.process.value_of("--rpc-bind-port"))
        self._rpc = JsonRpc(self.url, login)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._running().pid

    @abstractmethod
    def arguments(self) -> list[str]:
        """The command line after the program's name. The same on every start."""

    @abstractmethod
    def probe(self) -> object:
        """A cheap call that answers once the server is up."""

    def start(self) -> None:
        if self.alive():
            raise SandboxError(f"{self.name} runs already (pid {self.pid})")
        path = shutil.which(self.program)
        if path is None:
            raise SandboxError(f"{self.program} is not installed: run `make system`")
        self.root.mkdir(parents=True, exist_ok=True)
        self._rpc.close()
        self.process = Process.spawn([path, *self.arguments()], self.log)
        write_secret(record_file(self.root, self.name), self.process.record_text())
        wait_until(self.probe, self.process, self.log)

    def stop(self) -> None:
        """SIGTERM, as an orderly shutdown: a wallet saves its cache."""
        if self.process is not None:
            self.process.terminate()
        self._rpc.close()
        record_file(self.root, self.name).unlink(missing_ok=True)

    def kill(self) -> None:
        """SIGKILL: what was not saved is gone."""
        if self.process is not None:
            self.process.kill()
        self._rpc.close()

    def restart(self) -> None:
        self.stop()
        self.start()

    def suspend(self) -> None:
        """Let every call hang until `resume`."""
        self._running().suspend()

    def resume(self) -> None:
        self._running().resume()

    def alive(self) -> bool:
        return self.process is not None and self.process.alive()

    def cpu_seconds(self) -> float:
        return self._running().cpu_seconds()

    def call(self, method: str, timeout: float | None = None, **params: Any) -> dict[str, Any]:
        return self._rpc.call(method, timeout, **params)

    def post(self, path: str, timeout: float | None = None, **body: Any) -> dict[str, Any]:
        return self._rpc.post(path, timeout, **body)

    def _running(self) -> Process:
        if self.process is None:
            raise SandboxError(f"{self.name} was not started")
        return self.process
