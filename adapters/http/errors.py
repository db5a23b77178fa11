"""
What can go wrong with a call, sorted by what a caller that moves money must know.

`Unknown` is the default; the other two need a reason.
"""

from __future__ import annotations

from typing import Any


class HttpFailed(Exception):
    """
    A call gave no usable answer.

    `status` and `body` (parsed JSON, or None) are there where an answer arrived, and
    `retry_after_seconds` where the other side asked for patience.
    """

    def __init__(
        self,
        words: str,
        *,
        status: int | None = None,
        body: Any = None,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(words)
        self.status = status
        self.body = body
        self.retry_after_seconds = retry_after_seconds


class NotSent(HttpFailed):
    """Nothing was done on the other side: never connected, or turned away before it was read."""


class Refused(HttpFailed):
    """A definite no; the same request will never succeed."""


class Unknown(HttpFailed):
    """It may or may not have been done: a lost, late, broken or unclear answer."""
