"""
Revoked API keys, in a file beside the instance's keys: whoever can write to the database cannot bring one back.

One id a line, appended and never taken out. A file that cannot be read stops every key, rather than letting one in.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import Final

from payout.errors import StoreUnavailable

NAME: Final = "api-keys.revoked"
MODE: Final = 0o600


class RevokedKeys:
    """Reads the file again whenever it has changed."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME
        self._seen: tuple[int, int, int] | None = None
        self._ids: frozenset[str] = frozenset()
        self._lock = Lock()

    def add(self, key_id: str) -> None:
        """Keep it, safe from a crash. Raises StoreUnavailable where that cannot be."""
        try:
            handle = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, MODE)
            with os.fdopen(handle, "w", encoding="ascii") as stream:
                stream.write(f"{key_id}\n")
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise StoreUnavailable(f"{self._file} cannot be written: {error.strerror}: see who owns it") from None

    def __contains__(self, key_id: str) -> bool:
        """It was revoked here. Raises StoreUnavailable where nobody can say."""
        with self._lock:
            try:
                found = self._file.stat()
                seen = (found.st_mtime_ns, found.st_size, found.st_ino)
                if seen != self._seen:
                    self._ids = frozenset(self._file.read_text(encoding="ascii").split())
                    self._seen = seen
            except FileNotFoundError:
                return False
            except (OSError, ValueError) as error:
                raise StoreUnavailable(f"{self._file} cannot be read: {error}: see who owns it") from None
            return key_id in self._ids
