"""The shape of what other machines answer: each of these gives the value in its right type, or raises `Garbled`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT_MAX: Final = 4_102_444_800
"""The year 2100 in Unix seconds: later ones are milliseconds, or nonsense."""

DIGITS_MAX: Final = 78
"""As many as 2**256 has."""


class Garbled(Exception):
    """An answer that the other side's protocol does not have."""


def obj(value: Any, what: str) -> Mapping[str, Any]:
    """An object of JSON."""
    if not isinstance(value, dict):
        raise Garbled(f"{what} is not an object")
    return value


def items(value: Any, what: str) -> list[Any]:
    """A list of JSON."""
    if not isinstance(value, list):
        raise Garbled(f"{what} is not a list")
    return value


def text(value: Any, what: str) -> str:
    """A text that is not empty."""
    if not isinstance(value, str) or not value:
        raise Garbled(f"{what} is not a text")
    return value


def whole(value: Any, what: str) -> int:
    """A whole number from 0 on; never a boolean, which is an int to Python."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Garbled(f"{what} is not a whole number")
    return value


def digits(value: Any, what: str) -> int:
    """A whole number that was written as text, as JSON's own numbers end at 2**53 for many."""
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()) or len(value) > DIGITS_MAX:
        raise Garbled(f"{what} is not a whole number in text")
    return int(value)


def moment(value: Any, what: str, *, per_second: int = 1) -> datetime:
    """A Unix time counted in whole seconds, or `per_second=1000` for milliseconds."""
    count = whole(value, what)
    if count > MOMENT_MAX * per_second:
        raise Garbled(f"{what} is not a Unix time in this century: {count}")
    seconds, rest = divmod(count, per_second)
    return EPOCH + timedelta(seconds=seconds, microseconds=rest * 1_000_000 // per_second)
