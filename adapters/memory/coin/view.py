"""
What a wallet has read from the chain: its outputs, their spends, its own transactions.

Like the real wallet it does not notice a chain that became shorter, and it does not look into the
pool for its own spends.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.memory.coin.chain import Coin, MemoryChain, Tx


@dataclass(slots=True)
class _Read:
    """What one block changed; undone when the block is detached."""

    hash: str
    created: list[str] = field(default_factory=list)
    spent: list[str] = field(default_factory=list)
    outgoing: list[str] = field(default_factory=list)


class View:
    """The chain as a wallet of `addresses` last saw it."""

    def __init__(self, addresses: frozenset[str]) -> None:
        self.addresses = addresses
        self.owned: dict[str, tuple[Coin, int]] = {}
        """By key image, with the height: every output ever, spent ones too."""
        self.unspent: dict[str, tuple[Coin, int]] = {}
        """Those that no block spends."""
        self.spent: dict[str, int] = {}
        self.outgoing: dict[str, tuple[Tx, int]] = {}
        self._read: list[_Read] = []

    @property
    def tip(self) -> int:
        """Number of blocks read."""
        return len(self._read)

    def sync(self, chain: MemoryChain) -> None:
        """Read what is new, after detaching what is no longer in the chain."""
        tip = chain.seen_tip
        if tip < self.tip:
            return
        while self._read and self._read[-1].hash != chain.blocks[self.tip - 1].hash:
            self._detach()
        for height in range(self.tip, tip):
            read = _Read(hash=chain.blocks[height].hash)
            for tx in chain.blocks[height].txs:
                self._take(tx, height, read)
            self._read.append(read)

    def depth(self, key_image: str) -> int:
        """Of the block that made this output."""
        return self.tip - self.owned[key_image][1]

    def others(self, tx: Tx) -> int:
        """What a transaction pays to anyone but us."""
        return sum(coin.units for coin in tx.outputs if coin.address not in self.addresses)

    def change(self, tx: Tx) -> int:
        """What a transaction hands back to us."""
        return sum(coin.units for coin in tx.outputs if coin.address in self.addresses)

    def _take(self, tx: Tx, height: int, read: _Read) -> None:
        for coin in tx.outputs:
            if coin.address in self.addresses:
                self.owned[coin.key_image] = self.unspent[coin.key_image] = (coin, height)
                read.created.append(coin.key_image)
        ours = [image for image in tx.key_images if image in self.owned]
        for image in ours:
            self.spent[image] = height
            del self.unspent[image]
            read.spent.append(image)
        if ours:
            self.outgoing[tx.txid] = (tx, height)
            read.outgoing.append(tx.txid)

    def _detach(self) -> None:
        read = self._read.pop()
        for image in read.spent:
            del self.spent[image]
            self.unspent[image] = self.owned[image]
        for image in read.created:
            del self.owned[image], self.unspent[image]
        for txid in read.outgoing:
            del self.outgoing[txid]
