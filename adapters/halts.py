"""
Pauses by file, for when the database is down or nobody can reach the command line.

`touch STATE_DIR/PAUSE` stops every wallet, `STATE_DIR/PAUSE.hot` the wallet "hot"; what is written in
the file is the reason. When the folder itself cannot be read nobody knows whether a pause is wanted,
so everything pauses: doubt stops.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from payout.change import ALL, Pause

NAME: Final = "PAUSE"
WHO: Final = "a pause file"
WORDS_MAX: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class FileHalts:
    """Reads the pause files of one folder."""

    folder: Path

    def pauses(self) -> tuple[Pause, ...]:
        try:
            names = sorted(path.name for path in self.folder.iterdir())
        except OSError as error:
            why = f"{self.folder} cannot be read ({error.strerror}): a pause may be wanted there"
            return (Pause(scope=ALL, who=WHO, why=why, at=datetime.now(UTC)),)
        return tuple(self._pause(name) for name in names if name == NAME or name.startswith(f"{NAME}."))

    def file(self, scope: str) -> Path:
        """The file that pauses a scope."""
        return self.folder / (NAME if scope == ALL else f"{NAME}.{scope}")

    def put(self, scope: str, why: str) -> Path:
        """Pause by file; returns the file, which a person removes to resume."""
        path = self.file(scope)
        path.write_text(f"{why}\n", encoding="utf-8")
        return path

    def _pause(self, name: str) -> Pause:
        scope = ALL if name == NAME else name.removeprefix(f"{NAME}.")
        path = self.folder / name
        why, at = "", datetime.now(UTC)
        try:
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            why = path.read_bytes()[:WORDS_MAX].decode(errors="replace").strip()
        except OSError:
            # It was there a moment ago, and whoever may not read it still meant it.
            why = "its reason cannot be read"
        return Pause(scope=scope, who=WHO, why=why or f"the file {path} exists", at=at)
