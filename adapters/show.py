"""
What people see in a terminal: aligned tables, colour where it helps, progress on long work.

Output that is piped is plain, whole and stable; only a terminal gets colour (unless NO_COLOR is set)
and columns cut to its width. Rich takes a tenth of a second to import, so nothing else waits for it.
"""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TextIO, TypeVar

T = TypeVar("T")

GAP: Final = "  "
PROGRESS_MIN: Final = 500
"""Shorter work is over before anyone could read a bar."""

COLUMN_MIN: Final = 8
"""No column is cut to less; a narrower terminal wraps instead."""

STYLES: Final[Mapping[str, str]] = {
    "PAID": "32",
    "FINAL": "32",
    "SETTLED": "32",
    "ok": "32",
    "taken": "32",
    "APPROVED": "36",
    "PAYING": "36",
    "OPEN": "36",
    "HELD": "33",
    "WAITING": "33",
    "REQUESTED": "33",
    "warning": "33",
    "FAIL": "31",
    "VOID": "31",
    "REJECTED": "31",
    "FAILED": "31",
}
"""SGR codes of words that stand alone in a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `right` aligns numbers; `give` lets it be cut first in a narrow terminal."""

    title: str
    right: bool = False
    give: bool = False


@dataclass(slots=True, kw_only=True)
class Screen:
    """Where the command line writes. `width` is None where nothing is cut."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)
    colour: bool | None = None
    width: int | None = None

    def __post_init__(self) -> None:
        terminal = self.out.isatty()
        if self.colour is None:
            plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
            self.colour = terminal and not plain
        if self.width is None and terminal:
            self.width = shutil.get_terminal_size().columns

    def line(self, text: str = "") -> None:
        """One line on stdout."""
        print(safe(text), file=self.out)

    def raw(self, text: str) -> None:
        """Text that is already safe, such as JSON."""
        print(text, file=self.out)

    def complain(self, text: str) -> None:
        """One line on stderr, after the name of the program."""
        self.out.flush()
        print(f"payout: {safe(text)}", file=self.err)

    def title(self, text: str) -> None:
        """A heading, bold in a terminal."""
        self.raw(f"\x1b[1m{safe(text)}\x1b[0m" if self.colour else safe(text))

    def facts(self, rows: Iterable[tuple[str, object]]) -> None:
        """Names and values, one a line; those without a value are left out."""
        shown = [(name, safe(str(value))) for name, value in rows if value not in (None, "")]
        wide = max((len(name) for name, _ in shown), default=0)
        for name, value in shown:
            self.raw(f"{name.ljust(wide)}{GAP}{self._coloured(value, value)}")

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[object]]) -> None:
        """Aligned columns under their titles; columns that are empty throughout are left out."""
        cells = [["" if v is None else _cell(str(v)) for v in row] for row in rows]
        kept = [i for i, _ in enumerate(columns) if any(row[i] for row in cells)]
        columns = [columns[i] for i in kept]
        cells = [[row[i] for i in kept] for row in cells]
        widths = [
            max([cell_width(column.title), *(cell_width(row[i]) for row in cells)]) for i, column in enumerate(columns)
        ]
        widths = self._narrowed(columns, widths)
        head = self._row(columns, widths, [column.title for column in columns])
        self.raw(f"\x1b[2m{head}\x1b[0m" if self.colour else head)
        for row in cells:
            self.raw(self._row(columns, widths, row))

    @contextmanager
    def progress(self, what: str, items: Sequence[T]) -> Iterator[Iterator[T]]:
        """The items, with a bar on stderr while a person waits for many of them."""
        if len(items) < PROGRESS_MIN or not self.err.isatty():
            yield iter(items)
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(file=self.err), transient=True) as bar:
            yield iter(bar.track(items, description=what))

    def _row(self, columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str]) -> str:
        done = []
        for column, width, cell in zip(columns, widths, cells, strict=True):
            text = cut(cell, width)
            pad = " " * (width - cell_width(text))
            shown = self._coloured(cell, text)
            done.append(pad + shown if column.right else shown + pad)
        return GAP.join(done).rstrip()

    def _coloured(self, word: str, text: str) -> str:
        code = STYLES.get(word) if self.colour else None
        return f"\x1b[{code}m{text}\x1b[0m" if code else text

    def _narrowed(self, columns: Sequence[Column], widths: Sequence[int]) -> list[int]:
        """Take from the columns that give until the table fits, or they have no more to give."""
        fitted = list(widths)
        if self.width is None:
            return fitted
        over = sum(fitted) + len(GAP) * (len(fitted) - 1) - self.width
        while over > 0:
            giving = [i for i, column in enumerate(columns) if column.give and fitted[i] > COLUMN_MIN]
            if not giving:
                break
            widest = max(giving, key=lambda i: fitted[i])
            fitted[widest] -= 1
            over -= 1
        return fitted


def safe(text: str) -> str:
    """Without anything that moves a cursor or turns text around: some of it came from outside."""
    if text.isprintable():
        return text
    return "".join(c if c == "\n" or unicodedata.category(c)[0] != "C" else f"\\x{ord(c):02x}" for c in text)


def _cell(text: str) -> str:
    """Safe, and on one line."""
    return safe(text).replace("\n", "\\n")


def cell_width(text: str) -> int:
    """Columns of the terminal that the text takes."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def cut(text: str, width: int) -> str:
    """The text, or its beginning and an ellipsis."""
    if cell_width(text) <= width:
        return text
    while text and cell_width(text) > width - 1:
        text = text[:-1]
    return f"{text}…"
