"""A man in the middle: hands requests on to the sandbox's processor, and answers as a mutation makes of its answer."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from tests.adapters.raw_server import RawServer

CUT = b"\r\nConnection: close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """An answer as it goes over the wire. `length` False: without a declared length, ended by the connection's end."""

    status: str
    body: bytes
    headers: tuple[str, ...] = ("Content-Type: application/json",)
    length: bool = True
    sent: int | None = None
    """Only so many bytes of the body are sent."""
    dribble: bool = False
    """One more byte every 50 ms, for ever, after the rest."""
    silent: bool = False

    def json(self) -> Any:
        return json.loads(self.body, parse_float=Decimal)

    def json_differs(self, other: Wire) -> bool:
        """Does it say something else? Spaces and the order of writing do not count."""
        if self == other:
            return False
        try:
            return bool(self.json() != other.json()) or self.status != other.status
        except (ValueError, RecursionError):
            return True

    def with_json(self, value: Any) -> Wire:
        return replace(self, body=written(value).encode())


def written(value: Any) -> str:
    """JSON with its decimals as they stood, and whatever number a mutation wants to be written bare."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{written(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    return str(value) if isinstance(value, Decimal | Bare) else json.dumps(value)


class Bare(str):
    """Written without quotes."""

    __slots__ = ()


class Tampering:
    """The proxy: a context manager with a `url`, and the mutation that is in force."""

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._upstream = (str(parts.hostname), int(parts.port or 80))
        self.server = RawServer(self._behave)
        self.mutate: Callable[[Wire], Wire] = lambda wire: wire
        self.changed = False
        """Some answer was not what the processor had said."""

    def _behave(self, connection: socket.socket, server: RawServer) -> None:
        true = self._ask(server.requests[-1])
        wire = self.mutate(true)
        self.changed = self.changed or wire.json_differs(true)
        if wire.silent:
            server.stopping.wait()
            return
        head = [f"HTTP/1.1 {wire.status}", *wire.headers]
        head += [f"Content-Length: {len(wire.body)}"] if wire.length else []
        connection.sendall("\r\n".join([*head, "", ""]).encode() + wire.body[: wire.sent])
        while wire.dribble and not server.stopping.wait(0.05):
            connection.sendall(b" ")
        if not wire.length or wire.sent is not None:
            connection.shutdown(socket.SHUT_RDWR)

    def _ask(self, request: bytes) -> Wire:
        """The processor's own answer, over a connection of its own."""
        head, _, body = request.partition(b"\r\n\r\n")
        head = re.sub(rb"(?im)^connection:[^\r\n]*\r\n", b"", head) + CUT
        with socket.create_connection(self._upstream) as upstream:
            upstream.sendall(head + b"\r\n\r\n" + body)
            answer = b"".join(iter(lambda: upstream.recv(65536), b""))
        first, _, body = answer.partition(b"\r\n\r\n")
        status = first.split(b"\r\n")[0].partition(b" ")[2].decode()
        return Wire(status=status, body=body)
