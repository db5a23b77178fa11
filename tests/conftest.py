"""Fixtures for all rooms, and three rules: real nodes take turns, nobody phones out, and no secret gets out."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from deploy.sandbox.network import WALLET_PASSWORD
from deploy.sandbox.processor.protocol import PRIVATE_KEY, PUBLIC_KEY
from deploy.sandbox.rate_server import RateServer
from tests import canary
from tests.postgres_server import PostgresServer

LOOPBACK = {"127.0.0.1", "::1", "localhost", ""}


def refuse_the_outside(event: str, arguments: tuple[object, ...]) -> None:
    """An audit hook: connecting anywhere but to this machine fails the test that tries."""
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
        if host not in LOOPBACK:
            raise RuntimeError(f"a test tried to connect to {host}; tests stay on this machine")
    elif event == "socket.getaddrinfo" and arguments[0] not in LOOPBACK | {None}:
        raise RuntimeError(f"a test looked up {arguments[0]!r}; tests stay on this machine")


sys.addaudithook(refuse_the_outside)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(canary.WATCH, "canary")
    for value in (PUBLIC_KEY, PRIVATE_KEY, WALLET_PASSWORD):
        canary.guard_always(value)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests on real nodes in one worker, so that two of them never share the two cores.

    PostgreSQL alone is light: those tests go wherever there is room.
    """
    for item in items:
        on_nodes = item.get_closest_marker("nodes") is not None
        light = "postgres_url" in getattr(item, "fixturenames", ())
        if on_nodes and not light and item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group("nodes"))


@pytest.fixture
def rate_server() -> Iterator[RateServer]:
    with RateServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """A database of its own for each test that asks, without any table."""
    name = postgres.create_database()
    yield postgres.url(name)
    postgres.drop_database(name)
