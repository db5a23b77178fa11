"""Child processes that are ended by the pid recorded for them, and by nothing else.

A recorded pid may have been given to another program since: before every signal the command line
in /proc is compared with the program and the folder that we started it on.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

STOP_SECONDS = 20.0
START_SECONDS = 60.0
LOOK_SECONDS = 0.02
TAIL_CHARACTERS = 2000


class SandboxError(Exception):
    """The sandbox cannot do what was asked; the message says what to do instead."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def record_file(root: Path, name: str) -> Path:
    """Where the pid and command line of the program called `name` are written down."""
    return root / f"{name}.process.json"


def write_secret(file: Path, text: str) -> None:
    """Write it so that only its owner can read it, from the first byte on."""
    file.unlink(missing_ok=True)
    with open(file, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
        out.write(text)


class Process:
    """One program started by us, known by its pid and its exact command line."""

    def __init__(self, argv: Sequence[str], pid: int, child: subprocess.Popen[bytes] | None) -> None:
        self.argv = list(argv)
        self.pid = pid
        self._child = child

    @classmethod
    def spawn(cls, argv: Sequence[str], log: Path, environment: Mapping[str, str] | None = None) -> Process:
        """Start it in its own session, so that a Ctrl-C at the terminal does not reach it."""
        given = {**os.environ, **(environment or {})}
        with log.open("ab") as out:
            child = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=given, start_new_session=True
            )
        return cls(argv, child.pid, child)

    @classmethod
    def recorded(cls, file: Path) -> Process | None:
        """The process that an earlier command started and wrote down, whether or not it lives."""
        try:
            record = json.loads(file.read_text())
        except FileNotFoundError:
            return None
        return cls(record["argv"], record["pid"], None)

    def record_text(self) -> str:
        """What `recorded` reads."""
        return json.dumps({"pid": self.pid, "argv": self.argv})

    def value_of(self, option: str) -> str:
        """What the command line gives after `option`."""
        return self.argv[self.argv.index(option) + 1]

    def alive(self) -> bool:
        if self._child is not None:
            # The pid of our own child cannot be given away before we have asked how it ended.
            return self._child.poll() is None
        return self._state() not in {"", "Z"} and self._is_ours()

    def terminate(self) -> None:
        """Ask it to end and wait; past the limit it is killed."""
        self._signal(signal.SIGTERM)
        if not self._gone(STOP_SECONDS):
            self.kill()

    def kill(self) -> None:
        """SIGKILL: to a wallet's cache this is what a power cut looks like."""
        self._signal(signal.SIGKILL)
        if not self._gone(STOP_SECONDS):
            raise SandboxError(f"{self.argv[0]} (pid {self.pid}) survives SIGKILL")

    def suspend(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def cpu_seconds(self) -> float:
        """User and system time used so far, from /proc/PID/stat fields 14 and 15."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _signal(self, number: int) -> None:
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
                if number == signal.SIGTERM:
                    # A suspended process does not see the signal before it is resumed.
                    os.kill(self.pid, signal.SIGCONT)

    def _gone(self, seconds: float) -> bool:
        end = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > end:
                return False
            time.sleep(LOOK_SECONDS)
        if self._child is not None:
            self._child.wait()
        return True

    def _state(self) -> str:
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return ""

    def _is_ours(self) -> bool:
        try:
            words = Path(f"/proc/{self.pid}/cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            return False
        return [word.decode(errors="replace") for word in words[:-1]] == self.argv


def wait_until(answers: Callable[[], object], process: Process, log: Path) -> None:
    """Return once `answers` no longer raises.

    Raises SandboxError with the end of the log when the process died or took too long.
    """
    end = time.monotonic() + START_SECONDS
    while True:
        try:
            answers()
        except OSError as problem:  # Every error of requests is one.
            if process.alive() and time.monotonic() < end:
                time.sleep(LOOK_SECONDS)
                continue
            tail = log.read_text(errors="replace")[-TAIL_CHARACTERS:]
            raise SandboxError(
                f"{process.argv[0]} did not come up ({problem}). Its log {log} ends:\n{tail}"
            ) from problem
        return
