"""What all nodes of the sandbox have in common as processes: a loopback port, a log, a life."""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

from deploy.sandbox.process import (
    Process,
    SandboxError,
    free_port,
    record_file,
    wait_until,
    write_secret,
)


class Program(ABC):
    """A program that listens on one loopback port and keeps that port over restarts."""

    program: str
    port_option: str
    remedy = "run `make system`"

    def __init__(self, root: Path, name: str, *, port: int | None) -> None:
        self.root = root
        self.name = name
        self.port = port or free_port()
        self.log = root / f"{name}.log"
        self.process = Process.recorded(record_file(root, name))
        if self.process is not None and port is None:
            self.port = int(self.process.value_of(self.port_option))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._running().pid

    @abstractmethod
    def arguments(self) -> list[str]:
        """The command line after the program's name. The same on every start."""

    def environment(self) -> Mapping[str, str]:
        """Variables beside those of whoever starts it."""
        return {}

    @abstractmethod
    def probe(self) -> object:
        """A cheap call that answers once the program is up."""

    @abstractmethod
    def disconnect(self) -> None:
        """Let go of connections to a process that is going, or gone."""

    def start(self) -> None:
        if self.alive():
            raise SandboxError(f"{self.name} runs already (pid {self.pid})")
        path = shutil.which(self.program)
        if path is None:
            raise SandboxError(f"{self.program} is not installed: {self.remedy}")
        self.root.mkdir(parents=True, exist_ok=True)
        self.disconnect()
        self.process = Process.spawn([path, *self.arguments()], self.log, self.environment())
        write_secret(record_file(self.root, self.name), self.process.record_text())
        wait_until(self.probe, self.process, self.log)

    def stop(self) -> None:
        """SIGTERM, as an orderly shutdown: what is to be saved is saved."""
        if self.process is not None:
            self.process.terminate()
        self.disconnect()
        record_file(self.root, self.name).unlink(missing_ok=True)

    def kill(self) -> None:
        """SIGKILL: what was not saved is gone."""
        if self.process is not None:
            self.process.kill()
        self.disconnect()

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

    def _running(self) -> Process:
        if self.process is None:
            raise SandboxError(f"{self.name} was not started")
        return self.process
