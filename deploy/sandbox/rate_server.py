"""One loopback server that speaks the protocols of all rate sources, each under its own path.

`GET /control` shows prices, faults and counts; `POST /control` changes them, so that commands in
another process can. Nothing here is reachable from outside the machine.
"""

from __future__ import annotations

import argparse
import json
import signal
import threading
from collections import Counter
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from deploy.sandbox.market import Market
from deploy.sandbox.rate_protocols import PROTOCOLS, REFUSALS, TOO_MANY, encode
from deploy.sandbox.serving import HANG_SECONDS, HTML_PAGE, JsonHandler, Serving

CONTROL_MAX_BYTES = 64 * 1024


class RateServer(Serving):
    """The market, as every source tells of it."""

    def __init__(self, *, port: int = 0) -> None:
        self.market = Market()
        served = self

        class Handler(_Handler):
            def setup(self) -> None:
                super().setup()
                self.market, self.stopping = served.market, served.stopping

        super().__init__(Handler, port)

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


class _Handler(JsonHandler):
    """One request; which source it is for is the first part of the path."""

    market: Market
    stopping: threading.Event

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        name, _, rest = asked.path.removeprefix("/").partition("/")
        if name == "control":
            self.send(200, json.dumps(_state(self.market), indent=2))
        elif name in PROTOCOLS:
            self.market.count(name)
            self._source(name, f"/{rest}", dict(parse_qsl(asked.query)))
        else:
            self.send(404, json.dumps({"sources": sorted(PROTOCOLS)}))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != "/control" or length > CONTROL_MAX_BYTES:
            self.close_connection = True
            self.send(404, json.dumps({"error": "POST goes to /control"}))
            return
        try:
            _control(self.market, json.loads(self.rfile.read(length)))
        except (ValueError, TypeError, KeyError, AttributeError, InvalidOperation) as problem:
            self.send(400, json.dumps({"error": str(problem) or type(problem).__name__}))
        else:
            self.send(200, json.dumps(_state(self.market)))

    def _source(self, name: str, path: str, query: dict[str, str]) -> None:
        kind = self.market.transport_fault(name)
        if name == "coinbase" and not self.headers.get("User-Agent"):
            self.send(400, encode({"message": "User-Agent header is required."}))
            return
        answer = PROTOCOLS[name](path, query, lambda asset: self.market.tick(name, asset))
        match kind:
            case None:
                self.send_json(answer)
            case "429":
                self.send(429, encode(TOO_MANY[name]), ("Retry-After", "7"))
            case "500":
                self.send(500, HTML_PAGE, ("Content-Type", "text/html"))
            case "html":
                self.send(200, HTML_PAGE, ("Content-Type", "text/html"))
            case "redirect":
                self.send(302, "", ("Location", f"/coinbase{self.path}"))
            case "error":
                self.send_json(REFUSALS[name])
            case _:
                self._break_off(kind, encode(answer.value))

    def _break_off(self, kind: str, body: str) -> None:
        """Answers that never arrive whole: down, hang, truncated."""
        self.close_connection = True
        if kind == "hang":
            self.stopping.wait(HANG_SECONDS)
        elif kind == "truncated":
            self.send_half(200, body)


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
