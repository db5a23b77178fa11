"""Real regtest networks for the tests in this folder, booted from a snapshot in a few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.sandbox import Network


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """One network for all tests of a module: 16 spendable outputs of 10 XMR to begin with."""
    with Network.start(tmp_path_factory.mktemp("network")) as running:
        yield running


@pytest.fixture
def fresh_network(tmp_path: Path) -> Iterator[Network]:
    """A network that no other test has touched."""
    with Network.start(tmp_path / "network") as running:
        yield running
