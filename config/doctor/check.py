"""One check: what was looked at, what was seen, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"  # it works, and a person should know
    FAIL = "FAIL"  # payments cannot or must not go on like this


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`remedy` is empty where there is nothing to do."""

    what: str
    state: State
    words: str
    remedy: str = ""


def ok(what: str, words: str) -> Check:
    """Nothing to do."""
    return Check(what=what, state=State.OK, words=words)


def warn(what: str, words: str, remedy: str) -> Check:
    """Worth knowing."""
    return Check(what=what, state=State.WARNING, words=words, remedy=remedy)


def fail(what: str, words: str, remedy: str) -> Check:
    """Must be mended."""
    return Check(what=what, state=State.FAIL, words=words, remedy=remedy)
