"""
Runs `payout` as a person would, shows the command and what it printed, and hands the output back.

Every command runs in the shop's folder, where payout.toml lies.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from deploy.demo.voice import Voice

PAYOUT: Final = Path(sys.executable).with_name("payout")
PATIENCE_SECONDS: Final = 120
SHOWN_LINES: Final = 12
WIDTH_MAX: Final = 220
"""Longer lines are cut: a proof, or what is told to a processor's support."""

WORDS_MAX: Final = 8
"""A command with more words is shown with its first and last ones."""


class DemoError(Exception):
    """The demo cannot go on; the message says what was found."""


class Shell:
    """The shop's terminal."""

    def __init__(self, folder: Path, voice: Voice) -> None:
        self.folder = folder
        self._voice = voice

    def run(self, *words: str, expect: int | None = 0, lines: int = SHOWN_LINES, since: str = "") -> None:
        """
        Run `payout WORDS`, and show it with at most so many lines of its output, from the one that holds `since` on.

        Raises:
            DemoError: it did not exit with `expect`; None takes whatever it says.
        """
        self._voice.command(_shown(words))
        done = self._payout(words, stderr=subprocess.STDOUT)
        self._voice.output(_cut(_from(done.stdout.splitlines(), since), lines))
        if expect is not None and done.returncode != expect:
            raise DemoError(f"`{_shown(words)}` exited with {done.returncode}, not {expect}")
        if done.returncode:
            self._voice.output([f"(exit code {done.returncode})"])

    def tell(self, *words: str) -> Any:
        """The same as `ask`, of a command that does something and is shown. What it says holds a secret, perhaps."""
        self._voice.command(_shown(words))
        return self.ask(*words)

    def ask(self, *words: str) -> Any:
        """
        What `payout WORDS --json` says, without showing it.

        Raises:
            DemoError: it failed.
        """
        done = self._payout((*words, "--json"), stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise DemoError(f"`{_shown(words)} --json` exited with {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def _payout(self, words: Sequence[str], *, stderr: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PAYOUT, *words],
            cwd=self.folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )


def environment() -> dict[str, str]:
    """Ours, without what would point `payout` elsewhere or have it compile its libraries at each start."""
    foreign = {"PAYOUT_CONFIG", "PYTHONDONTWRITEBYTECODE"}
    return {name: value for name, value in os.environ.items() if name not in foreign}


def _shown(words: Sequence[str]) -> str:
    """The command line; a long list of refunds is cut in its middle."""
    if len(words) > WORDS_MAX:
        words = (*words[:6], "...", words[-1])
    return " ".join(["payout", *(word if word == "..." else shlex.quote(word) for word in words)])


def _from(lines: Sequence[str], since: str) -> Sequence[str]:
    first = next((number for number, line in enumerate(lines) if since in line), 0)
    return ["...", *lines[first:]] if first else lines


def _cut(lines: Sequence[str], most: int) -> Sequence[str]:
    """At most so many, none far wider than a terminal; empty ones at the end go."""
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    lines = [line if len(line) <= WIDTH_MAX else f"{line[: WIDTH_MAX - 3]}..." for line in lines]
    if len(lines) <= most:
        return lines
    return (*lines[: most - 1], f"... and {len(lines) - most + 1} more lines")
