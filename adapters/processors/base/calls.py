"""
Calls to one processor, with their failures in the words of the port.

A create is sent exactly once, on a connection of its own; after it has left, every answer but a definite no and a
whole, right yes is OrderUnknown. Reads are never repeated here: the next tick is the retry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any, Final

from adapters.http import HttpClient, HttpFailed, NotSent, Refused
from adapters.processors.base.access import Access
from adapters.processors.base.answer import spoken
from adapters.processors.base.pace import Bucket, Pace
from payout.errors import (
    OrderMissing,
    OrderUnknown,
    ProcessorDenied,
    ProcessorGarbled,
    RailError,
    RailUnavailable,
)
from payout.order import Said

Refusing = Callable[[Any], RailError | None]
"""From the body of an answer to the definite no that it is, or None where it is none."""

ANSWER_BYTES_MAX: Final = 1_000_000
LIST_BYTES_MAX: Final = 16_000_000
"""The longest list of coins has some thousand rows of half a kilobyte."""

DENIED: Final = frozenset({401, 403})
TOO_MANY: Final = 429
PASSING: Final = frozenset({408, 425, TOO_MANY})
MISSING: Final = frozenset({400, 404, 410})
SERVER_ERROR: Final = 500
PATIENCE_SECONDS: Final = 10
"""For a 429 that names no time."""


def _is_error(body: Any) -> bool:
    """Errors come with status 200 too, in the place of what was asked for."""
    return isinstance(body, dict) and bool(body.keys() & {"error", "errors"}) and not body.keys() & {"id", "trade_id"}


def never(_: Any) -> RailError | None:
    """For calls that have no definite no."""
    return None


class Calls:
    """GET and POST for one processor. Safe to share between threads."""

    def __init__(self, access: Access, headers: Mapping[str, str], pace: Pace) -> None:
        self.name = access.name
        self._access = access
        self._headers = dict(headers)
        self._hidden = (*self._headers.values(), access.api_key)
        self._bucket = Bucket(access.name, access.pace or pace)
        self._reads = self._client(ANSWER_BYTES_MAX, keep_alive=True)

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        refused: Refusing = never,
        order: str | None = None,
    ) -> Any:
        """
        Read. `order` is the id of the order that is asked about, if one is.

        Raises:
            RailUnavailable, ProcessorDenied, ProcessorGarbled: as every call of the port.
            OrderMissing: `order` is not known there.
            RailError: whatever `refused` made of the answer's body.
        """
        self._bucket.take()
        return self._read(self._reads, path, params, refused, order)

    def list(self, path: str, params: Mapping[str, str] | None = None, *, refused: Refusing = never) -> Any:
        """Read a long list of coins. Raises as `get`."""
        self._bucket.take()
        with closing(self._client(LIST_BYTES_MAX, keep_alive=False)) as client:
            return self._read(client, path, params, refused, None)

    def ask(self, path: str, body: Any, *, refused: Refusing = never) -> Any:
        """Read by POST: some protocols have their questions in a body. Makes nothing. Raises as `get`."""
        self._bucket.take()
        return self._hear(lambda: self._reads.post_json(path, body), path, refused, None)

    def create(self, send: Callable[[HttpClient], Any], *, refused: Refusing, read: Callable[[Any], Said]) -> Said:
        """
        Send once, and read the answer.

        Raises:
            RailUnavailable, ProcessorDenied: nothing was made.
            OrderRefused: nothing was made, in the processor's own words.
            OrderUnknown: it may have been made.
        """
        self._bucket.take()
        try:
            with closing(self._client(ANSWER_BYTES_MAX, keep_alive=False)) as client:
                body = send(client)
        except HttpFailed as error:
            raise self._create_failed(error, refused) from None
        no = refused(body)
        if no is not None:
            raise no
        try:
            return read(body)
        except ProcessorGarbled as error:
            raise OrderUnknown(f"{error}; the order may have been made, and is looked for") from None

    def spoken(self, body: Any) -> str:
        """The processor's own words in an error's body, without our key."""
        return spoken(body, self._hidden)

    def _client(self, body_bytes_max: int, *, keep_alive: bool) -> HttpClient:
        return HttpClient(
            self._access.url,
            name=self._access.name,
            headers=self._headers,
            timeouts=self._access.timeouts,
            body_bytes_max=body_bytes_max,
            keep_alive=keep_alive,
        )

    def _read(
        self, client: HttpClient, path: str, params: Mapping[str, str] | None, refused: Refusing, order: str | None
    ) -> Any:
        return self._hear(lambda: client.get_json(path, params=params), path, refused, order)

    def _hear(self, send: Callable[[], Any], path: str, refused: Refusing, order: str | None) -> Any:
        try:
            body = send()
        except HttpFailed as error:
            raise self._read_failed(error, path, refused, order) from None
        no = refused(body)
        if no is not None:
            raise no
        if order is not None and _is_error(body):
            raise OrderMissing(f"{self.name} does not know order {order}: {self.spoken(body)}")
        return body

    def _read_failed(self, error: HttpFailed, path: str, refused: Refusing, order: str | None) -> RailError:
        """`from None` where it is raised: an answer's body may hold what belongs in no traceback."""
        common = self._turned_away(error)
        if common is not None:
            return common
        status = error.status
        if status is None or status in PASSING or status >= SERVER_ERROR:
            return RailUnavailable(self._words(error))
        if isinstance(error.body, dict) and isinstance(error, Refused):
            no = refused(error.body)
            if no is not None:
                return no
            if order is not None and status in MISSING:
                return OrderMissing(f"{self.name} does not know order {order}: {self.spoken(error.body) or status}")
        return ProcessorGarbled(f"{self.name} {path}: {self._words(error)}; ask its support if this goes on")

    def _create_failed(self, error: HttpFailed, refused: Refusing) -> RailError:
        common = self._turned_away(error)
        if common is not None:
            return common
        # Only a body that speaks the processor's own language of errors is its no; a bare 404 may be a proxy's.
        no = refused(error.body) if isinstance(error, Refused) else None
        if no is not None:
            return no
        return OrderUnknown(f"{self._words(error)}; the order may have been made, and is looked for")

    def _turned_away(self, error: HttpFailed) -> RailError | None:
        """What means the same for every call: nothing was done."""
        if error.status in DENIED:
            return ProcessorDenied(
                f"{self._words(error)}; check its api_key_file, and that it serves the place of this machine"
            )
        if error.retry_after_seconds is not None or error.status == TOO_MANY:
            self._bucket.close(error.retry_after_seconds or PATIENCE_SECONDS)
        if isinstance(error, NotSent):
            return RailUnavailable(self._words(error))
        return None

    def _words(self, error: HttpFailed) -> str:
        if error.status is None:
            return str(error)  # It says only where and how the call was lost.
        spoke = self.spoken(error.body)
        return f"{self.name}: answered {error.status}" + (f": {spoke}" if spoke else "")
