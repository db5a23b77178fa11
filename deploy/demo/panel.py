"""
The merchant's panel, as a developer would write it: it hands refunds in over the API, and hears what becomes of them.

It believes no message whose signature does not fit.
"""

from __future__ import annotations

import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import requests
from standardwebhooks import Webhook, WebhookVerificationError

from deploy.demo.cast import NETWORKS, Owed
from deploy.demo.shell import DemoError

TIMEOUT_SECONDS: Final = 30
REPLAYED: Final = "Idempotent-Replayed"


class Panel:
    """A client of the API, and an endpoint on a port of its own."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[str, str]] = {}
        """Type and external_id of each message, by its webhook-id: the same one may come twice."""
        self.refused = 0
        self._webhook: Webhook | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url: Final = f"http://127.0.0.1:{self._server.server_port}/payout"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def trust(self, secret: str) -> None:
        """Take what is signed with this."""
        self._webhook = Webhook(secret)

    def hand_in(self, api: str, key: str, owed: Owed) -> requests.Response:
        """
        POST a refund. It may be sent any number of times: its Idempotency-Key names it.

        Raises:
            DemoError: the API refused it, or does not answer.
        """
        facts = {"external_id": owed.external_id, "usd": owed.usd, "asset": owed.asset, "reason": owed.reason}
        body = {**facts, "network": NETWORKS[owed.asset], "destination": owed.destination}
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": owed.external_id}
        try:
            answer = requests.post(f"{api}/refunds", json=body, headers=headers, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as error:
            raise DemoError(f"the API does not answer: {type(error).__name__}; see console.log") from None
        if not answer.ok:
            raise DemoError(f"the API refused {owed.external_id}: {answer.text}")
        return answer

    @property
    def types(self) -> Counter[str]:
        """How many messages of each type came."""
        return Counter(kind for kind, _ in list(self._heard.values()))

    @property
    def paid(self) -> set[str]:
        """The refunds that it was told are PAID."""
        return {name for kind, name in list(self._heard.values()) if kind == "refund.paid"}

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """A message; the status to answer with."""
        try:
            if self._webhook is None:
                raise WebhookVerificationError("no secret yet")
            message: Any = self._webhook.verify(body, headers)
        except WebhookVerificationError:
            self.refused += 1
            return 400
        about = message["data"].get("refund", {})
        self._heard[headers["webhook-id"]] = (message["type"], about.get("external_id", ""))
        return 204

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        panel = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(panel.take(body, {name.lower(): text for name, text in self.headers.items()}))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """It is told at the end."""

        return Handler
