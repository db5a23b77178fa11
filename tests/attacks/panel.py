"""Whoever stole the API key of the merchant's panel, and an endpoint that counts what reaches it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

from adapters.console.api import api_app
from config.api_parts import api_keys, api_parts
from payout.api_key import Scope
from tests.adapters.console.caller import Caller
from tests.attacks.network import address_of
from tests.canary import heard

if TYPE_CHECKING:
    from tests.attacks.siege import Siege


class Thief:
    """Holds one API key of the merchant's, with the scope to hand refunds in."""

    def __init__(self, siege: Siege, *scopes: Scope, networks: tuple[str, ...] = ()) -> None:
        self._siege = siege
        self.key, self.text = api_keys(siege.house).add("panel", scopes or (Scope.READ, Scope.WRITE), networks, "carol")
        self._app = api_app(api_parts(siege.house))

    def ask(self, method: str, path: str, body: Any = None, text: str | None = None, **headers: str) -> Any:
        """The status and the JSON of an answer."""
        sent = {"Authorization": f"Bearer {text or self.text}", **headers}
        with Caller(self._app, "127.0.0.1") as call:
            said = call(method, f"/api/v1{path}", body, headers=sent)
        heard(said.body)
        return said.status, said.json if said.body else None

    def hands_in(self, name: str, usd: str, **headers: str) -> Any:
        """A refund to an address of the thief's."""
        body = {"external_id": name, "usd": usd, "asset": "XMR", "destination": address_of(name)}
        return self.ask("POST", "/refunds", body, **headers)


class Receiver:
    """An endpoint on this machine: counts requests."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        received = self.requests

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                received.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
