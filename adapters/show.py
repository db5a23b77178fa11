"""
What people see in a terminal: aligned tables, colour where it helps, progress on long work.

Output that is piped is plain, whole and stable; only a terminal gets colour (unless NO_COLOR is set)
and columns fitted to its width. Rich takes a tenth of a second to import, so nothing else waits for it.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TextIO, TypeVar

T = TypeVar("T")

GAP: Final = "  "
PROGRESS_MIN: Final = 500
"""Shorter work is over before anyone could read a bar."""

COLUMN_MIN: Final = 8
"""No column is cut to less; a narrower terminal wraps instead."""

WHOLE_MIN: Final = 28
"""A column that is shown whole gets lines of at least so much beside its row; else it goes below."""

BELOW: Final = "    "

STYLES: Final[Mapping[str, str]] = {
    "PAID": "32",
    "FINAL": "32",
    "SETTLED": "32",
    "ok": "32",
    "DELIVERED": "32",
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


_SGR: Final = re.compile(r"\x1b\[[0-9]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    One column. `right` aligns numbers.

    In a narrow terminal, `spare` lets it be left out, and `give` lets it be cut. The last column may be `whole`: it is
    never cut, but goes on in further lines.
    """

    title: str
    right: bool = False
    give: bool = False
    spare: bool = False
    whole: bool = False


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
        cells = [["" if v is None else safe(str(v)) for v in row] for row in rows]
        kept = [i for i, _ in enumerate(columns) if any(row[i] for row in cells)]
        widths = {i: max([cell_width(columns[i].title), *(cell_width(row[i]) for row in cells)]) for i in kept}
        kept = self._spared(columns, widths, kept)
        tail = kept.pop() if self._continues(columns, widths, kept) else None
        shown = [columns[i] for i in kept]
        fitted = self._narrowed(shown, [widths[i] for i in kept])
        beside = sum(fitted) + len(GAP) * len(fitted)
        room = 0 if tail is None or self.width is None else self.width - beside
        head = self._row(shown, fitted, [column.title for column in shown])
        if tail is not None and room >= WHOLE_MIN:
            head = f"{head.ljust(beside)}{columns[tail].title}"
        self.raw(f"\x1b[2m{head}\x1b[0m" if self.colour else head)
        for row in cells:
            line = self._row(shown, fitted, [row[i] for i in kept])
            self._row_with_tail(line, "" if tail is None else row[tail], beside, room)

    def _row_with_tail(self, line: str, tail: str, beside: int, room: int) -> None:
        """A row, and the text of its last column beside it in lines of `room`, or below it."""
        if not tail:
            self.raw(line)
            return
        if room >= WHOLE_MIN:
            first, *more = _wrapped(tail, room)
            self.raw(f"{line}{' ' * (beside - self._shown_width(line))}{first}")
            indent = " " * beside
        else:
            self.raw(line)
            more, indent = _wrapped(tail, max(WHOLE_MIN, (self.width or 0) - len(BELOW))), BELOW
        for each in more:
            self.raw(f"{indent}{each}")

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

    @contextmanager
    def counting(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """Something to call with how much is done and how much there is, which a person sees as a bar on stderr."""
        if not self.err.isatty():
            yield lambda _done, _total: None
            return
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(file=self.err), transient=True) as bar:
            task = bar.add_task(what)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def _row(self, columns: Sequence[Column], widths: Sequence[int], cells: Sequence[str]) -> str:
        done = []
        for column, width, cell in zip(columns, widths, cells, strict=True):
            text = cut(cell, width)
            pad = " " * (width - cell_width(text))
            shown = self._coloured(cell, text)
            done.append(pad + shown if column.right else shown + pad)
        return GAP.join(done).rstrip()

    @staticmethod
    def _shown_width(line: str) -> int:
        return cell_width(_SGR.sub("", line))

    def _spared(self, columns: Sequence[Column], widths: Mapping[int, int], kept: list[int]) -> list[int]:
        """Without as many spare columns, the last first, as it takes to fit the terminal."""
        left = list(kept)
        for i in reversed(kept):
            if self.width is None or self._least(columns, widths, left) <= self.width:
                break
            if columns[i].spare:
                left.remove(i)
        return left

    @staticmethod
    def _least(columns: Sequence[Column], widths: Mapping[int, int], kept: Sequence[int]) -> int:
        """What a table takes when all that can give has given."""
        counted = [i for i in kept if not columns[i].whole]
        return sum(min(widths[i], COLUMN_MIN) if columns[i].give else widths[i] for i in counted) + len(GAP) * (
            len(counted) - 1
        )

    def _continues(self, columns: Sequence[Column], widths: Mapping[int, int], kept: Sequence[int]) -> bool:
        """The last column is to be shown whole, and does not fit beside the others."""
        if self.width is None or not kept or not columns[kept[-1]].whole:
            return False
        return sum(widths[i] for i in kept) + len(GAP) * (len(kept) - 1) > self.width

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


def _wrapped(text: str, width: int) -> list[str]:
    """In lines; what has no spaces, such as a txid, stays in one piece to be copied."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def safe(text: str) -> str:
    """
    On one line, without anything that moves a cursor or turns text around: some of it came from outside, and could
    pass for a line of ours.
    """
    if text.isprintable():
        return text
    return "".join(c if unicodedata.category(c)[0] != "C" else f"\\x{ord(c):02x}" for c in text.replace("\n", "\\n"))


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
