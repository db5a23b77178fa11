"""
Canaries: secrets of fixtures that sing when they get out.

Every fixture's secret carries `MARK`, or is guarded by its value; keys that the product made are found as files.
`Watch` is the hook: after each test it searches what was captured (stdout, stderr, log), the output files and
databases in the test's folder, and what the harnesses handed to `heard`. One find fails the test. A secret that a
command rightly prints (a new API key, `orders show --secret`) must not be guarded before it was said.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Final

import pytest

MARK: Final = "c4nary"
"""A word that nothing legitimate contains."""
WRITTEN: Final = frozenset(
    {".log", ".csv", ".json", ".jsonl", ".txt", ".html", ".md", ".pdf", ".xml", ".db", ".db-wal", ".out", ".err"}
)
"""What programs write as output: logs, journals, exports, pages, databases."""
SECRET_FILES: Final = re.compile(r"(^|[._-])(key|login|password|secret|secrets|hidden)s?($|[._-])")
"""Files that hold a secret rightly."""
NAMED_KEY: Final = re.compile(r"[0-9a-f]{64}\n?")
PRIVATE: Final = "PRIVATE KEY-----"
BYTES_MAX: Final = 64 * 1024 * 1024
SHORTEST: Final = 8
"""What is shorter stands in innocent text too."""


def secret(name: str) -> str:
    """The secret of a fixture, such as "c4nary-rpc-password"."""
    return f"{MARK}-{name.replace(' ', '-')}"


def guard(value: str | bytes) -> None:
    """A secret that carries no mark: it must not get out from now on, until the test ends."""
    WATCH.guard(value)


def guard_always(value: str | bytes) -> None:
    """The same until the run ends: the secret of a part that outlives a test."""
    WATCH.guard(value, always=True)


def heard(said: str | bytes) -> None:
    """What a harness got out of the product: a command's output, an answer over HTTP with its headers."""
    WATCH.hear(said)


def search(folder: Path) -> None:
    """
    The output files of a folder that is no test's own; for the end of a fixture.

    Raises:
        AssertionError: one of them holds a secret.
    """
    found = WATCH.leaks_of_files(folder)
    assert not found, "\n".join(found)


class Watch:
    """What is guarded, and what was heard, during one test."""

    def __init__(self) -> None:
        self._always: dict[bytes, str] = {MARK.encode(): "a fixture's secret"}
        self._guarded: dict[bytes, str] = {}
        self._heard: list[bytes] = []
        self._found: list[str] = []

    def guard(self, value: str | bytes, *, always: bool = False) -> None:
        """Watch a value, and if it is a key, what it looks like in other coats."""
        name = "a secret that was guarded"
        (self._always if always else self._guarded).update(dict.fromkeys(_coats(value), name))

    def hear(self, said: str | bytes) -> None:
        """Keep it to the end of the test: only then all keys are known."""
        self._heard.append(said if isinstance(said, bytes) else said.encode(errors="surrogateescape"))

    def leaks_of_files(self, folder: Path) -> list[str]:
        """Where the files of a folder hold a secret; keys found among them are guarded too."""
        files = list(_files(folder))
        needles = {**self._always, **self._guarded}
        for file in files:
            for key in _keys_in(file):
                needles |= dict.fromkeys(_coats(key), f"the key of {file.name}")
        self._guarded = {name: what for name, what in needles.items() if name not in self._always}
        return [
            f"{file.relative_to(folder)} holds {what}"
            for file in files
            if file.suffix in WRITTEN and not SECRET_FILES.search(file.name)
            for what in _in(file.read_bytes(), needles)
        ]

    def leaks(self, sections: Iterable[tuple[str, str]]) -> list[str]:
        """All that got out during the test which ends here; the watch begins anew."""
        needles = {**self._always, **self._guarded}
        found = [
            f"{name} holds {what}" for name, text in sections for what in _in(text.encode(errors="replace"), needles)
        ]
        found += [f"what the product said holds {what}" for said in self._heard for what in _in(said, needles)]
        found += self._found
        self._guarded, self._heard, self._found = {}, [], []
        return found

    @pytest.fixture(autouse=True)
    def _files_of_the_test(self, request: pytest.FixtureRequest) -> Iterator[None]:
        """Searched when all that the test started has ended, and before its folder goes: this is set up first."""
        folder: Path | None = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
        yield
        if folder is not None:
            self._found += self.leaks_of_files(folder)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """A test that is over fails if a secret got out, wherever the test itself looked."""
        report = yield
        if call.when == "teardown":
            found = self.leaks(report.sections)
            if found and report.passed:
                report.outcome = "failed"
                report.longrepr = "a secret got out: " + "; ".join(sorted(set(found)))
        return report


def _coats(value: str | bytes) -> Iterator[bytes]:
    """A text as it is; a key raw, in hex and in the base64s."""
    if isinstance(value, str):
        if len(value) >= SHORTEST:
            yield value.encode()
        return
    yield value
    yield value.hex().encode()
    yield value.hex().upper().encode()
    yield base64.b64encode(value).rstrip(b"=")
    yield base64.urlsafe_b64encode(value).rstrip(b"=")


def _keys_in(file: Path) -> Iterator[bytes | str]:
    """A key of the installation's, or the lines of a person's."""
    if file.suffix != ".key":
        return
    text = file.read_text(errors="replace")
    if NAMED_KEY.fullmatch(text):
        yield bytes.fromhex(text)
    elif PRIVATE in text:
        yield from (line for line in text.splitlines() if line and "-" not in line)


def _in(text: bytes, needles: dict[bytes, str]) -> Iterator[str]:
    return (what for needle, what in needles.items() if needle in text)


def _files(folder: Path) -> Iterator[Path]:
    for file in folder.rglob("*"):
        if file.is_file() and not file.is_symlink() and file.stat().st_size <= BYTES_MAX:
            yield file


WATCH: Final = Watch()
