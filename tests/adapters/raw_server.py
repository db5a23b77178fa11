"""A server that sends whatever bytes a test wants, when it wants: real sockets, no protocol."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Self

Behaviour = Callable[[socket.socket, "RawServer"], None]


class RawServer:
    """Calls `behave` with each connection after its first request has come in whole."""

    def __init__(self, behave: Behaviour) -> None:
        self.requests: list[bytes] = []
        self.stopping = threading.Event()
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            for request in requests_on(connection):
                self.requests.append(request)
                self._behave(connection, self)


def requests_on(connection: socket.socket) -> Iterator[bytes]:
    """Each whole request on one connection, head and body."""
    held = b""
    while True:
        while b"\r\n\r\n" not in held:
            got = connection.recv(65536)
            if not got:
                return
            held += got
        head, _, body = held.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        while len(body) < length:
            body += connection.recv(65536)
        held = body[length:]
        yield head + b"\r\n\r\n" + body[:length]


def answering(status: str, body: bytes, *headers: str) -> Behaviour:
    """A whole and proper answer, each time."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    whole = "\r\n".join(lines).encode() + body

    def behave(connection: socket.socket, _: RawServer) -> None:
        connection.sendall(whole)

    return behave


def closing(first: bytes = b"") -> Behaviour:
    """Some bytes, or none, and then the end of the connection."""

    def behave(connection: socket.socket, _: RawServer) -> None:
        connection.sendall(first)
        connection.shutdown(socket.SHUT_RDWR)

    return behave


def dribbling(first: bytes, drop: bytes) -> Behaviour:
    """A first piece, and then a drop every 50 ms for as long as anybody listens."""

    def behave(connection: socket.socket, server: RawServer) -> None:
        connection.sendall(first)
        while not server.stopping.wait(0.05):
            connection.sendall(drop)

    return behave
