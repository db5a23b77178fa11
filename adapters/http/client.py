"""
JSON over HTTP: `requests` for the calls, `tenacity` for repeating reads.

Never repeat a write here, and never let an address with a secret in it, or a library's message
that quotes one, into an error.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import urlsplit

import requests
import tenacity
import urllib3.exceptions
from requests.auth import AuthBase

from adapters.http.deadline import Deadline, DeadlineAdapter
from adapters.http.errors import NotSent, Refused, Unknown

T = TypeVar("T")

AGENT: Final = "payout-worker"
REFUSED: Final = frozenset({400, 404, 405, 410, 413, 414, 415, 422})
NOT_READ: Final = frozenset({401, 403, 429})
RETRY_AFTER_MAX: Final = 3600
SHOWN_MAX: Final = 200
CHUNK_BYTES: Final = 65536
NESTING_MAX: Final = 100
"""Far deeper than any answer of any protocol that is spoken here."""

_STRING: Final = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET: Final = re.compile(rb"[\[\]{}]")

_MALFORMED: Final = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidJSONError,
    urllib3.exceptions.LocationParseError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds to connect, between two bytes of the answer, and from first to last in all."""

    connect: float = 3.0
    read: float = 5.0
    total: float = 5.0


class HttpClient:
    """
    JSON over HTTP with one base address. Safe to share between threads that only read.

    `name` stands for the other side in messages. `keep_alive=False` opens a fresh connection for
    each call, for writes that must not die with a connection that the other side just closed.
    """

    def __init__(
        self,
        base_url: str,
        *,
        name: str,
        headers: Mapping[str, str] | None = None,
        auth: AuthBase | None = None,
        timeouts: Timeouts | None = None,
        body_bytes_max: int = 1_000_000,
        keep_alive: bool = True,
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"the address of {name} must begin with http:// or https://")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError(f"the address of {name} must not hold a login, a query or a fragment")
        self._base = base_url.rstrip("/")
        self.name = name
        self._timeouts = timeouts or Timeouts()
        self._body_bytes_max = body_bytes_max
        self._session = requests.Session()
        self._session.trust_env = False  # No proxy and no .netrc from somebody's environment.
        self._session.auth = auth
        self._session.headers.update({"User-Agent": AGENT, "Accept": "application/json"})
        self._session.headers.update(headers or {})
        if not keep_alive:
            self._session.headers["Connection"] = "close"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, DeadlineAdapter())

    def close(self) -> None:
        self._session.close()

    def get_json(
        self,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        attempts: int = 1,
    ) -> Any:
        """Read. Repeated up to `attempts` times where a repetition can help."""
        return retry_read(lambda: self._call("GET", path, params, None, timeouts), attempts)

    def post_json(self, path: str, body: Any, *, timeouts: Timeouts | None = None) -> Any:
        """
        Send once, never again, and read the answer.

        Raises:
            NotSent: Nothing was done.
            Refused: A definite no.
            Unknown: It may have been done.
        """
        return self._call("POST", path, None, body, timeouts)

    def _call(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Any,
        timeouts: Timeouts | None,
    ) -> Any:
        limits = timeouts or self._timeouts
        where = f"{self.name} {path}"
        with Deadline(limits.total) as deadline:
            try:
                answer = self._session.request(
                    method,
                    self._base + path,
                    params=params,
                    data=None if body is None else exact_json(body).encode(),
                    headers=None if body is None else {"Content-Type": "application/json"},
                    timeout=(min(limits.connect, limits.total), min(limits.read, limits.total)),
                    allow_redirects=False,
                    stream=True,
                )
                with answer:
                    raw = self._read(answer, deadline, where)
            except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
                _raise_lost(error, where, limits, expired=deadline.expired)
        return _opened(answer, raw, where)

    def _read(self, answer: requests.Response, deadline: Deadline, where: str) -> bytes:
        raw = bytearray()
        for chunk in answer.iter_content(CHUNK_BYTES):
            raw += chunk
            if len(raw) > self._body_bytes_max:
                words = f"{where}: the answer is over {self._body_bytes_max} bytes"
                raise Unknown(words, status=answer.status_code)
        if deadline.expired:
            # Cut off by us: without a declared length, the piece would pass for the whole.
            raise requests.ReadTimeout
        return bytes(raw)


def retry_read(call: Callable[[], T], attempts: int, *, sleep: Callable[[float], None] = time.sleep) -> T:
    """Repeat a call that changes nothing, with growing pauses, while its failure may pass."""
    retrying = tenacity.Retrying(
        stop=tenacity.stop_after_attempt(attempts),
        wait=tenacity.wait_random_exponential(multiplier=0.2, max=5),
        retry=tenacity.retry_if_exception(_may_pass),
        sleep=sleep,
        reraise=True,
    )
    return retrying(call)


def exact_json(value: Any) -> str:
    """
    JSON in ASCII; a Decimal becomes the number that it is, digit by digit, where some APIs want no text.

    Raises:
        TypeError, ValueError: it holds what JSON has no word for, such as NaN.
    """
    match value:
        case Decimal() if value.is_finite():
            return format(value, "f")
        case dict():
            return "{" + ", ".join(f"{json.dumps(str(key))}: {exact_json(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(exact_json(each) for each in value) + "]"
        case _:
            return json.dumps(value, allow_nan=False)


def parse_json(raw: bytes) -> Any:
    """
    JSON with exact numbers: decimals become Decimal; NaN and Infinity are refused.

    Raises:
        ValueError: It is not JSON in UTF-8, or nested or numbered beyond all sense.
    """
    if _is_too_deep(raw):
        raise ValueError(f"it is nested more than {NESTING_MAX} deep")
    try:
        return json.loads(raw.decode(), parse_float=Decimal, parse_constant=_refuse_constant)
    except (InvalidOperation, RecursionError) as error:
        raise ValueError("its numbers or its nesting are absurd") from error


def _is_too_deep(raw: bytes) -> bool:
    """
    Counted here, as Python's own guard is not to be relied on: py_ecc, which web3 imports, lifts the recursion limit
    to 100,000, and beyond the C stack the reader of JSON ends the process.
    """
    if raw.count(b"[") + raw.count(b"{") <= NESTING_MAX:
        return False
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        if depth > NESTING_MAX:
            return True
    return False


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number in JSON")


def _may_pass(error: BaseException) -> bool:
    """Only what was lost or not sent is asked again; whoever said 429 or no is left in peace."""
    if not isinstance(error, NotSent | Unknown) or error.retry_after_seconds is not None:
        return False
    return error.status is None or error.status >= requests.codes.server_error


def _opened(answer: requests.Response, raw: bytes, where: str) -> Any:
    """The JSON of an answer with status 200 to 299; anything else is an error by its status."""
    status = answer.status_code
    try:
        body = parse_json(raw)
        fault = None
    except ValueError:
        body, fault = None, f"{where}: answered {status} with what is not JSON"
    if requests.codes.ok <= status < requests.codes.multiple_choices and fault is None:
        return body
    patience = _retry_after(answer)
    if requests.codes.multiple_choices <= status < requests.codes.bad_request:
        fault = f"{where}: answered {status}, a redirect, which is never followed"
    words = fault or f"{where}: answered {status}: {_excerpt(body)}"
    kind = NotSent if status in NOT_READ else Refused if status in REFUSED else Unknown
    raise kind(words, status=status, body=body, retry_after_seconds=patience)


def _excerpt(body: Any) -> str:
    """The other side's own words, escaped and cut: an error text is no place for a novel."""
    text = json.dumps(body, default=str)
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "..."


def _retry_after(answer: requests.Response) -> int | None:
    """Seconds from Retry-After. Its form as a date would depend on two clocks: a minute then."""
    text = answer.headers.get("Retry-After", "").strip()
    if not text:
        return None
    return min(int(text), RETRY_AFTER_MAX) if text.isascii() and text.isdigit() else 60


def _raise_lost(error: Exception, where: str, limits: Timeouts, *, expired: bool) -> NoReturn:
    # `from None`: the library's message quotes the whole address, and tracebacks reach logs.
    if expired:
        raise Unknown(f"{where}: no whole answer within {limits.total:g} s") from None
    unsent = _unsent_because(error)
    if unsent is not None:
        raise NotSent(f"{where}: {unsent}") from None
    if isinstance(error, requests.ReadTimeout | urllib3.exceptions.ReadTimeoutError):
        raise Unknown(f"{where}: silent for {limits.read:g} s") from None
    raise Unknown(f"{where}: the connection broke before the answer was whole") from None


def _unsent_because(error: Exception) -> str | None:
    """Why the request surely never left, or None where it may have."""
    if isinstance(error, requests.ConnectTimeout):
        return "could not connect in time"
    if isinstance(error, _MALFORMED):
        return "the address, a header or the body is malformed"
    # requests wraps refused and unresolved hosts in the same class as a connection that broke
    # later; only the reason inside tells them apart.
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return "its name could not be resolved"
    if isinstance(reason, urllib3.exceptions.NewConnectionError):
        return "could not connect: is it running, and is the address right?"
    if isinstance(reason, urllib3.exceptions.SSLError) and "CERTIFICATE_VERIFY" in str(reason):
        return "its TLS certificate is not trusted"
    return None
