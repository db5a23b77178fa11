"""
Reads a CSV of a known form, and names everything that is wrong with it, by line.

A file is taken as it was meant or not at all: nothing is guessed, no column is passed over, and a
cell's text is handed on as it stands, for whoever knows what it means.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from payout.errors import BadInput

FILE_BYTES_MAX: Final = 50_000_000
ROWS_MAX: Final = 200_000
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One data row: the line on which it begins (the header is line 1), and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong, and on which line."""

    line: int
    problem: BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """All rows that could be read, and all that was wrong with the others."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def read_csv(file: Path, *, needed: Sequence[str], allowed: Sequence[str]) -> Sheet:
    """
    Read a file whose header has the `needed` columns, and maybe `allowed` ones, in any order.

    Raises:
        BadInput: the file as a whole cannot be read: says why.
    """
    text = _text(file)
    faults: list[Fault] = []
    records = _records(text, faults)
    first = next(records, None)
    if first is None:
        if faults:
            return Sheet(rows=(), faults=tuple(faults))
        raise BadInput(file.name, "is empty", f"begin with the header {','.join(needed)}")
    line, names = first
    columns = [name.strip() for name in names]
    wrong = _header_faults(columns, needed, allowed)
    if wrong:
        return Sheet(rows=(), faults=tuple(Fault(line=line, problem=each) for each in wrong))
    rows: list[Row] = []
    for line, cells in records:
        if len(cells) != len(columns):
            problem = f"has {len(cells)} cells, the header has {len(columns)}"
            remedy = "put text that holds a comma in quotes, and leave no cell out"
            faults.append(Fault(line=line, problem=BadInput("row", problem, remedy)))
        else:
            rows.append(Row(line=line, cells=dict(zip(columns, cells, strict=True))))
        if len(rows) > ROWS_MAX:
            raise BadInput(file.name, f"has over {ROWS_MAX} rows", "split it into smaller files")
    return Sheet(rows=tuple(rows), faults=tuple(sorted(faults, key=lambda each: each.line)))


def _text(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > FILE_BYTES_MAX:
            problem = f"is {size} bytes long, over {FILE_BYTES_MAX}"
            raise BadInput(file.name, problem, "split it into smaller files")
        raw = file.read_bytes()
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise BadInput(str(file), problem, "name a CSV file that you may read") from None
    if raw.startswith(_UTF16):
        raise BadInput(file.name, "is in UTF-16", "save it as CSV in UTF-8")
    if b"\0" in raw:
        line = raw[: raw.index(b"\0")].count(b"\n") + 1
        raise BadInput(f"{file.name}:{line}", "holds a NUL byte", "save it as CSV in UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problem = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise BadInput(f"{file.name}:{line}", problem, "save it as CSV in UTF-8") from None


def _records(text: str, faults: list[Fault]) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line on which it begins; empty lines are passed over."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # After a broken quote nobody can tell where the next record begins.
            problem = BadInput("row", f"is broken: {error}", "close every quote, double those inside")
            faults.append(Fault(line=line, problem=problem))
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _header_faults(columns: Sequence[str], needed: Sequence[str], allowed: Sequence[str]) -> list[BadInput]:
    known = [*needed, *allowed]
    if len(columns) == 1 and any(mark in columns[0] for mark in ";\t|"):
        return [BadInput("header", "is not separated by commas", "save it as CSV with commas")]
    faults = []
    for name in dict.fromkeys(columns):
        if columns.count(name) > 1:
            faults.append(BadInput("header", f"names {name!r} twice", "remove one of them"))
        if name not in known:
            near = get_close_matches(name.lower(), known, n=1)
            remedy = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            faults.append(BadInput("header", f"has an unknown column {name!r}", remedy))
    faults += [
        BadInput("header", f"lacks the column {name}", f"the header is {','.join(needed)}")
        for name in needed
        if name not in columns
    ]
    return faults
