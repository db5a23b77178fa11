"""The sandbox's monerod, where it is not alone in mining."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.daemon import NOT_ACCEPTED, Daemon
from deploy.sandbox.rpc import RpcError


class Raced(Daemon):
    """Another miner's blocks come first at these heights, and take what a block of ours would have held."""

    def __init__(self, root: Path, *lost: int, gained: int = 1) -> None:
        super().__init__(root)
        self.blocks = 100
        self.lost = set(lost)
        self.gained = gained

    def post(self, path: str, timeout: float | None = None, **body: Any) -> dict[str, Any]:
        return {}

    def call(self, method: str, timeout: float | None = None, **params: Any) -> dict[str, Any]:
        for _ in range(params.get("amount_of_blocks", 0)):
            if self.blocks in self.lost:
                self.lost.remove(self.blocks)
                self.blocks += self.gained
                raise RpcError(method, NOT_ACCEPTED, "Block not accepted")
            self.blocks += 1
        return {"count": self.blocks}


def test_it_mines_on_when_another_miners_block_came_first(tmp_path: Path) -> None:
    assert Raced(tmp_path, 103, 105).mine(10) == 110


def test_a_block_that_is_refused_for_another_reason_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RpcError, match="Block not accepted"):
        Raced(tmp_path, 100, gained=0).mine()
