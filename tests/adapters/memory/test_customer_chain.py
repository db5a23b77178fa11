"""The customer's chain in memory keeps the contract of every reader of a chain."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.clock import SystemClock
from adapters.memory.customer_chain import CustomerChain, CustomerNode, Paid
from payout.asset import Asset
from payout.money import Money
from payout.ports import Chain
from tests.contracts.chain import ChainContract


class MemoryStage:
    asset = Asset(code="COIN", network="memory", decimals=8)
    unit = 100_000
    deep = 2
    pools = True
    batches = True
    apart = True

    def __init__(self, *, finds: bool) -> None:
        self.finds = finds
        self.network = CustomerChain("memory", SystemClock())
        self.network.can_search = finds
        self.addresses = 0

    def address(self) -> str:
        self.addresses += 1
        return f"customer {self.addresses}"

    def absent(self) -> str:
        return "memorytx999"

    def pay(self, *payments: tuple[str, int]) -> str:
        return self.network.pay_all(*(Paid(destination=to, amount=Money(units, self.asset)) for to, units in payments))

    def mine(self, n: int = 1) -> None:
        self.network.mine(n)

    def reorg(self, depth: int) -> None:
        self.network.reorg(depth, drop=True)

    def again(self, txid: str) -> None:
        self.network.again(txid)

    def chain(self, **changes: Any) -> Chain:
        return CustomerNode(self.network, **changes)

    def down(self) -> None:
        self.network.running = False

    def up(self) -> None:
        self.network.running = True


class TestCustomerChain(ChainContract):
    @pytest.fixture(params=[True, False], ids=["searchable", "not searchable"])
    def stage(self, request: pytest.FixtureRequest) -> MemoryStage:
        return MemoryStage(finds=request.param)
