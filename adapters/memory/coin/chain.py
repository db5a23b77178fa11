"""
A Monero network in memory: blocks, a pool, key images, and a node that stops, lags, reorganises.

It has paid what is in its blocks and nothing else: a test reads `mined_outputs`, never the wallet's
word. Heights count from 0, `tip` is the number of blocks; the newest block has depth 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from random import Random

from payout.transfer import KeyImage

UNLOCK_DEPTH = 10
"""An output can be spent once it is this deep."""
FEE_PER_BYTE = 20_000
"""Piconero; about what the main network asks."""


class Refusal(StrEnum):
    """Why the node does not take a transaction."""

    DOUBLE_SPEND = "double_spend"
    INVALID_INPUT = "invalid_input"  # a ring member is not in this chain, or not deep enough
    FEE_TOO_LOW = "fee_too_low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coin:
    """One output. Its key image shows when it is spent, and nothing before."""

    key_image: str
    address: str
    units: int
    txid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tx:
    """A signed transaction. `ring_height` is the block of its youngest ring member."""

    txid: str
    inputs: tuple[Coin, ...]
    outputs: tuple[Coin, ...]
    fee: int
    ring_height: int = -1
    ring_hash: str = ""

    @property
    def key_images(self) -> tuple[str, ...]:
        """What it spends."""
        return tuple(coin.key_image for coin in self.inputs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block; its height is its place in `MemoryChain.blocks`."""

    hash: str
    txs: tuple[Tx, ...]


class MemoryChain:
    """The network and the one node that we ask."""

    def __init__(self, random: Random, *, network: str = "mainnet") -> None:
        self.random = random
        self.network = network
        self.blocks: list[Block] = []
        self.pool: dict[str, Tx] = {}
        self.mined: dict[str, int] = {}
        self.spent: dict[str, str] = {}
        self.signed: dict[str, Tx] = {}
        """Every transaction ever signed, by its bytes."""
        self.first_broadcasts: dict[str, Tx] = {}
        """In order, at the moment at which each first reached the node, taken or refused."""
        self.on_first_broadcast: Callable[[Tx], None] | None = None
        self.fee_per_byte = FEE_PER_BYTE
        self.fee_floor = 0
        """Transactions of a lower fee a byte are refused as new ones."""
        self.rings_regrow = True
        """Bytes whose ring members were reorganised away work again once the chain is that long."""
        self.running = True
        self.synchronized = True
        self.lag = 0
        """The node misses this many of the newest blocks."""
        self._late: list[Callable[[], None]] = []
        self.mine(UNLOCK_DEPTH)

    # ------------------------------------------------------------ what the world does

    def mine(self, count: int = 1, *, empty: bool = False) -> int:
        """Add blocks; each takes what is valid in the pool unless `empty`. Returns the tip."""
        for _ in range(count):
            txs = () if empty else tuple(tx for tx in self.pool.values() if self._stands(tx))
            for tx in txs:
                del self.pool[tx.txid]
                self.mined[tx.txid] = len(self.blocks)
                self.spent.update((image, tx.txid) for image in tx.key_images)
            self.blocks.append(Block(hash=self.new_id(), txs=txs))
        return self.tip

    def pop(self, count: int, *, drop: bool = False) -> int:
        """Take blocks off. Their transactions return to the pool, or with `drop` are forgotten."""
        for _ in range(min(count, len(self.blocks) - 1)):
            for tx in self.blocks.pop().txs:
                del self.mined[tx.txid]
                for image in tx.key_images:
                    del self.spent[image]
                # Deposits are other people's: they send them again.
                if not drop or not tx.inputs:
                    self.pool[tx.txid] = tx
        return self.tip

    def reorg(self, depth: int, *, longer: int = 1, drop: bool = False, empty: bool = False) -> int:
        """Another branch wins by `longer` blocks; `drop` also forgets what was popped or pooled."""
        self.pop(depth, drop=drop)
        if drop:
            self.flush()
        return self.mine(depth + longer, empty=empty)

    def flush(self, *txids: str) -> None:
        """Forget pooled transactions: those named, or all but deposits."""
        for txid in txids or tuple(self.pool):
            if self.pool[txid].inputs:
                del self.pool[txid]

    def stop(self) -> None:
        """The node stops answering."""
        self.running = False

    def start(self) -> None:
        """The node is back, with its chain and pool."""
        self.running = True

    def fund(self, address: str, units: int, *, outputs: int = 1) -> None:
        """Somebody pays `units` to each of `outputs` new outputs; they unlock in 10 blocks."""
        txid = self.new_id()
        coins = tuple(self.coin(address, units, txid) for _ in range(outputs))
        self.pool[txid] = Tx(txid=txid, inputs=(), outputs=coins, fee=0)

    def land(self, count: int | None = None) -> int:
        """Let delayed deeds arrive, in random order: all, or `count`. Returns how many landed."""
        self.random.shuffle(self._late)
        landing = self._late[:count]
        del self._late[: len(landing)]
        for deed in landing:
            deed()
        return len(landing)

    def postpone(self, deed: Callable[[], None]) -> None:
        """Keep a deed for `land`."""
        self._late.append(deed)

    # ------------------------------------------------------------ what the node does

    @property
    def tip(self) -> int:
        """Number of blocks."""
        return len(self.blocks)

    @property
    def seen_tip(self) -> int:
        """Number of blocks that the node knows of."""
        return max(1, len(self.blocks) - self.lag)

    def submit(self, tx: Tx) -> Refusal | None:
        """Hand a transaction to the node. One that it has, mined ones too, is taken again."""
        self._note_first(tx)
        if tx.txid in self.pool or tx.txid in self.mined:
            return None
        refusal = self._refusal(tx)
        if refusal is None:
            self.pool[tx.txid] = tx
        return refusal

    def height_of(self, txid: str) -> int | None:
        """Its block, if the node has seen it mined."""
        height = self.mined.get(txid)
        return height if height is not None and height < self.seen_tip else None

    def has(self, txid: str) -> bool:
        """The node has it, mined or pooled."""
        return txid in self.pool or txid in self.mined

    def key_image(self, image: str) -> KeyImage:
        """What the node says of a key image."""
        spender = self.spent.get(image)
        if spender is not None:
            seen = self.mined[spender] < self.seen_tip
            return KeyImage.IN_CHAIN if seen else KeyImage.IN_POOL
        pooled = any(image in tx.key_images for tx in self.pool.values())
        return KeyImage.IN_POOL if pooled else KeyImage.FREE

    # ------------------------------------------------------------ what a reader reads

    def mined_outputs(self) -> Iterable[tuple[str, int, str]]:
        """(address, units, txid) of each output of each spend in the chain, own change included."""
        for block in self.blocks:
            for tx in block.txs:
                if tx.inputs:
                    yield from ((coin.address, coin.units, coin.txid) for coin in tx.outputs)

    def transaction(self, txid: str) -> Tx | None:
        """Mined or pooled."""
        height = self.mined.get(txid)
        if height is None:
            return self.pool.get(txid)
        return next(tx for tx in self.blocks[height].txs if tx.txid == txid)

    # ------------------------------------------------------------ inner works

    def new_id(self) -> str:
        """A fresh hash, key image or txid."""
        return f"{self.random.getrandbits(256):064x}"

    def coin(self, address: str, units: int, txid: str) -> Coin:
        """A new output."""
        return Coin(key_image=self.new_id(), address=address, units=units, txid=txid)

    def _note_first(self, tx: Tx) -> None:
        if tx.txid in self.first_broadcasts:
            return
        self.first_broadcasts[tx.txid] = tx
        if self.on_first_broadcast is not None:
            self.on_first_broadcast(tx)

    def _refusal(self, tx: Tx) -> Refusal | None:
        if any(self.key_image(image) is not KeyImage.FREE for image in tx.key_images):
            return Refusal.DOUBLE_SPEND
        if not self._stands(tx):
            return Refusal.INVALID_INPUT
        if tx.fee < self.fee_floor * weight(len(tx.inputs), len(tx.outputs)):
            return Refusal.FEE_TOO_LOW
        return None

    def _stands(self, tx: Tx) -> bool:
        """Every ring member, our real inputs among them, is in this chain and deep enough."""
        return self._ring_stands(tx) and all(
            self.tip - self.mined.get(coin.txid, self.tip) >= UNLOCK_DEPTH for coin in tx.inputs
        )

    def _ring_stands(self, tx: Tx) -> bool:
        if tx.ring_height >= self.tip:
            return False
        return self.rings_regrow or not tx.inputs or self.blocks[tx.ring_height].hash == tx.ring_hash


def weight(inputs: int, outputs: int) -> int:
    """About what a transaction weighs in bytes; fitted to what a real wallet makes."""
    return 108 + 659 * inputs + 370 * outputs
