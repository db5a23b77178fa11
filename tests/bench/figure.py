"""One line of the bench's table, and the table itself: in a terminal, and as Markdown for the README."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

TITLES: Final = ("measure", "ours", "compared with", "ratio", "target", "")
RIGHT: Final = {3, 4}
MEMORY_UNIT: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """What one measurement found. `met` is None where there is no target; `note` says how it was had."""

    name: str
    ours: str
    other: str
    ratio: str = ""
    target: str = ""
    met: bool | None = None
    note: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = {True: "met", False: "MISSED", None: ""}[self.met]
        return (self.name, self.ours, self.other, self.ratio, self.target, verdict)


def print_table(figures: Sequence[Figure]) -> None:
    """Aligned columns, then the notes."""
    rows = [TITLES, *(figure.cells for figure in figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(TITLES))]
    for number, row in enumerate(rows):
        cells = [cell.rjust(widths[i]) if i in RIGHT else cell.ljust(widths[i]) for i, cell in enumerate(row)]
        print("  ".join(cells).rstrip())
        if number == 0:
            print("  ".join("-" * width for width in widths[:-1]))
    notes = [figure for figure in figures if figure.note]
    print()
    for figure in notes:
        print(f"{figure.name}: {figure.note}")


def print_markdown(figures: Sequence[Figure], machine: str) -> None:
    """The same as a table for the README, with the day, the machine and how to repeat it."""
    print(f"Measured {machine}. Repeat it with `make bench`.\n")
    print("| " + " | ".join(TITLES) + " |")
    print("|" + "|".join(" ---: " if i in RIGHT else " --- " for i, _ in enumerate(TITLES)) + "|")
    for figure in figures:
        print("| " + " | ".join(figure.cells) + " |")


def machine_line() -> str:
    """The day, what it runs on, and how busy that is."""
    today = datetime.now(UTC).date().isoformat()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEMORY_UNIT // 1024
    python = platform.python_version()
    load = os.getloadavg()[0]
    return f"{today} on {os.cpu_count()} cores of {_processor()}, {memory} GB, Python {python}, load {load:.1f} before"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def spread(values: Sequence[float], form: str) -> str:
    """The median, with the least and the most."""
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{middle:{form}} ({least:{form}} to {most:{form}})"


def times(ratio: float, digits: int = 1) -> str:
    """A ratio, as it is read out."""
    return f"{ratio:.{digits}f} x"
