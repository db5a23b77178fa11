"""Calls an ASGI application in this process, without a socket: with any headers and body, from any address."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from tests.canary import heard


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """Of a problem."""
        assert self.headers["content-type"] == "application/problem+json"
        code: str = self.json["code"]
        return code


class Caller:
    """One client. Use it in a `with`."""

    def __init__(self, app: Any, address: str = "203.0.113.7") -> None:
        self.app = app
        self.address = address
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._runner.close()

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        address: str | None = None,
    ) -> Said:
        """`body` is sent as JSON, `raw` as it is."""
        return self._runner.run(self.call(method, path, body, raw=raw, headers=headers, address=address))

    def gather(self, *calls: Any) -> list[Said]:
        """Coroutines of `call`, all at once."""

        async def every() -> list[Said]:
            return list(await asyncio.gather(*calls))

        return self._runner.run(every())

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        address: str | None = None,
    ) -> Said:
        sent = raw if raw is not None else (b"" if body is None else json.dumps(body).encode())
        given = {"host": "payout.example", **({"content-type": "application/json"} if sent else {}), **(headers or {})}
        where, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": where,
            "raw_path": quote(where).encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
            "client": (address or self.address, 4711),
            "server": ("payout.example", 443),
        }
        return await _answer(self.app, scope, sent)


async def _answer(app: Any, scope: dict[str, Any], body: bytes) -> Said:
    pieces = _pieces(body)
    start: dict[str, Any] = {}
    whole = bytearray()

    async def receive() -> dict[str, Any]:
        return await anext(pieces)

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            whole.extend(message.get("body", b""))

    await app(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    heard(bytes(whole))
    heard(str(headers))
    return Said(status=start["status"], headers=headers, body=bytes(whole))


async def _pieces(body: bytes) -> AsyncIterator[dict[str, Any]]:
    yield {"type": "http.request", "body": body, "more_body": False}
    await asyncio.Event().wait()  # The client stays, and says nothing more.
