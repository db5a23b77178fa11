"""A processor on paper, and a bare client of each of its protocols."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.sandbox.processor import ProcessorServer
from tests.deploy.processor.clients import CLIENTS, Client


@pytest.fixture
def server() -> Iterator[ProcessorServer]:
    with ProcessorServer() as server:
        yield server


@pytest.fixture(params=sorted(CLIENTS))
def client(request: pytest.FixtureRequest, server: ProcessorServer) -> Client:
    """Each protocol in turn."""
    return CLIENTS[request.param](server)
