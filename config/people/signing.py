"""
Signatures over a change of the people file: lines of JSON in `people.toml.signatures`.

Each is over the file in force and the one that shall follow it: an older file, signed for once, can't come back.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from payout.approval.people import Role
from payout.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from payout.approval.rules import Rules
    from payout.ports import Signatures

SUFFIX: Final = ".signatures"
FILE_BYTES_MAX: Final = 1_000_000
FILE_MODE: Final = 0o644
OPENS_MAX: Final = 4
"""Of a line with a passkey's signature, which is JSON itself; deep nesting has ended processes."""
_DOMAIN: Final = b"payout people v1\n"
_FIELDS: Final = ("after", "file", "signer", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A change: from the file in force to the proposed one, each by the SHA-256 of its bytes, in hex."""

    instance: str
    after: str
    file: str

    def message(self, signer: str) -> bytes:
        """What this person signs."""
        return _DOMAIN + f"{self.instance}\n{self.after}\n{self.file}\n{signer}".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """Who signed a change; `faults` are the lines for this file that do not count, and why."""

    signers: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


def digest(text: bytes) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(text).hexdigest()


def signatures_file(people_file: Path) -> Path:
    """Where the signatures of a people file lie."""
    return people_file.with_name(people_file.name + SUFFIX)


def append(file: Path, step: Step, signer: str, signature: str, at: str) -> None:
    """
    Add a line.

    Raises:
        BadInput: the file cannot be written.
    """
    facts = {"after": step.after, "file": step.file, "signer": signer, "signature": signature, "at": at}
    line = (json.dumps(facts, sort_keys=True) + "\n").encode()
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, FILE_MODE)
        with os.fdopen(handle, "r+b") as stream:
            size = stream.seek(0, os.SEEK_END)
            # A line that somebody left torn must not swallow ours.
            is_torn = size > 0 and os.pread(stream.fileno(), 1, size - 1) != b"\n"
            stream.write(b"\n" + line if is_torn else line)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise BadInput("signatures", f"{file} cannot be written: {error.strerror}", "see who owns it") from None


def read_signed(file: Path, step: Step, rules: Rules, signatures: Signatures) -> Signed:
    """Whose signatures of this change count, by the rules in force."""
    signers: dict[str, None] = {}
    faults: list[str] = []
    for line in _lines(file):
        if line["file"] != step.file:
            continue
        fault = _fault(line, step, rules, signatures)
        if fault is None:
            signers[line["signer"]] = None
        else:
            faults.append(fault)
    return Signed(signers=tuple(signers), faults=tuple(dict.fromkeys(faults)))


def _fault(line: dict[str, str], step: Step, rules: Rules, signatures: Signatures) -> str | None:
    signer = line["signer"]
    person = rules.people.get(signer)
    if person is None or Role.APPROVER not in person.roles:
        return f"{signer!r} is no approver by the file in force"
    if line["after"] != step.after:
        return f"{signer} signed it as a change of another file than the one in force: it must be signed anew"
    if not any(signatures.verify(key, step.message(signer), line["signature"]) for key in person.keys):
        return f"the signature of {signer} does not match the file and the keys of {signer}"
    return None


def _lines(file: Path) -> Iterator[dict[str, str]]:
    """Each line that is one; others say nothing, as anybody may append to the file."""
    try:
        with file.open("rb") as stream:
            text = stream.read(FILE_BYTES_MAX)
    except OSError:
        return
    for line in text.splitlines():
        try:
            body: Any = json.loads(line) if line.count(b"{") <= OPENS_MAX and b"[" not in line else None
        except ValueError:
            continue
        if isinstance(body, dict) and all(isinstance(body.get(name), str) for name in _FIELDS):
            yield body
