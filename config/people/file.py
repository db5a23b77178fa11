"""
Which people file is in force: a copy under the state folder, and when the one that people edit takes its place.

Until somebody has a key, what is written holds at once. From then on a change holds only when as many approvers of
the file in force have signed it as the largest payment takes; until then the old one stands.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.people.read import read_rules
from config.people.signing import Signed, Step, digest, read_signed, signatures_file
from payout.approval.rules import Rules
from payout.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

log = logging.getLogger("payout.people")

IN_FORCE: Final = "people.in-force.toml"
FILE_BYTES_MAX: Final = 1_000_000
FILE_MODE: Final = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A people file that is not in force."""

    text: bytes | None
    """None: the file is gone, which changes nothing."""
    problems: tuple[str, ...]
    """Why it could not be taken, even signed."""
    step: Step
    signed: Signed
    needed: int

    @property
    def words(self) -> str:
        """How it stands, for a person."""
        if self.text is None:
            return f"the people file is gone: the copy of it in force stands ({IN_FORCE} in the state folder)"
        if self.problems:
            return f"the people file was changed and is wrong ({self.problems[0]}): the one before stands"
        count = len(self.signed.signers)
        return f"the people file was changed, and has {count} of {self.needed} signatures: the one before stands"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        if self.text is None:
            return "put it back: copy the one in force"
        if self.problems:
            return "correct it, or put the one before back"
        return "approvers look at it with `payout users`, and sign it: payout users sign --key FILE"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleState:
    """What holds, and what is proposed."""

    rules: Rules
    text: bytes
    """Of the file in force; empty where there is none."""
    proposal: Proposal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A change that was put in force just now."""

    words: str
    signers: tuple[str, ...]


class PeopleFile:
    """Gives the rules in force, and looks again whenever one of the files has changed."""

    def __init__(
        self, file: Path, state_dir: Path, instance: str, on_taken: Callable[[Taken], None] | None = None
    ) -> None:
        self.file = file
        self.signatures_file = signatures_file(file)
        self._folder = state_dir
        self._copy = state_dir / IN_FORCE
        self._instance = instance
        self._on_taken = on_taken
        self._lock = threading.Lock()
        self._seen: tuple[object, ...] | None = None
        self._state: PeopleState | None = None

    def rules(self) -> Rules:
        """
        The rules in force, now.

        Raises:
            SettingsError: the file that would hold is wrong; names every problem.
        """
        return self.state().rules

    def state(self) -> PeopleState:
        """The same, with what is proposed."""
        with self._lock:
            seen = tuple(_stamp(file) for file in (self.file, self._copy, self.signatures_file))
            if self._state is None or seen != self._seen:
                self._state, taken = self._look()
                # Our own write has changed the copy: it is looked at once more, next time.
                self._seen = seen
                if taken is not None:
                    self._tell(taken)
            return self._state

    def _tell(self, taken: Taken) -> None:
        log.warning("people.changed", extra={"words": taken.words, "signers": ",".join(taken.signers)})
        if self._on_taken is not None:
            self._on_taken(taken)

    def _look(self) -> tuple[PeopleState, Taken | None]:
        held = _read(self._copy)
        if held is None:
            return self._take_first(_read(self.file))
        rules = read_rules(_decoded(held, self._copy), self._copy, is_vetted=True)
        try:
            text = _read(self.file)
        except SettingsError as error:
            if not rules.keyed:
                raise
            return PeopleState(rules=rules, text=held, proposal=self._proposal(rules, held, b"", error.problems)), None
        # An empty file is one that somebody is just writing: it says nothing yet.
        if text in {held, b""} or (text is None and not held):
            return PeopleState(rules=rules, text=held, proposal=None), None
        if not rules.keyed:
            return self._take(text or b"", "the people file was changed; nobody had a key yet, so it holds at once", ())
        proposal = self._proposal(rules, held, text)
        if text is None or proposal.problems or len(proposal.signed.signers) < proposal.needed:
            return PeopleState(rules=rules, text=held, proposal=proposal), None
        signers = proposal.signed.signers
        return self._take(text, f"a new people file is in force, signed by {' and '.join(signers)}", signers)

    def _take_first(self, text: bytes | None) -> tuple[PeopleState, Taken | None]:
        if text is None:
            return PeopleState(rules=Rules(), text=b"", proposal=None), None
        return self._take(text, "the people file is in force from now on", ())

    def _take(self, text: bytes, words: str, signers: tuple[str, ...]) -> tuple[PeopleState, Taken | None]:
        rules = read_rules(_decoded(text, self.file), self.file)
        is_written = self._write(text)
        state = PeopleState(rules=rules, text=text, proposal=None)
        return state, Taken(words=words, signers=signers) if is_written else None

    def _proposal(self, rules: Rules, held: bytes, text: bytes | None, problems: tuple[str, ...] = ()) -> Proposal:
        from adapters.signatures import SignatureBook

        step = Step(instance=self._instance, after=digest(held), file=digest(text or b""))
        try:
            read_rules(_decoded(text or b"", self.file), self.file)
        except SettingsError as error:
            problems = problems or error.problems
        signed = read_signed(self.signatures_file, step, rules, SignatureBook(lambda: rules))
        return Proposal(text=text, problems=problems, step=step, signed=signed, needed=rules.most_approvals)

    def _write(self, text: bytes) -> bool:
        """Put it in force, whole or not at all. False where this process may not write there."""
        if not self._folder.is_dir():
            return False
        new = self._copy.with_name(f"{IN_FORCE}.{secrets.token_hex(4)}")
        try:
            handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
            with os.fdopen(handle, "wb") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(self._copy)
            folder = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            log.warning("people.not_kept", extra={"file": str(self._copy), "why": error.strerror})
            return False
        return True


def _read(file: Path) -> bytes | None:
    try:
        with file.open("rb") as stream:
            text = stream.read(FILE_BYTES_MAX + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError((f"{file}: cannot be read: {error.strerror}: see who owns it, and its mode",)) from None
    if len(text) > FILE_BYTES_MAX:
        raise SettingsError((f"{file}: is over {FILE_BYTES_MAX} bytes: not a people file",))
    return text


def _decoded(text: bytes, file: Path) -> str:
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SettingsError((f"{file.name}: byte {error.start + 1} is not UTF-8: save it as UTF-8",)) from None


def _stamp(file: Path) -> object:
    """Changes with every change of the file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
