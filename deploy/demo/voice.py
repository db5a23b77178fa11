"""
What the demo says: headings, remarks and the commands that it runs, calm when piped and coloured in a terminal.

Nothing here decides anything.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.text import Text

INDENT: Final = "  "
WIDTH_MAX: Final = 110


class Voice:
    """One console for all that is shown, so that a live line and plain ones never mix."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        self._acts = 0

    @property
    def live(self) -> bool:
        """A person watches: lines may be drawn again."""
        return self.console.is_terminal

    def title(self, text: str) -> None:
        self._print(text, "bold")

    def act(self, text: str) -> None:
        """A heading with the next number."""
        self._acts += 1
        self._print("", None)
        self._print(f"{self._acts}  {text}", "bold")

    def say(self, text: str) -> None:
        """A paragraph, broken at the width of the terminal."""
        self._paragraph(text, INDENT)

    def quote(self, text: str) -> None:
        """A paragraph of the product's own words."""
        self._paragraph(text, INDENT + INDENT)

    def command(self, text: str) -> None:
        """A command as it could be typed."""
        self._print(f"{INDENT}$ {text}", "bold cyan")

    def output(self, lines: Iterable[str]) -> None:
        """What a command printed."""
        for line in lines:
            self._print(f"{INDENT}{INDENT}{line}".rstrip(), None)

    def facts(self, *rows: tuple[str, ...]) -> None:
        """Aligned columns without titles."""
        widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
        self.output(INDENT.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)

    def verdict(self, text: str, *, good: bool) -> None:
        self._print(f"{INDENT}{text}", "bold green" if good else "bold red")

    def _paragraph(self, text: str, indent: str) -> None:
        width = min(self.console.width if self.live else WIDTH_MAX, WIDTH_MAX)
        lines = textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
        self._print(lines, None)

    def _print(self, text: str, style: str | None) -> None:
        self.console.print(Text(text, style=style or ""), soft_wrap=True)
