"""
Rate sources: one file each, all with `name` and `fetch`. What they share in reading is here.

A source hands on what it was told and judges nothing: `payout.quote` does that. It fails only
with SourceFailed, in words. A coin that its answer leaves out is left out; if nothing is left, it
fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final, Protocol

from adapters.http import HttpClient, HttpFailed
from payout.errors import SourceFailed
from payout.ports import Clock
from payout.quote import Sample
from payout.quote.sample import is_sane

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT_MAX: Final = 10_000_000_000
"""In seconds: the year 2286. A time beyond it is in other units, or nonsense."""

TEXT_MAX: Final = 60
TOLD_MAX: Final = 200
NUMBER: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class RateSource(Protocol):
    """One place that knows prices."""

    @property
    def name(self) -> str:
        """The word for it in the configuration and in every message."""
        ...

    def fetch(self, asset_codes: frozenset[str]) -> tuple[Sample, ...]:
        """
        Ask for these assets; those that the source has no symbol for are left out.

        Raises:
            SourceFailed: It gave nothing usable; the message says why.
        """
        ...


class Feed:
    """What every source is made of: its server, the symbol of each asset there, and a clock."""

    def __init__(self, http: HttpClient, symbols: Mapping[str, str], clock: Clock) -> None:
        self._http = http
        self._symbols = symbols
        self._clock = clock


def symbols_asked(symbols: Mapping[str, str], asset_codes: frozenset[str]) -> dict[str, str]:
    """From asset code to the source's symbol, for what is asked and known, in a fixed order."""
    return {code: symbols[code] for code in sorted(asset_codes) if code in symbols}


def read(http: HttpClient, path: str, params: Mapping[str, str] | None = None) -> Any:
    """GET, with a failure in the words of this room. The next poll is the retry."""
    try:
        return http.get_json(path, params=params)
    except HttpFailed as error:
        raise SourceFailed(str(error)) from error


def retry_after(error: SourceFailed) -> int | None:
    """The seconds of patience that the source asked for, if it did."""
    cause = error.__cause__
    return cause.retry_after_seconds if isinstance(cause, HttpFailed) else None


def one_by_one(source: str, asked: Mapping[str, str], ask: Callable[[str, str], Sample | None]) -> tuple[Sample, ...]:
    """Ask for each alone, so that a symbol that is gone does not take the others with it."""
    found: list[Sample | None] = []
    failure: SourceFailed | None = None
    for code, symbol in asked.items():
        try:
            found.append(ask(code, symbol))
        except SourceFailed as error:
            failure = error
            if isinstance(error.__cause__, HttpFailed):
                break  # It is down, or wants to be left in peace.
    if failure is not None and not any(found):
        raise failure
    return some(source, found, asked)


def some(source: str, samples: Iterable[Sample | None], asked: Mapping[str, str]) -> tuple[Sample, ...]:
    """The samples that there are. Raises SourceFailed if symbols were asked and none answered."""
    found = tuple(sample for sample in samples if sample is not None)
    if asked and not found:
        raise SourceFailed(f"{source}: knows none of {', '.join(asked.values())}")
    return found


def told(words: object) -> str:
    """A source's own words, escaped and cut, as they may stand in an error."""
    return ascii(str(words))[1:-1][:TOLD_MAX]


def mapping(value: Any, what: str) -> Mapping[str, Any]:
    """An object of JSON, or SourceFailed."""
    if not isinstance(value, dict):
        raise SourceFailed(f"{what} is not an object")
    return value


def field(value: Mapping[str, Any], key: str, what: str) -> Any:
    """A member that must be there, or SourceFailed."""
    if value.get(key) is None:
        raise SourceFailed(f"{what} has no {key}")
    return value[key]


def number(value: Any, what: str) -> Decimal:
    """An exact number from JSON, as text or as a number; SourceFailed for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise SourceFailed(f"{what} is not a number")
    text = str(value)
    if len(text) > TEXT_MAX or NUMBER.fullmatch(text) is None:
        raise SourceFailed(f"{what} is not a number: {text[:TEXT_MAX]!a}")
    exact = Decimal(text)
    if not is_sane(exact):
        raise SourceFailed(f"{what} is beyond all sense: {text}")
    return exact


def moment(value: Any, what: str, *, per_second: int = 1) -> datetime:
    """A Unix time counted in whole seconds, or `per_second=1000` for milliseconds."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise SourceFailed(f"{what} is not a Unix time")
    if not 0 < value < MOMENT_MAX * per_second:
        raise SourceFailed(f"{what} is not a Unix time in this century: {value}")
    seconds, rest = divmod(value, per_second)
    return EPOCH + timedelta(seconds=seconds, microseconds=rest * 1_000_000 // per_second)
