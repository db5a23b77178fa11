"""A small server that speaks for wallet and node, one for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.adapters.coins.fake_monero import FakeMonero


@pytest.fixture
def fake() -> Iterator[FakeMonero]:
    with FakeMonero() as fake:
        yield fake
