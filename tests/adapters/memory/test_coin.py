"""The in-memory coin keeps the contract of every coin."""

from __future__ import annotations

import pytest

from tests.adapters.memory.coin_world import MemoryWorld
from tests.contracts.coin import CoinContract


class TestMemoryCoin(CoinContract):
    @pytest.fixture
    def world(self) -> MemoryWorld:
        return MemoryWorld()
