"""
Connections to an address that was checked: the name serves for TLS and the Host header, never for a second look-up.

A name that leads elsewhere a moment later leads us nowhere: between the check and the connection nobody is asked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.http.deadline import Deadline
from payout.webhooks.addresses import Address

CONNECT_SECONDS: Final = 5.0
"""For one address; a name may have more of them."""


Open = Callable[[tuple[str, int], float], socket.socket]
"""Opens a connection to an address and port, within so many seconds. Raises OSError."""


class NotConnected(OSError):
    """None of its addresses took a connection: nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where to connect, and how: checked addresses, until when (monotonic), and who cuts the connection then."""

    addresses: Sequence[Address]
    port: int
    deadline: Deadline
    ends_at: float
    opener: Open = socket.create_connection

    def left(self) -> float:
        """Seconds until the end; never 0, which would mean "for ever"."""
        return max(0.001, self.ends_at - time.monotonic())

    def dial(self) -> socket.socket:
        """A connection to the first address that takes one. Raises NotConnected."""
        failure = NotConnected()
        for address in self.addresses:
            try:
                sock = self.opener((str(address), self.port), min(CONNECT_SECONDS, self.left()))
            except OSError as error:
                failure = NotConnected(*error.args)
                continue
            sock.settimeout(self.left())
            self.deadline.watch(sock)
            return sock
        raise failure


class _Plain(http.client.HTTPConnection):
    route: Route

    def connect(self) -> None:
        self.sock = self.route.dial()


class _Secure(http.client.HTTPSConnection):
    route: Route
    trust: ssl.SSLContext

    def connect(self) -> None:
        # The handshake has the socket's time-out as its deadline. After it TLS has taken the socket over, and this is
        # the one to cut.
        secured = self.trust.wrap_socket(self.route.dial(), server_hostname=self.host)
        self.route.deadline.watch(secured)
        self.sock = secured


def connection(host: str, route: Route, trust: ssl.SSLContext | None) -> http.client.HTTPConnection:
    """An unopened connection along a route, for one request; with `trust` by TLS, verified for this name."""
    if trust is None:
        plain = _Plain(host, route.port)
        plain.route = route
        return plain
    secure = _Secure(host, route.port)
    secure.route, secure.trust = route, trust
    return secure
