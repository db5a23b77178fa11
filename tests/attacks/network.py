"""
The network around a besieged installation: Monero with the merchant's wallet, a swap service, a customers' chain.

None of it believes a database: what is in here really happened.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING

from monero import base58
from monero.keccak import keccak_256

from adapters.memory.coin import MemoryChain, MemoryWallet
from adapters.memory.customer_chain import CustomerChain
from adapters.memory.processor import SwapService
from payout.quote import Sample
from tests.scenarios.swaps.exchange import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from payout.ports import Clock
    from payout.quote.rate_book import RateBook

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
COIN = 10**12
BLOCK = timedelta(minutes=2)
SOURCES = ("bitfinex", "kraken")
PROCESSOR = "changenow"
PRICE = Decimal("163.47")
MAINNET = b"\x12"


@lru_cache
def address_of(name: str) -> str:
    """A Monero address with a right checksum, the same for the same name."""
    raw = MAINNET + hashlib.sha512(name.encode()).digest()
    return str(base58.encode((raw + keccak_256(raw).digest()[:4]).hex()))


@lru_cache
def tron_address_of(name: str) -> str:
    """A Tron address with a right checksum."""
    raw = b"\x41" + hashlib.sha256(name.encode()).digest()[:20]
    whole = raw + hashlib.sha256(hashlib.sha256(raw).digest()).digest()[:4]
    number, text = int.from_bytes(whole, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[digit] + text
    return text


class Calendar:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def pass_by(self, span: timedelta) -> None:
        self.time += span


class Network:
    """Everything outside the merchant's host."""

    def __init__(self) -> None:
        self.clock = Calendar()
        self.disk_full = False
        """Of the merchant's host: the spend journal cannot be written."""
        self.meanwhile: Callable[[], None] | None = None
        """What the intruder does, once, after a transfer was committed and before it is journaled."""
        self.chain = MemoryChain(Random(4))
        self.purse = MemoryWallet(self.chain, address_of("hot"))
        self.tron = CustomerChain("tron", self.clock)
        self.prices = {"XMR": PRICE, "USDT": Decimal(1)}
        self.service = SwapService(PROCESSOR, self.clock, self.prices)
        self.exchange = Exchange(self.service, self.chain, {"tron": self.tron}, Random(5))
        self.chain.fund(address_of("hot"), COIN, outputs=20)
        self.mine(11)

    def mine(self, count: int = 1) -> None:
        """Blocks come on both chains, and the service looks at its deposits."""
        for _ in range(count):
            self.chain.mine()
            self.tron.mine()
            self.exchange.turn()
            self.clock.pass_by(BLOCK)


class Market:
    """In the place of the poller: what the exchanges say now, into the process's own rate book."""

    def __init__(self, network: Network, book: RateBook, clock: Clock) -> None:
        self._network, self._book, self._clock = network, book, clock

    def tick(self, asset_codes: Iterable[str]) -> None:
        now = self._clock.now()
        wanted = set(asset_codes) & self._network.prices.keys()
        self._book.record(
            Sample(source=source, asset_code=code, pair=f"{code}USD", price=self._network.prices[code],
                   as_of=now, received_at=now)
            for source in SOURCES
            for code in wanted
        )  # fmt: skip
        self._book.observe(now)
