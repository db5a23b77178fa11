"""
The spend journal as a file: one line a commit or VOID, on disk before the first byte of a payment leaves.

What must not break: a line that `append` returned for is durable, and no line that was ever durable is removed.
Only the unfinished end of a line whose writer died is cut off: `append` had not returned for it, so nothing was
broadcast on its word.
"""

from __future__ import annotations

import fcntl
import logging
import os
import threading
from contextlib import contextmanager
from io import FileIO
from typing import TYPE_CHECKING, Any

from payout.errors import JournalBroken, SettingsError
from payout.spend_journal import JournalView, decode, encode, seal_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from payout.spend_journal import Entry, Line

MODE = 0o600
FOLDER_MODE = 0o700
_log = logging.getLogger(__name__)


def open_journal(state_dir: Path, wallet: str) -> JournalFile:
    """
    The journal of one wallet; its file is made by the first line.

    Raises:
        SettingsError: the wallet's name cannot name a file.
    """
    if not wallet or wallet.startswith(".") or "/" in wallet or "\0" in wallet:
        raise SettingsError((f"wallets.{wallet!r}: use letters, digits, '-' and '_' in its name",))
    return JournalFile(state_dir / f"journal-{wallet}.log")


class JournalFile:
    """
    One file, shared by every process on this host: each call locks it and first reads what others appended.

    Only new bytes are read. A file that was swapped, cut or emptied under a running process is refused.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.RLock()
        self._view = JournalView()
        self._read = 0  # Bytes of the file that the view has taken.
        self._inode: tuple[int, int] | None = None
        self._folder_is_synced = False
        self._poison: str | None = None

    def view(self) -> JournalView:
        with self._locked(create=False) as file:
            if file is not None:
                self._catch_up(file)
            return self._view

    def append(self, entry: Entry, txid: str, at: datetime, body: dict[str, Any]) -> bool:
        with self._locked(create=True) as file:
            if file is None:
                raise self._broken("could not be made", "check its folder")
            self._catch_up(file)
            if self._view.has(entry, txid):
                # Whoever wrote it may have died before it was on the disk.
                os.fsync(file.fileno())
                return False
            view = self._view
            line = seal_line(view.lines + 1, view.head, entry=entry, txid=txid, at=at.isoformat(), body=body)
            raw = f"{encode(line)}\n".encode("ascii")
            self._write(file, raw, self._read)
            self._take(line, len(raw))
            return True

    def lines(self) -> Iterator[Line]:
        """Reads and verifies the whole file anew, as far as it reached when this was called."""
        self.view()
        end, view, offset = self._read, JournalView(), 0
        if end == 0:
            return
        with self._explained(), self.path.open("rb") as file:
            while offset < end:
                raw = file.readline()
                line = self._decode(raw, view)
                view.take(line)
                offset += len(raw)
                yield line

    @contextmanager
    def _locked(self, *, create: bool) -> Iterator[FileIO | None]:
        """The file, ours alone until the end of the block; None if there is none and none is wanted."""
        with self._turn:
            if self._poison is not None:
                raise self._broken(self._poison, "restart when the disk is well again")
            with self._explained():
                opened = self._open(create=create)
                if opened is None:
                    yield None
                    return
                with opened as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    self._check_identity(file)
                    yield file

    def _open(self, *, create: bool) -> FileIO | None:
        if create:
            self.path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        elif not self.path.exists():
            if self._read:
                raise self._broken("has disappeared", "put it back from its copy, then restart")
            return None
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT if create else 0)
        file = FileIO(os.open(self.path, flags, MODE), "r+")
        if create and not self._folder_is_synced:
            os.fchmod(file.fileno(), MODE)
            self._sync_folder()
        return file

    def _sync_folder(self) -> None:
        """Without it, a power cut may leave a file that has bytes and no name."""
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self._folder_is_synced = True

    def _check_identity(self, file: FileIO) -> None:
        found = os.fstat(file.fileno())
        inode = (found.st_dev, found.st_ino)
        if self._inode not in (None, inode):
            raise self._broken("was replaced while in use", "restart, so that all of it is read")
        if found.st_size < self._read:
            raise self._broken("has become shorter", "restore it from its copy, then restart")
        self._inode = inode

    def _catch_up(self, file: FileIO) -> None:
        """Take every whole line behind what was read; deal with an unfinished last one."""
        if os.fstat(file.fileno()).st_size == self._read:
            return
        file.seek(self._read)
        with os.fdopen(os.dup(file.fileno()), "rb") as reader:
            for raw in reader:
                if not raw.endswith(b"\n"):
                    self._mend(file, raw)
                    return
                self._take(self._decode(raw, self._view), len(raw))

    def _take(self, line: Line, size: int) -> None:
        self._view.take(line)
        self._read += size

    def _mend(self, file: FileIO, tail: bytes) -> None:
        """The writer of the last line died in the middle: finish a whole line, cut off a torn one."""
        try:
            line = self._decode(tail, self._view)
        except JournalBroken:
            self._cut(file, self._read)
            _log.warning("journal.mended: cut %d bytes of an unfinished line off %s", len(tail), self.path)
            return
        self._write(file, b"\n", self._read + len(tail))
        self._take(line, len(tail) + 1)

    def _write(self, file: FileIO, raw: bytes, end: int) -> None:
        """
        Append at `end` and wait for the disk; what could not be written wholly is taken back.

        Raises:
            JournalBroken: it is not durable.
        """
        rest = memoryview(raw)
        try:
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError as error:
            self._take_back(file, end)
            raise self._broken(
                f"could not be written ({error.strerror})",
                "make room on the disk or mend it; nothing is broadcast until then",
            ) from error

    def _take_back(self, file: FileIO, end: int) -> None:
        """After a failed fsync the kernel may call lost pages clean: never trust what lies there."""
        try:
            self._cut(file, end)
        except OSError as error:
            self._poison = f"holds a line that may not be on the disk ({error.strerror})"

    def _cut(self, file: FileIO, end: int) -> None:
        os.ftruncate(file.fileno(), end)
        os.fsync(file.fileno())

    def _decode(self, raw: bytes, view: JournalView) -> Line:
        seq = view.lines + 1
        try:
            return decode(raw.decode("ascii").rstrip("\n"), seq=seq, prev=view.head)
        except JournalBroken as error:
            raise JournalBroken(f"{self.path}: {error}") from error
        except (ValueError, KeyError, TypeError) as error:
            raise self._broken(f"has a line {seq} that is not a journal line", "restore it from its copy") from error

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """The system's errors in our words."""
        try:
            yield
        except OSError as error:
            raise self._broken(
                f"could not be used ({error.strerror})",
                "check that it and its folder belong to this user and that the disk is well",
            ) from error

    def _broken(self, what: str, remedy: str) -> JournalBroken:
        return JournalBroken(f"the spend journal {self.path} {what}: {remedy}")
