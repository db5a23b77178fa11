"""A client behind a man in the middle who says what a test wants: for what one protocol has for itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.http import parse_json
from deploy.sandbox.processor.server import ProcessorServer
from payout.order import Order, Said
from payout.ports import Processor
from tests.adapters.processors.mutations.tampering import Tampering, Wire
from tests.contracts.processor.world import CONTRACTS, HUNDRED, USDT, Make, access_to, order_of


class Teller:
    """`client`, its lists read, and the last word on what it is told."""

    def __init__(self, name: str, make: Make, server: ProcessorServer, tampering: Tampering) -> None:
        self.server, self._tampering = server, tampering
        url = tampering.server.url + server.front_ends[name].prefix
        self.client: Processor = make(server, access_to(server, name, url=url), CONTRACTS)
        self.client.refresh()

    def placed(self) -> tuple[Order, Said]:
        offer = self.client.quote(HUNDRED)
        order = order_of(offer)
        return order, self.client.create(order, offer)

    def tell(self, change: Callable[[Any], object]) -> None:
        """From now on every answer is first changed so, in place."""

        def mutate(wire: Wire) -> Wire:
            value = wire.json()
            change(value)
            return wire.with_json(value)

        self._tampering.mutate = mutate

    def answer(self, status: str, body: str) -> None:
        """From now on this is the answer."""
        self._tampering.mutate = lambda _: Wire(status=status, body=body.encode())

    def read(self, processor_id: str, change: Callable[[Any], object]) -> Said:
        """What the client reads of an order whose answer was changed."""
        self.tell(change)
        return self.client.read(processor_id, None, USDT)

    def asked(self, path: str) -> list[dict[str, Any]]:
        """The query or the body of each request for this path, so far."""
        found = []
        for raw in self._tampering.server.requests:
            head, _, body = raw.partition(b"\r\n\r\n")
            target = urlsplit(head.split(b" ")[1].decode())
            if target.path.endswith(path):
                found.append(parse_json(body) if body else dict(parse_qsl(target.query, keep_blank_values=True)))
        return found


@contextlib.contextmanager
def telling(name: str, make: Make) -> Iterator[Teller]:
    with ProcessorServer() as server, (tampering := Tampering(server.url)).server:
        yield Teller(name, make, server, tampering)
