"""A world in memory for the tests of a coin, and one fault in it."""

from __future__ import annotations

from random import Random

from adapters.memory.coin import Effect, MemoryChain, MemoryCoin, MemoryWallet, NoFaults
from tests.contracts.coin import COIN


class MemoryWorld:
    def __init__(self, faults: NoFaults | None = None, seed: int = 1) -> None:
        self.chain = MemoryChain(Random(seed))
        self.wallet = MemoryWallet(self.chain, "hot", subaddresses=("hot-sub",))
        self.coin = MemoryCoin(self.wallet, faults)
        self._customers = 0
        self.chain.fund("hot", 10 * COIN, outputs=16)
        self.chain.mine(11)
        self.coin.check()

    def customer(self) -> str:
        self._customers += 1
        return f"customer-{self._customers}"

    def integrated(self) -> str:
        address = f"integrated-{self.customer()}"
        self.wallet.integrated_addresses.add(address)
        return address

    def own_subaddress(self) -> str:
        return "hot-sub"

    def received(self, address: str) -> int:
        return sum(units for to, units, _ in self.chain.mined_outputs() if to == address)

    def send(self, address: str, units: int) -> None:
        self.chain.fund(address, units)

    def mine(self, count: int = 1) -> None:
        self.chain.mine(count)

    def pop(self, count: int) -> None:
        self.chain.pop(count)

    def flush(self) -> None:
        self.chain.flush()

    def kill_wallet(self) -> None:
        self.wallet.kill()
        self.wallet.start()

    def stop_node(self) -> None:
        self.chain.stop()

    def start_node(self) -> None:
        self.chain.start()


class Once(NoFaults):
    """One effect, or one error, at one side of one point."""

    def __init__(self, point: str, effect: Effect | Exception, *, before: bool = True) -> None:
        self._at = (point, before)
        self._effect = effect

    def at(self, point: str, *, before: bool) -> Effect | None:
        if (point, before) != self._at:
            return None
        if isinstance(self._effect, Exception):
            raise self._effect
        return self._effect
