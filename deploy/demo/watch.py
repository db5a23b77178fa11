"""
Watches the queue from outside, through `payout refunds list`, and shows how it moves.

A terminal gets one line that is drawn again; a pipe gets a line for each change.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Final

from rich.live import Live
from rich.text import Text

from deploy.demo.cast import DIRECT
from deploy.demo.daemon import PayoutDaemon
from deploy.demo.shell import DemoError, Shell
from deploy.demo.voice import Voice
from deploy.sandbox import Network

LOOK_SECONDS: Final = 1.2
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


@dataclass(frozen=True, slots=True)
class Queue:
    """All refunds at one look, as `payout refunds list` gives them."""

    refunds: Sequence[Mapping[str, Any]]

    @property
    def counts(self) -> Counter[str]:
        """How many stand in each status."""
        return Counter(refund["status"] for refund in self.refunds)

    def on_their_way(self, *, swapped: bool) -> int:
        """How many have left, direct ones or those through processors."""
        left = {"PAYING", "PAID"}
        return sum(each["status"] in left and (each["asset"] != DIRECT) is swapped for each in self.refunds)

    def of(self, external_id: str) -> Mapping[str, Any]:
        return next(each for each in self.refunds if each["external_id"] == external_id)


class Watch:
    """Looks every so often until something is so."""

    def __init__(self, shell: Shell, voice: Voice, network: Network, daemon: PayoutDaemon) -> None:
        self._shell = shell
        self._voice = voice
        self._network = network
        self._daemon = daemon
        self._began: float | None = None
        """When it was first looked at."""

    def look(self) -> Queue:
        return Queue(self._shell.ask("refunds", "list"))

    def until(self, so: Callable[[Queue], bool], what: str, *, patience_seconds: float) -> Queue:
        """
        Show the queue until `so`, and hand back how it stood then.

        Raises:
            DemoError: it took too long, or the daemon died.
        """
        ends = time.monotonic() + patience_seconds
        self._began = self._began or time.monotonic()
        shown: Counter[str] = Counter()
        with self._live() as live:
            while True:
                queue = self.look()
                counts = queue.counts
                if live is not None:
                    live.update(self._line(counts))
                elif counts != shown:
                    self._voice.console.print(self._line(counts), soft_wrap=True)
                shown = counts
                if so(queue):
                    return queue
                if not self._daemon.alive():
                    raise DemoError(f"the daemon died while we waited for {what}; its log is {self._daemon.log}")
                if time.monotonic() > ends:
                    raise DemoError(f"{patience_seconds:.0f} s passed, and not yet {what}; see {self._daemon.log}")
                time.sleep(LOOK_SECONDS)

    def _live(self) -> Live | nullcontext[None]:
        return Live(console=self._voice.console, refresh_per_second=8) if self._voice.live else nullcontext()

    def _line(self, counts: Counter[str]) -> Text:
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
