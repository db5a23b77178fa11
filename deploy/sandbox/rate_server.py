"""One loopback server that speaks the protocols of all rate sources, each under its own path.

`GET /control` shows prices, faults and counts; `POST /control` changes them, so that commands in
another process can. Nothing here is reachable from outside the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from deploy.sandbox.market import Market
from deploy.sandbox.rate_protocols import PROTOCOLS, REFUSALS, TOO_MANY, Json, encode

HANG_SECONDS = 60.0
CONTROL_MAX_BYTES = 64 * 1024
HTML_PAGE = "<!DOCTYPE html><html><title>Just a moment...</title></html>"


class RateServer:
    """A thread of this process; use it as a context manager or call `stop`."""

    def __init__(self, *, port: int = 0) -> None:
        self.market = Market()
        self._stopping = threading.Event()
        market, stopping = self.market, self._stopping

        class Handler(_Handler):
            def setup(self) -> None:
                super().setup()
                self.market, self.stopping = market, stopping

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def base_url(self, source: str) -> str:
        """What goes into the worker's configuration as the source's url."""
        self.market.source(source)
        return f"{self.url}/{source}"

    def urls(self) -> dict[str, str]:
        return {source: self.base_url(source) for source in PROTOCOLS}

    @property
    def requests(self) -> Counter[str]:
        """How often each source was asked."""
        return self.market.requests

    def set_price(self, asset: str, usd: str | Decimal) -> None:
        self.market.set_price(asset, usd)

    def set_offset(self, source: str, fraction: str | Decimal) -> None:
        """Let a source be off the market by a fraction: "0.02" is 2 % dearer."""
        self.market.source(source).offset = Decimal(fraction)

    def set_spread(self, source: str, fraction: str | Decimal) -> None:
        self.market.source(source).spread = Decimal(fraction)

    def set_age(self, source: str, seconds: float) -> None:
        """How old the times are that it reports. Kraken and Bitfinex report none."""
        self.market.source(source).age = seconds

    def fault(self, source: str, kind: str, asset: str | None = None) -> None:
        self.market.fault(source, kind, asset)

    def reset(self) -> None:
        self.market.reset()

    def start(self) -> Self:
        self._thread.start()
        return self

    def serve_forever(self) -> None:
        """Answer on this thread until `stop` is called from another."""
        self._server.serve_forever()

    def stop(self) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


class _Handler(BaseHTTPRequestHandler):
    """One request; which source it is for is the first part of the path."""

    protocol_version = "HTTP/1.1"
    market: Market
    stopping: threading.Event

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        name, _, rest = asked.path.removeprefix("/").partition("/")
        if name == "control":
            self._send(200, json.dumps(_state(self.market), indent=2))
        elif name in PROTOCOLS:
            self.market.count(name)
            self._source(name, f"/{rest}", dict(parse_qsl(asked.query)))
        else:
            self._send(404, json.dumps({"sources": sorted(PROTOCOLS)}))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/control" or length > CONTROL_MAX_BYTES:
            self.close_connection = True
            self._send(404, json.dumps({"error": "POST goes to /control"}))
            return
        try:
            _control(self.market, json.loads(self.rfile.read(length)))
        except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as problem:
            self._send(400, json.dumps({"error": str(problem) or type(problem).__name__}))
        else:
            self._send(200, json.dumps(_state(self.market)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing: the market counts the requests."""

    def _source(self, name: str, path: str, query: dict[str, str]) -> None:
        kind = self.market.transport_fault(name)
        if name == "coinbase" and not self.headers.get("User-Agent"):
            self._send(400, encode({"message": "User-Agent header is required."}))
            return
        answer = PROTOCOLS[name](path, query, lambda asset: self.market.tick(name, asset))
        match kind:
            case None:
                self._send_json(answer)
            case "429":
                self._send(429, encode(TOO_MANY[name]), ("Retry-After", "7"))
            case "500":
                self._send(500, HTML_PAGE, ("Content-Type", "text/html"))
            case "html":
                self._send(200, HTML_PAGE, ("Content-Type", "text/html"))
            case "redirect":
                self._send(302, "", ("Location", f"/coinbase{self.path}"))
            case "error":
                self._send_json(REFUSALS[name])
            case _:
                self._break_off(kind, encode(answer.value).encode())

    def _break_off(self, kind: str, body: bytes) -> None:
        """Answers that never arrive whole: down, hang, truncated."""
        self.close_connection = True
        if kind == "hang":
            self.stopping.wait(HANG_SECONDS)
        elif kind == "truncated":
            self._head(200, len(body), ())
            self.wfile.write(body[: len(body) // 2])

    def _send_json(self, answer: Json) -> None:
        self._send(answer.status, encode(answer.value))

    def _send(self, status: int, body: str, *headers: tuple[str, str]) -> None:
        data = body.encode()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._head(status, len(data), headers)
            self.wfile.write(data)

    def _head(self, status: int, length: int, headers: tuple[tuple[str, str], ...]) -> None:
        self.send_response_only(status)
        for header, value in {"Content-Type": "application/json", **dict(headers)}.items():
            self.send_header(header, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()


def _control(market: Market, wish: dict[str, Any]) -> None:
    """Apply {"reset": true}, {"prices": {"XMR": "150"}} or {"source": "kraken", "fault": "500"}.

    Beside "fault" a source takes "asset" (which one it concerns), "offset", "spread" and "age".

    Raises ValueError and its like for what cannot be done; what came before it is done.
    """
    if wish.get("reset"):
        market.reset()
    for asset, usd in wish.get("prices", {}).items():
        market.set_price(asset, str(usd))
    if "source" not in wish:
        return
    source = market.source(wish["source"])
    settings: dict[str, Callable[[str], object]] = {
        "offset": Decimal,
        "spread": Decimal,
        "age": float,
    }
    for name, parse in settings.items():
        if name in wish:
            setattr(source, name, parse(str(wish[name])))
    if "fault" in wish:
        market.fault(wish["source"], wish["fault"], wish.get("asset"))


def _state(market: Market) -> dict[str, Any]:
    return {
        "prices": {asset: f"{price:f}" for asset, price in market.prices.items()},
        "sources": {
            name: {
                "offset": f"{source.offset:f}",
                "spread": f"{source.spread:f}",
                "age": source.age,
                "faults": {asset or "all": kind for asset, kind in source.faults.items()},
                "requests": market.requests[name],
            }
            for name, source in market.sources.items()
        },
    }


def main() -> None:
    """Serve until SIGTERM, on the port that is asked for."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--port", type=int, required=True)
    server = RateServer(port=arguments.parse_args().port)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.stop).start())
    server.serve_forever()
