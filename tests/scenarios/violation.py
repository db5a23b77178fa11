"""What a scenario raises when a promise was broken."""

from __future__ import annotations

from typing import NoReturn


class Violation(AssertionError):
    """A promise was broken."""


def fail(words: str) -> NoReturn:
    """Say which promise was broken."""
    raise Violation(words)
