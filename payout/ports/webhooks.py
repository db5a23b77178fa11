"""The ports for telling others: the merchant's endpoints, and the mail and chat of those who run this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one POST. `words` say it for people, and never quote the other side."""

    status: int | None
    """None: there was no answer, or nothing was sent."""
    words: str
    retry_after_seconds: int | None = None

    @property
    def taken(self) -> bool:
        """It has the message."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own bounds.

    @property
    def gone(self) -> bool:
        """It asks never to be called again (HTTP 410)."""
        return self.status == 410  # noqa: PLR2004 - HTTP's own number.


class Sender(Protocol):
    """Carries messages to addresses that others have chosen, and so must not reach what is ours."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """
        Send once, within a hard deadline, following nothing.

        Never raises for what the other side does: every failure is an Answer that is not `taken`.
        """
        ...


class Messenger(Protocol):
    """One service that brings alarms to people."""

    @property
    def name(self) -> str:
        """What logs call it; no secret."""
        ...

    @property
    def key(self) -> str:
        """Which one it is, the same after every start; no secret."""
        ...

    def send(self, title: str, body: str) -> str | None:
        """Send one text. None: it was taken; else what is wrong, in words without secrets."""
        ...
