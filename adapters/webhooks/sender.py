"""
The sender of webhooks: one POST, to a public address, with a hard end, following nothing and believing nothing.

What goes wrong is an answer in words. They name neither the path, which may hold a secret, nor anything that the
other side said: these words stand in lists that many eyes read.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Final

from adapters.http.deadline import Deadline
from adapters.webhooks.connection import NotConnected, Open, Route, connection
from adapters.webhooks.resolver import Resolver, Unresolved
from payout.errors import BadInput
from payout.ports.webhooks import Answer
from payout.webhooks.addresses import Allowed, literal
from payout.webhooks.urls import Target, read_url

AGENT: Final = "payout-worker"
TIMEOUT_SECONDS: Final = 15.0
BODY_BYTES_MAX: Final = 4096
"""So much of an answer is read, and thrown away, so that the other side can end in peace."""
RETRY_AFTER_MAX: Final = 86_400


class WebhookSender:
    """Sends to addresses that others chose. Safe to share between threads."""

    def __init__(
        self,
        allowed: Allowed,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        resolver: Resolver | None = None,
        trust: ssl.SSLContext | None = None,
        opener: Open = socket.create_connection,
    ) -> None:
        self._allowed = allowed
        self._timeout = timeout_seconds
        self._resolver = resolver or Resolver()
        self._trust = trust
        self._opener = opener

    @cached_property
    def _context(self) -> ssl.SSLContext:
        # Read once: the roots are a file of some size.
        return self._trust or ssl.create_default_context()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        ends_at = time.monotonic() + self._timeout
        try:
            target = read_url(url, self._allowed)
        except BadInput as error:
            return _unsent(str(error))
        with Deadline(self._timeout) as deadline:
            try:
                route = self._route(target, deadline, ends_at)
            except Unresolved as error:
                return _unsent(str(error))
            return self._exchange(target, route, headers, body)

    def _route(self, target: Target, deadline: Deadline, ends_at: float) -> Route:
        """Raises Unresolved, also where any address of the name is one that nothing may be sent to."""
        plain = literal(target.host)
        left = max(0.001, ends_at - time.monotonic())
        found = [plain] if plain else self._resolver.addresses(target.host, target.port, left)
        for address in found:
            why = self._allowed.refused(address)
            if why is not None:
                raise Unresolved(f"{target.host} leads to an address that is not public ({why}): nothing is sent there")
            if not target.secure and not self._allowed.holds(address):
                raise Unresolved(f"{target.host} is not in [webhooks] allow_private, and so must be https")
        return Route(addresses=found, port=target.port, deadline=deadline, ends_at=ends_at, opener=self._opener)

    def _exchange(self, target: Target, route: Route, headers: Mapping[str, str], body: bytes) -> Answer:
        conn = connection(target.host, route, self._context if target.secure else None)
        own = {"User-Agent": AGENT, "Content-Type": "application/json", "Accept": "*/*", "Connection": "close"}
        try:
            conn.request("POST", target.path, body=body, headers={**own, **headers})
            return _answer(conn, route)
        except (http.client.HTTPException, OSError, ValueError) as error:
            return _unsent(_words(error, self._timeout, expired=route.deadline.expired))
        finally:
            conn.close()


def _answer(conn: http.client.HTTPConnection, route: Route) -> Answer:
    answer = conn.getresponse()
    if route.deadline.expired:
        # Cut off by us amid its headers, which then pass for whole.
        raise TimeoutError
    with contextlib.suppress(http.client.HTTPException, OSError, ValueError):
        # It has answered; how its text ends changes nothing.
        answer.read(BODY_BYTES_MAX)
    status = answer.status
    redirect = 300 <= status < 400  # noqa: PLR2004 - HTTP's own bounds.
    words = f"answered {status}" + (", a redirect, which is never followed" if redirect else "")
    return Answer(status=status, words=words, retry_after_seconds=_patience(answer.getheader("Retry-After", "")))


def _patience(text: str) -> int | None:
    """Seconds of a Retry-After; its form as a date would depend on two clocks."""
    text = text.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > len(str(RETRY_AFTER_MAX)):
        return None
    return min(int(text), RETRY_AFTER_MAX)


def _unsent(words: str) -> Answer:
    return Answer(status=None, words=words)


def _words(error: Exception, seconds: float, *, expired: bool) -> str:
    """In our own words: a library's message may quote the address or the answer."""
    match error:
        case _ if expired:
            return f"no answer within {seconds:g} s"
        case NotConnected():
            return "could not connect"
        case TimeoutError():
            return f"no answer within {seconds:g} s"
        case ssl.SSLCertVerificationError():
            return "its TLS certificate is not trusted, or is for another name"
        case ssl.SSLError():
            return "it does not speak TLS as we do"
        case _:
            return "the connection broke, or its answer was not HTTP"
