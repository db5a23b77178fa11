"""The pages of docs/, taken apart: tables, and blocks of code with what follows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

DOCS: Final = Path(__file__).resolve().parents[2] / "docs"
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"^`([^`]*)`$")


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code. `kind` is the word behind its fence: sh, python, json, toml, or nothing."""

    kind: str
    text: str


def text_of(page: str) -> str:
    return (DOCS / page).read_text()


def blocks(page: str) -> list[Block]:
    """In the order in which they stand."""
    return [Block(kind, text) for kind, text in _FENCE.findall(text_of(page))]


def table(page: str, first_title: str) -> list[list[str]]:
    """The rows of the table whose first column has this title, as plain words."""
    lines = text_of(page).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {first_title} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([_CODE.sub(r"\1", cell.strip()) for cell in line.strip().strip("|").split(" | ")])
    return rows
