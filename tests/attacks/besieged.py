"""
A whole installation, wired by the product's own House: real keys, files and database, and a network in memory.

Only what lies outside the merchant's host is replaced: the wallet's rail, the rate sources, the processor and the
customers' chain.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy.util import LRUCache

from adapters.database.store import SqlStore, open_store
from adapters.journal_file import JournalFile
from adapters.memory.coin import MemoryCoin
from adapters.memory.customer_chain import CustomerNode
from adapters.memory.processor import MemoryProcessor
from config.swap_parts import SwapParts
from config.wiring import House
from payout.errors import JournalBroken
from payout.spend_journal import Entry
from tests.attacks.network import PROCESSOR, Market

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from config.settings import Settings
    from tests.attacks.network import Network


_COMPILED: Any = LRUCache(2000)
"""Of all sieges: each compiles a hundred statements else, which takes longer than the attack."""


class _Swaps(SwapParts):
    def __init__(self, network: Network, *given: Any) -> None:
        super().__init__(*given)
        self._network = network

    @cached_property
    def processors(self) -> Mapping[str, Any]:
        return {PROCESSOR: MemoryProcessor(self._network.service)}

    @cached_property
    def chains(self) -> Mapping[str, Any]:
        return {"tron": CustomerNode(self._network.tron)}


class _Journal(JournalFile):
    """The real file, on a disk that may be full."""

    def __init__(self, path: Path, network: Network) -> None:
        super().__init__(path)
        self._network = network

    def append(self, entry: Entry, txid: str, at: datetime, body: dict[str, Any]) -> bool:
        if self._network.disk_full:
            raise JournalBroken("no space is left: make room")
        if entry is Entry.COMMIT:
            meanwhile, self._network.meanwhile = self._network.meanwhile, None
            if meanwhile is not None:
                meanwhile()
        return super().append(entry, txid, at, body)


class Besieged(House):
    """One process's parts of the installation."""

    def __init__(self, settings: Settings, network: Network) -> None:
        super().__init__(settings, network.clock)
        self._network = network

    @cached_property
    def _database(self) -> SqlStore:
        # As in House, but for the clock: the database has that of the network.
        store = open_store(self.settings.database.url.reveal(), self.clock, audit=self.audit_key)
        store._engine._compiled_cache = _COMPILED
        return store

    @cached_property
    def poller(self) -> Any:
        return Market(self._network, self.book, self.clock)

    @cached_property
    def swaps(self) -> SwapParts:
        return _Swaps(self._network, self.settings, self.assets, self._held, self.clock)

    def journal(self, name: str) -> Any:
        return _Journal(self.settings.instance.state_dir / f"journal-{name}.log", self._network)

    def coin(self, name: str) -> Any:
        return MemoryCoin(self._network.purse)
