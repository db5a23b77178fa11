"""A source in front of a server that answers one fixed thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.http import HttpClient
from adapters.rates import RateSource
from tests.adapters.raw_server import RawServer, answering
from tests.clock import HandClock


@contextmanager
def told(
    make: Callable[..., RateSource], symbols: dict[str, str], body: str, status: str = "200 OK"
) -> Iterator[RateSource]:
    with RawServer(answering(status, body.encode())) as server:
        yield make(HttpClient(server.url, name=make.name), symbols, HandClock())  # type: ignore[attr-defined]
