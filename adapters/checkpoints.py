"""
Checkpoint files: signed statements of where the audit chain stood, one JSON line each, best on another host's disk.

Lines are only ever added, each on disk before `append` returns. An unfinished last line is what a power cut leaves:
it is passed over, and the next line begins anew.
"""

from __future__ import annotations

import base64
import errno
import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from payout.audit.checkpoint import Checkpoint, read_checkpoint
from payout.audit.verdict import Fault, FaultKind
from payout.ports.checkpoints import Contents

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

MODE: Final = 0o600
LINE_MAX: Final = 4096
"""Bytes of a line; ours have about 300."""

FAULTS_MAX: Final = 20
PREFIX: Final = "ed25519:"


@dataclass(frozen=True, slots=True)
class CheckpointKey:
    """Signs checkpoints and order logs. Ed25519: whoever has the public half can check them, and make none."""

    _private: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> CheckpointKey:
        """`seed`: 32 bytes that are derived from the audit key."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> str:
        """`ed25519:BASE64` of the 32 bytes."""
        return PREFIX + base64.b64encode(self._private.public_key().public_bytes_raw()).decode("ascii")

    def sign(self, message: bytes) -> str:
        """The signature over a message, in base64."""
        return base64.b64encode(self._private.sign(message)).decode("ascii")

    def signed(self, checkpoint: Checkpoint) -> Checkpoint:
        """The same with its signature."""
        return replace(checkpoint, signature=self.sign(checkpoint.message))


def is_signed(public: str, message: bytes, signature: str) -> bool:
    """This signature over this message was made with that key's private half."""
    try:
        raw = base64.b64decode(public.removeprefix(PREFIX), validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(signature, validate=True), message)
    except (ValueError, InvalidSignature):
        return False
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointFiles:
    """The files of one installation: each checkpoint goes to all of them."""

    instance: str
    files: tuple[Path, ...]
    key: CheckpointKey = field(repr=False)

    def append(self, checkpoint: Checkpoint) -> tuple[Checkpoint, tuple[str, ...]]:
        """Sign it and add it to every file; returns it, and which files could not be written and why."""
        signed = self.key.signed(checkpoint)
        line = f"{signed.line()}\n".encode("ascii")
        failed: list[str] = []
        for file in self.files:
            try:
                _append(file, line)
            except OSError as error:
                failed.append(f"{file}: {error.strerror or type(error).__name__}")
        return signed, tuple(failed)

    def read(self, files: Sequence[Path] = ()) -> Contents:
        """
        All that these files say (default: the configured ones), verified; the same checkpoint once.

        A configured file that is not there yet is empty. One that was asked for and cannot be read is a fault.
        """
        found: dict[tuple[int, str], Checkpoint] = {}
        faults: list[Fault] = []
        torn = False
        for file in files or self.files:
            try:
                contents = self._contents(file)
            except FileNotFoundError as error:
                if files:
                    faults.append(_fault(f"{file}: {error.strerror}"))
                continue
            except OSError as error:
                faults.append(_fault(f"{file}: {error.strerror}"))
                continue
            for each in contents.checkpoints:
                found.setdefault((each.number, each.mac), each)
            faults += contents.faults
            torn = torn or contents.torn
        ordered = sorted(found.values(), key=lambda each: (each.number, each.at))
        return Contents(checkpoints=tuple(ordered), faults=tuple(faults), torn=torn)

    def newest(self) -> Checkpoint | None:
        """The one with the highest number that is verified, of the ends of all files."""
        found = [each for file in self.files for each in self._end(file)]
        return max(found, key=lambda each: (each.number, each.at), default=None)

    def _contents(self, file: Path) -> Contents:
        checkpoints: list[Checkpoint] = []
        faults: list[Fault] = []
        torn = False
        for place, raw in _lines(file):
            torn = not raw.endswith(b"\n")  # Only the last line can be so.
            said = self._read(raw)
            if isinstance(said, Checkpoint):
                checkpoints.append(said)
            elif said and not torn and len(faults) < FAULTS_MAX:
                faults.append(_fault(f"line {place} of {file}: {said}"))
        return Contents(checkpoints=tuple(checkpoints), faults=tuple(faults), torn=torn)

    def _read(self, raw: bytes) -> Checkpoint | str:
        """One line; else why it is none, which is empty for the torn part of a line that was begun anew."""
        try:
            checkpoint = read_checkpoint(raw.decode("ascii"))
        except ValueError:
            return "" if _is_torn(raw) else "it is no checkpoint"
        if checkpoint.instance != self.instance:
            return f"it is of the instance {checkpoint.instance!r}"
        if not is_signed(self.key.public, checkpoint.message, checkpoint.signature):
            return "its signature is not by this installation's key"
        return checkpoint

    def _end(self, file: Path) -> Iterator[Checkpoint]:
        try:
            with file.open("rb") as stream:
                stream.seek(max(0, stream.seek(0, os.SEEK_END) - LINE_MAX))
                lines = stream.read(LINE_MAX).splitlines(keepends=True)
        except OSError:
            return
        for raw in lines:
            said = self._read(raw)
            if isinstance(said, Checkpoint):
                yield said


def _append(file: Path, line: bytes) -> None:
    """Add a line and wait for the disk."""
    is_new = not file.exists()
    handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
    try:
        size = os.fstat(handle).st_size
        if size and os.pread(handle, 1, size - 1) != b"\n":
            line = b"\n" + line  # The line before it was never finished.
        if os.write(handle, line) != len(line):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(handle)
    finally:
        os.close(handle)
    if is_new:
        _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    """Without it, a power cut may leave a file that has bytes and no name."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; one that is too long comes in parts."""
    with file.open("rb") as stream:
        place = 0
        while raw := stream.readline(LINE_MAX):
            place += 1
            if len(raw) == LINE_MAX and not raw.endswith(b"\n"):
                raw = raw[:1] + b"\n"  # No checkpoint is so long: whatever it is, it is told as one fault.
                while (rest := stream.readline(LINE_MAX)) and not rest.endswith(b"\n"):
                    continue
            yield place, raw


def _is_torn(raw: bytes) -> bool:
    """The beginning of a line of ours, without its end."""
    return raw.startswith(b'{"at":"') and not raw.rstrip().endswith(b"}")


def _fault(words: str) -> Fault:
    return Fault(FaultKind.CHECKPOINT, None, words)
