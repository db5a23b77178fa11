"""A sender whose connections a test watches, and whose names lead where the test says."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence

from adapters.webhooks import WebhookSender
from adapters.webhooks.resolver import Resolver, system_look_up
from payout.ports.webhooks import Answer
from payout.webhooks.addresses import Allowed

PUBLIC = "93.184.215.14"
"""A public address. Nothing is ever sent there: connections to it are led to the test's own server."""


class Watched:
    """
    Sends through a real WebhookSender, and remembers every address that it tries to connect to.

    `names`: what each name's look-ups give, one after another, the last for ever; other names are asked of the
    system. `door`: the local port to which connections to PUBLIC are led; every other connection is refused.
    """

    def __init__(
        self,
        names: Mapping[str, Sequence[Sequence[str]]] | None = None,
        *,
        allow: Sequence[str] = (),
        door: int | None = None,
        seconds: float = 5.0,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.dialed: list[tuple[str, int]] = []
        self.looked_up: list[str] = []
        self._names = {name: list(answers) for name, answers in (names or {}).items()}
        self._door = door
        self._allowed = Allowed.of(allow)
        self._sender = WebhookSender(
            self._allowed,
            timeout_seconds=seconds,
            resolver=Resolver(self._look_up),
            trust=trust,
            opener=self._open,
        )

    def post(self, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"{}") -> Answer:
        return self._sender.post(url, headers or {}, body)

    def _look_up(self, host: str, port: int) -> list[str]:
        self.looked_up.append(host)
        if host not in self._names:
            return system_look_up(host, port)
        answers = self._names[host]
        return list(answers.pop(0) if len(answers) > 1 else answers[0])

    def _open(self, address: tuple[str, int], seconds: float) -> socket.socket:
        self.dialed.append(address)
        if address[0] == PUBLIC and self._door is not None:
            return socket.create_connection(("127.0.0.1", self._door), seconds)
        if address[0].startswith("127.") and self._allowed.networks:
            return socket.create_connection(address, seconds)
        raise ConnectionRefusedError
