"""Times as people type them: how long, and until when. In doubt they are asked again, never guessed at."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from payout.errors import BadInput

DAYS_MAX: Final = 366
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_PART: Final = re.compile(r"([0-9]{1,6})([mhd])")
_WHOLE: Final = re.compile(r"(?:[0-9]{1,6}[mhd])+")


def read_duration(flag: str, text: str) -> timedelta:
    """
    `30m`, `2h`, `1d` or `1h30m`.

    Raises:
        BadInput: it is none, or longer than a year.
    """
    given = text.strip().lower()
    if not _WHOLE.fullmatch(given):
        raise BadInput(flag, f"{text!r} is no duration", "give it as 30m, 2h, 1d or 1h30m")
    total = sum((int(number) * _UNITS[unit] for number, unit in _PART.findall(given)), timedelta())
    if not timedelta(0) < total <= timedelta(days=DAYS_MAX):
        raise BadInput(flag, f"{text!r} is not between a minute and {DAYS_MAX} days", "leave it out for no end")
    return total


def read_time(flag: str, text: str) -> datetime:
    """
    `2026-11-22T18:00Z`, or with an offset.

    Raises:
        BadInput: it is none, or names no zone.
    """
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(flag, f"{text!r} is no time", "give it as 2026-11-22T18:00Z") from None
    if time.tzinfo is None:
        raise BadInput(flag, f"{text!r} names no time zone", "add Z for UTC, as in 2026-11-22T18:00Z")
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise BadInput(flag, f"{text!r} is in none of the years that there are, in UTC", "leave it out") from None
