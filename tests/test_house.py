"""The rules of the house that no linter knows: sizes, rooms, fakes, and pins without host names."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
ROOMS = ("payout", "adapters", "config", "deploy", "tests")
FILE_LINES = 300
FUNCTION_LINES = 60
# Spelled in two halves, so that this file does not break its own rule.
PATCHING = ("monkeypatch." + "setattr", "mock." + "patch", "Magic" + "Mock")


def sources(*rooms: str) -> Iterator[Path]:
    for room in rooms:
        yield from sorted((HOUSE / room).rglob("*.py"))


def name_of(file: Path) -> str:
    return str(file.relative_to(HOUSE))


def imported(tree: ast.Module) -> Iterator[str]:
    """The top-level names of all packages that a module imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


def test_no_file_grows_past_three_hundred_lines() -> None:
    long = {
        name_of(file): lines for file in sources(*ROOMS) if (lines := len(file.read_text().splitlines())) > FILE_LINES
    }
    assert long == {}, "make each a folder of the same name"


def test_no_function_grows_past_sixty_lines() -> None:
    long = [
        f"{name_of(file)}:{node.lineno} {node.name}"
        for file in sources(*ROOMS)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= FUNCTION_LINES
    ]
    assert long == []


def test_the_business_imports_only_itself_and_the_standard_library() -> None:
    allowed = sys.stdlib_module_names | {"payout"}
    strangers = {
        name_of(file): sorted(outside)
        for file in sources("payout")
        if (outside := set(imported(ast.parse(file.read_text()))) - allowed)
    }
    assert strangers == {}


def test_tests_use_real_parts_or_shipped_fakes_and_patch_nothing() -> None:
    patched = [f"{name_of(file)}: {word}" for file in sources(*ROOMS) for word in PATCHING if word in file.read_text()]
    assert patched == []


@pytest.mark.parametrize("pins", ["run.txt", "dev.txt", "build.txt", "uv.txt"])
def test_every_pin_has_a_hash_and_names_no_host(pins: str) -> None:
    text = (HOUSE / "requirements" / pins).read_text()
    assert "://" not in text
    assert "-index" not in text
    entries = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert entries
    # A pin's hashes follow on continued lines, so its first line ends in a backslash.
    assert [entry for entry in entries if "==" not in entry or not entry.endswith("\\")] == []


def test_every_runtime_pin_is_the_same_in_development() -> None:
    def pinned(name: str) -> set[str]:
        text = (HOUSE / "requirements" / name).read_text()
        return {line.split(" ")[0] for line in text.splitlines() if "==" in line[:60]}

    assert pinned("run.txt") <= pinned("dev.txt")
