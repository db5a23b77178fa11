"""
Reads one table of the configuration, and keeps each problem instead of stopping at the first.

A reader that finds a fault returns the default, so that the rest can still be checked; `load.py`
raises in the end if there was any problem at all.
"""

from __future__ import annotations

import re
import stat
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.settings.secret import Secret
from payout.asset import USD
from payout.errors import BadInput
from payout.money import Money, parse_money

if TYPE_CHECKING:
    from collections.abc import Sequence

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""What a person may call an instance, a wallet or a processor."""

SECRET_BYTES_MAX = 4096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_TYPES = {str: "text in quotes", int: "a whole number", bool: "true or false", list: "a list, in [ and ]"}


class Problems:
    """What is wrong with a file."""

    def __init__(self, file: Path, lines: dict[str, int]) -> None:
        self.file = file
        self.lines = lines
        self._found: list[tuple[int, str]] = []

    def add(self, name: str, words: str) -> None:
        """`name` is `table.key`; its line is added where it is known."""
        table, _, key = name.rpartition(".")
        # What is missing has no line of its own: its table is where it goes.
        line = self.lines.get(name) or self.lines.get(table)
        where = f"{self.file.name}:{line}" if line else self.file.name
        shown = f"[{table}] {key}" if table else name
        self._found.append((line or 0, f"{where}: {shown}: {words}"))

    @property
    def found(self) -> tuple[str, ...]:
        """Each problem, in the order of the file."""
        return tuple(text for _, text in sorted(self._found, key=lambda each: each[0]))


class Table:
    """The keys of one table, each asked for once; `done` then names those that nobody asked for."""

    def __init__(self, name: str, values: Any, problems: Problems) -> None:
        self.name = name
        self.problems = problems
        self.asked: list[str] = []
        self.values: dict[str, Any] = {}
        if isinstance(values, dict):
            self.values = values
        elif values is not None:
            problems.add(name, f"must be a table: write [{name}] and its keys below it")

    def fault(self, key: str, words: str) -> None:
        """Say what is wrong with a key."""
        self.problems.add(f"{self.name}.{key}", words)

    def has(self, key: str) -> bool:
        """The key is written in the file."""
        return key in self.values

    def text(self, key: str, default: str = "", *, pattern: str | None = None) -> str:
        """Text; `pattern` must fit the whole of it."""
        value: str = self._typed(key, str, default)
        if pattern and value != default and not re.fullmatch(pattern, value):
            self.fault(key, f"{value!r} may only hold letters, digits, dots, dashes, underscores")
            return default
        if self.has(key) and not value.strip():
            self.fault(key, "is empty: give it a value, or remove the line")
        return value

    def optional(self, key: str) -> str | None:
        """Text, or None where the key is absent."""
        return self.text(key) or None

    def number(self, key: str, default: int, low: int, high: int) -> int:
        """A whole number from low to high."""
        value: int = self._typed(key, int, default)
        if not low <= value <= high:
            self.fault(key, f"{value} is out of range: use {low} to {high}")
            return default
        return value

    def choice(self, key: str, default: str, choices: Sequence[str]) -> str:
        """One of a few words."""
        value = self.text(key, default)
        if value not in choices:
            self.fault(key, f"{value!r} is not known: use {' or '.join(choices)}")
            return default
        return value

    def names(self, key: str, default: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
        """A list of known names, none twice."""
        given: list[Any] = self._typed(key, list, list(default))
        for name in given:
            if name not in known:
                near = nearest(name, known)
                hint = f"did you mean {near}?" if near else f"use any of {', '.join(known)}"
                self.fault(key, f"{name!r} is not known; {hint}")
        if len({str(name) for name in given}) != len(given):
            self.fault(key, "names one twice")
        return tuple(dict.fromkeys(name for name in given if name in known))

    def usd(self, key: str, default: str) -> Money:
        """An amount of US dollars, in quotes: a bare 25.10 would be a binary fraction."""
        value = self.values.get(key)
        if isinstance(value, int | float) and not isinstance(value, bool):
            self.asked.append(key)
            self.fault(key, f'is a bare number: put the amount in quotes, such as "{default}"')
            return parse_money(default, USD, name=key)
        text = self._typed(key, str, default)
        try:
            return parse_money(text, USD, name=key)
        except BadInput as error:
            self.fault(key, f"{error.problem}; {error.remedy}")
            return parse_money(default, USD, name=key)

    def items(self, key: str) -> list[Any]:
        """A list of whatever it holds; empty where the key is absent."""
        given: list[Any] = self._typed(key, list, [])
        return given

    def networks(self, key: str) -> tuple[str, ...]:
        """A list of networks or single addresses, such as 10.1.0.0/16, in their usual form."""
        from ipaddress import ip_network

        found = []
        for given in self.items(key):
            try:
                # As text: a bare number would be an address too.
                found.append(str(ip_network(given if isinstance(given, str) else "")))
            except ValueError:
                words = "write it as 10.1.0.0/16, with no bits set behind the prefix, or one address as 10.1.2.3"
                self.fault(key, f"{given!r} is no network: {words}")
        return tuple(dict.fromkeys(found))

    def paths(self, key: str, default: tuple[Path, ...]) -> tuple[Path, ...]:
        """A list of paths, one at least; relative ones are relative to the file."""
        given: list[Any] = self._typed(key, list, [])
        if not self.has(key):
            return default
        if not given or not all(isinstance(each, str) and each.strip() for each in given):
            self.fault(key, "must name one file at least, each in quotes")
            return default
        return tuple(dict.fromkeys(self.resolve(each) for each in given))

    def percent(self, key: str, default: str, most: int) -> Decimal:
        """A percentage above 0, in quotes, such as "2.5"."""
        text: str = self._typed(key, str, default)
        if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,4})?", text) or not 0 < Decimal(text) <= most:
            self.fault(key, f'{text!r} must be a percentage in quotes, above 0 and at most {most}, such as "{default}"')
            return Decimal(default)
        return Decimal(text)

    def url(self, key: str, default: str) -> str:
        """An address of a service, without a login in it."""
        return self._url(key, default) or default

    def optional_url(self, key: str) -> str | None:
        """The same, or None where the key is absent."""
        return self._url(key, None)

    def secret_url(self, key: str) -> Secret | None:
        """The same, also from a file: the paths of some services hold a key."""
        found = self.secret(key, may_be_seen=True)
        fault = url_fault(found.reveal()) if found else None
        if fault:
            self.fault(key, fault)
            return None
        return Secret(found.reveal().rstrip("/")) if found else None

    def path(self, key: str, default: Path) -> Path:
        """A path; relative ones are relative to the file."""
        text = self.text(key)
        return self.resolve(text) if text else default

    def resolve(self, text: str) -> Path:
        """Relative to the folder of the file, `~` expanded."""
        return self.problems.file.parent / Path(text).expanduser()

    def secret(self, key: str, *, may_be_seen: bool = False) -> Secret | None:
        """
        From the file that `<key>_file` names or, less well, from the configuration itself.

        `may_be_seen`: most values of this key are no secret, so others may read the configuration.
        """
        file = self.text(f"{key}_file")
        inline = self.text(key)
        if file and inline:
            self.fault(key, f"is given twice: keep {key}_file, remove {key}")
        if file:
            return self._secret_file(f"{key}_file", self.resolve(file))
        if inline and not may_be_seen and readable_by_others(self.problems.file):
            name = self.problems.file
            self.fault(key, f"others can read this file: chmod 600 {name}, or use {key}_file")
        return Secret(inline) if inline else None

    def done(self) -> None:
        """Name every key that this table does not have."""
        for key in self.values:
            if key not in self.asked:
                near = nearest(key, self.asked)
                hint = f"did you mean {near}?" if near else f"known are {', '.join(self.asked)}"
                self.fault(key, f"is not a known key; {hint}")

    def _secret_file(self, key: str, file: Path) -> Secret | None:
        try:
            if readable_by_others(file):
                self.fault(key, f"others can read {file}: chmod 600 {file}")
            if file.stat().st_size > SECRET_BYTES_MAX:
                self.fault(key, f"{file} is over {SECRET_BYTES_MAX} bytes: it holds no secret")
                return None
            text = file.read_text(encoding="utf-8").rstrip("\r\n")
        except FileNotFoundError:
            self.fault(key, f"{file} does not exist: create it with mode 600")
            return None
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self.fault(key, f"{file} cannot be read: {why}")
            return None
        return Secret(text)

    def _url(self, key: str, default: str | None) -> str | None:
        text = self.text(key)
        if not text:
            return default
        fault = url_fault(text)
        if fault:
            self.fault(key, fault)
            return default
        return text.rstrip("/")

    def _typed(self, key: str, kind: type, default: Any) -> Any:
        self.asked.append(key)
        value = self.values.get(key, default)
        # True is an int to Python, and to nobody else.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(key, f"must be {_TYPES[kind]}")
            return default
        return value


def readable_by_others(file: Path) -> bool:
    """Group or others have any right to it."""
    return bool(file.stat().st_mode & _OTHERS)


def url_fault(text: str) -> str | None:
    """Why this is not a plain http(s) address, or None."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(text)
        port_is_sane = parts.port is None or parts.port > 0
    except ValueError:
        return "is not an address: its port is not a number from 1 to 65535"
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_sane:
        return f"{parts.scheme or 'it'} is not an address: write http://HOST:PORT or https://HOST"
    if parts.username or parts.password:
        return "holds a login: put that in a file and name it with the _file key"
    if parts.query or parts.fragment or any(char.isspace() for char in text):
        return "must be a plain address, without a query, a fragment or spaces"
    return None


def nearest(name: object, known: Sequence[str]) -> str | None:
    """The known word that somebody probably meant."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(str(name), known, n=1)), None)
