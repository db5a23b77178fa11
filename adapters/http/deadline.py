"""
A deadline for a whole call, from the first byte to the last.

Read timeouts start anew with every byte, so a server that sends one byte a second would hold a
thread for hours. When time is up the socket is shut from another thread, and the read ends.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any, Self

import requests.adapters
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_calls = threading.local()


class Deadline:
    """A context for one call on one thread. `expired` says that it was this that ended the call."""

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        _calls.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _calls.deadline = None

    def watch(self, sock: socket.socket) -> None:
        """Take charge of a socket that is about to be read."""
        with self._lock:
            self._sockets.append(sock)
            if self.expired:
                _shut(sock)

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            for sock in self._sockets:
                _shut(sock)


def _shut(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):  # It is closed already.
        sock.shutdown(socket.SHUT_RDWR)


def _watch(sock: Any) -> None:
    deadline = getattr(_calls, "deadline", None)
    if isinstance(deadline, Deadline) and isinstance(sock, socket.socket):
        deadline.watch(sock)


class _Connection(HTTPConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        _watch(self.sock)
        return super().getresponse()


class _TlsConnection(HTTPSConnection):
    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]
        _watch(self.sock)
        return super().getresponse()


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class DeadlineAdapter(requests.adapters.HTTPAdapter):
    """
    The transport of `requests`, with connections that tell the deadline of their socket.

    It repeats nothing: urllib3's own retries would resend, and would hide read timeouts.
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
