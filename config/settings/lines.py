"""Where a key stands in a TOML file: the parser keeps no line numbers, and a person needs one."""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_LISTED = re.compile(r"^\s*\[\[\s*([^\[\]]+?)\s*\]\]\s*(?:#.*)?$")


def key_lines(text: str) -> dict[str, int]:
    """
    Line of each `table.key` and of each `table`, as far as plain headers and keys go.

    Of a list of tables, `[[table]]`, the first is named `table 1`.
    """
    found: dict[str, int] = {}
    counted: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), start=1):
        listed = _LISTED.match(line)
        if listed:
            name = _bare(listed[1])
            counted[name] = counted.get(name, 0) + 1
            table = f"{name} {counted[name]}"
            found.setdefault(name, number)
            found.setdefault(table, number)
            continue
        header = _HEADER.match(line)
        if header:
            table = _bare(header[1])
            found.setdefault(table, number)
            continue
        name, sign, _ = line.partition("=")
        if sign and not line.lstrip().startswith("#"):
            found.setdefault(f"{table}.{_bare(name)}" if table else _bare(name), number)
    return found


def _bare(name: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in name.split("."))
