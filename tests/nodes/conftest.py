"""Real regtest networks for the tests in this folder, booted from a snapshot in a few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.sandbox import Network, RateServer
from tests import canary
from tests.nodes.house import Installation, replenish


@contextmanager
def started(folder: Path) -> Iterator[Network]:
    """A network whose login is a canary: what the nodes logged is searched for it at the end."""
    with Network.start(folder) as running:
        for file in folder.glob("*.login"):
            canary.guard_always(file.read_text().strip().partition(":")[2])
        yield running
    canary.search(folder)


@pytest.fixture(scope="session")
def common_network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """For modules whose tests `replenish` it first, and leave its wallet without a debt: starting costs seconds."""
    with started(tmp_path_factory.mktemp("network")) as running:
        yield running


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """One network for all tests of a module: 16 spendable outputs of 10 XMR to begin with."""
    with started(tmp_path_factory.mktemp("network")) as running:
        yield running


@pytest.fixture
def fresh_network(tmp_path: Path) -> Iterator[Network]:
    """A network that no other test has touched."""
    with started(tmp_path / "network") as running:
        yield running


@pytest.fixture
def house(network: Network, rate_server: RateServer, tmp_path: Path) -> Iterator[Installation]:
    """A merchant on the module's network, whose wallet holds what it needs."""
    replenish(network)
    with Installation(network, rate_server, tmp_path / "house") as made:
        yield made
