"""
Watches the queue from outside, through `payout refunds list`, and shows how it moves.

A terminal gets one line that is drawn again; a pipe gets a line for each change.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, Final

from rich.live import Live
from rich.text import Text

from deploy.demo.daemon import PayoutDaemon
from deploy.demo.shell import DemoError, Shell
from deploy.demo.voice import Voice
from deploy.sandbox import Network

LOOK_SECONDS: Final = 0.4
BAR: Final = 40
BAR_NARROW: Final = 20
WIDTH: Final = 100
"""A narrower terminal gets the narrow bar, so that the line fits."""

STATUSES: Final = (
    ("PAID", "#", "green"),
    ("PAYING", "=", "yellow"),
    ("APPROVED", ".", "cyan"),
    ("HELD", "!", "red"),
    ("REQUESTED", "?", "red"),
)
"""What each status looks like in the bar, from its left end on."""

Counts = Counter[str]


class Watch:
    """Looks every so often until something is so."""

    def __init__(self, shell: Shell, voice: Voice, network: Network, daemon: PayoutDaemon) -> None:
        self._shell = shell
        self._voice = voice
        self._network = network
        self._daemon = daemon
        self._began: float | None = None
        """When it was first looked at."""

    def counts(self) -> Counts:
        """How many refunds stand in each status."""
        refunds: list[dict[str, Any]] = self._shell.ask("refunds", "list")
        return Counter(refund["status"] for refund in refunds)

    def until(self, so: Callable[[Counts], bool], what: str, *, patience_seconds: float) -> Counts:
        """
        Show the queue until `so`, and hand back how it stood then.

        Raises:
            DemoError: it took too long, or the daemon died.
        """
        ends = time.monotonic() + patience_seconds
        self._began = self._began or time.monotonic()
        shown: Counts = Counter()
        with self._live() as live:
            while True:
                counts = self.counts()
                if live is not None:
                    live.update(self._line(counts))
                elif counts != shown:
                    self._voice.console.print(self._line(counts), soft_wrap=True)
                shown = counts
                if so(counts):
                    return counts
                if not self._daemon.alive():
                    raise DemoError(f"the daemon died while we waited for {what}; its log is {self._daemon.log}")
                if time.monotonic() > ends:
                    raise DemoError(f"{patience_seconds:.0f} s passed, and not yet {what}; see {self._daemon.log}")
                time.sleep(LOOK_SECONDS)

    def _live(self) -> Live | nullcontext[None]:
        return Live(console=self._voice.console, refresh_per_second=8) if self._voice.live else nullcontext()

    def _line(self, counts: Counts) -> Text:
        seconds = time.monotonic() - (self._began or time.monotonic())
        line = Text(f"  {seconds:4.0f} s  block {self._network.daemon.height()}  ")
        total = max(1, counts.total())
        bar = BAR_NARROW if self._voice.live and self._voice.console.width < WIDTH else BAR
        line.append("[")
        for status, sign, style in STATUSES:
            line.append(sign * (bar * counts[status] // total), style)
        line.append("]  ")
        words = [(f"{counts[status]} {status}", style) for status, _, style in STATUSES if counts[status]]
        for number, (word, style) in enumerate(words):
            line.append(", " if number else "")
            line.append(word, style)
        return line
