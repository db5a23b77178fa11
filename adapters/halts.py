"""
Pauses by file, for when the database is down or nobody can reach the command line.

`touch STATE_DIR/PAUSE` stops every wallet, `STATE_DIR/PAUSE.hot` the wallet "hot"; what is written in
the file is the reason, and a line `until: 2026-11-22T18:00Z` ends the pause by itself. Doubt stops: where the folder
cannot be read everything pauses, and an end that cannot be read is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from payout.change import Pause
from payout.scope import ALL

NAME: Final = "PAUSE"
WHO: Final = "a pause file"
WORDS_MAX: Final = 300
FILE_MAX: Final = 4096
UNTIL: Final = "until:"


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHalts:
    """Reads the pause files of one folder."""

    folder: Path
    now: Callable[[], datetime] = _now

    def pauses(self) -> tuple[Pause, ...]:
        now = self.now()
        try:
            names = sorted(path.name for path in self.folder.iterdir())
        except OSError as error:
            why = f"{self.folder} cannot be read ({error.strerror}): a pause may be wanted there"
            return (Pause(scope=ALL, who=WHO, why=why, at=now),)
        every = (self._pause(name, now) for name in names if name == NAME or name.startswith(f"{NAME}."))
        return tuple(pause for pause in every if pause.in_force(now))

    def file(self, scope: str) -> Path:
        """The file that pauses a scope."""
        return self.folder / (NAME if scope == ALL else f"{NAME}.{scope}")

    def put(self, scope: str, why: str, until: datetime | None = None) -> Path:
        """Pause by file; returns the file, which a person removes to resume."""
        path = self.file(scope)
        # On one line: no reason may read as an end.
        text = f"{' '.join(why.split())}\n"
        if until is not None:
            text += f"{UNTIL} {until.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n"
        path.write_text(text, encoding="utf-8")
        return path

    def _pause(self, name: str, now: datetime) -> Pause:
        scope = ALL if name == NAME else name.removeprefix(f"{NAME}.")
        path = self.folder / name
        why, at, until = "", now, None
        try:
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            with path.open("rb") as stream:
                text = stream.read(FILE_MAX).decode(errors="replace")
                why, until = _read(text)
                if stream.read(1):
                    until = None  # What was not read may say another end.
        except OSError:
            # It was there a moment ago, and whoever may not read it still meant it.
            why = "its reason cannot be read"
        return Pause(scope=scope, who=WHO, why=why or f"the file {path} exists", at=at, until=until)


def _read(text: str) -> tuple[str, datetime | None]:
    """The reason, and the end: the last of several, and none where one of them cannot be read."""
    lines = text.splitlines()
    ends = [line for line in lines if line.strip().lower().startswith(UNTIL)]
    why = " ".join(line.strip() for line in lines if line not in ends).strip()[:WORDS_MAX]
    times = [_time(line.strip()[len(UNTIL) :].strip()) for line in ends]
    unread = next((line.strip() for line, time in zip(ends, times, strict=True) if time is None), None)
    if unread is not None:
        words = f'its line "{unread[:WORDS_MAX]}" is no time such as 2026-11-22T18:00Z, so it has no end'
        return f"{why}; {words}" if why else words, None
    return why, max((time for time in times if time is not None), default=None)


def _time(text: str) -> datetime | None:
    """A moment with its zone; None where it is not surely one."""
    try:
        time = datetime.fromisoformat(text)
        return time.astimezone(UTC) if time.tzinfo is not None else None
    except (ValueError, OverflowError):  # Overflow: it is in none of the years that there are, in UTC.
        return None
