"""
A Monero wallet process in memory, as unhelpful as the real one.

Preparing changes nothing; the choice of inputs is deterministic, so two prepared transfers share
them; on a kill it forgets what it has not saved; its word is never evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from adapters.memory.coin.chain import UNLOCK_DEPTH, Coin, MemoryChain, Refusal, Tx, weight
from adapters.memory.coin.sendbook import SendBook
from adapters.memory.coin.view import View
from payout.errors import FundsShort, RailUnavailable, TransferRefused
from payout.ports import Funds, Holding, Receipt, Spend
from payout.transfer import Output, Payload, Prepared

OUTPUTS_MAX = 15
"""Destinations of one transaction; the 16th output is the change."""
INTEGRATED_LENGTH = 106
SECOND_INPUT_LEFT = 5
"""The wallet adds a second input while it keeps at least this many outputs."""


class MemoryWallet:
    """One wallet file, and the process that has it open."""

    def __init__(self, chain: MemoryChain, address: str, *, subaddresses: Iterable[str] = ()) -> None:
        self.chain = chain
        self.address = address
        self.view = View(frozenset({address, *subaddresses}))
        self.running = True
        self.is_open = False
        self.life = 0
        """Which run of the process this is."""
        self.refused_addresses: set[str] = set()
        """The wallet calls these wrong."""
        self.integrated_addresses: set[str] = set()
        """These go alone in a transfer, or not at all."""
        self.subaddresses: list[str] = []
        """Those that were made, in order; the first has the index 1."""
        self._book = SendBook()
        self._saved = SendBook()

    # ------------------------------------------------------------ the process

    def stop(self) -> None:
        """SIGTERM: it saves."""
        self.save()
        self._end()

    def kill(self) -> None:
        """SIGKILL: what was not saved is gone."""
        self._book = self._saved.copy()
        self._end()

    def start(self) -> None:
        """The process runs again, with no wallet open."""
        self.running = True

    def open(self) -> None:
        """Open the file and read the chain."""
        self.is_open = True
        self.sync()

    def save(self) -> None:
        """Write the cache."""
        self._saved = self._book.copy()

    def sync(self) -> None:
        """Read new blocks, then judge what is pending; the real one does so every 20 s."""
        self.view.sync(self.chain)
        self._book.judge(self.view, self.chain)

    def _end(self) -> None:
        self.running = self.is_open = False
        self.life += 1

    # ------------------------------------------------------------ what it believes

    def funds(self) -> Funds:
        """From its own memory: stale while the node is away."""
        unspent = self._unspent()
        change = sum(self.view.change(s.tx) for s in self._book.sent.values() if not s.failed)
        locks = [UNLOCK_DEPTH - self.view.depth(coin.key_image) for coin, free in unspent if not free]
        return Funds(
            balance=sum(coin.units for coin, _ in unspent) + change,
            unlocked=sum(coin.units for coin, free in unspent if free),
            holdings=tuple(
                Holding(key_image=coin.key_image, units=coin.units, unlocked=free) for coin, free in unspent
            ),
            blocks_to_unlock=max(locks, default=0),
        )

    def spends(self, since_height: int) -> tuple[Spend, ...]:
        """Mined from this height on, and pending; a phantom stands in both."""
        mined = [
            Spend(txid=txid, height=height, units=self.view.others(tx))
            for txid, (tx, height) in self.view.outgoing.items()
            if height >= since_height
        ]
        pending = [
            Spend(txid=txid, height=None, units=self.view.others(sent.tx))
            for txid, sent in self._book.sent.items()
            if not sent.failed
        ]
        return (*mined, *pending)

    def alone(self, address: str) -> bool:
        """A transfer to it has no other destination."""
        return address in self.integrated_addresses or len(address) == INTEGRATED_LENGTH

    @staticmethod
    def valid(address: str) -> bool:
        """Any text that nobody would look up by name; what passes here may still be refused."""
        return len(address) > 1 and not set(".@") & set(address)

    def new_address(self) -> tuple[str, int]:
        """Make a subaddress, and save it."""
        index = len(self.subaddresses) + 1
        address = f"{self.address}-{index}"
        self.subaddresses.append(address)
        self.view.addresses |= {address}
        self.save()
        return address, index

    def received(self, index: int) -> tuple[Receipt, ...]:
        """What came in at the subaddress of this index."""
        address = self.subaddresses[index - 1]
        coins = [coin for coin, _ in self.view.owned.values() if coin.address == address]
        mined = [(coin, height) for coin in coins if (height := self.chain.height_of(coin.txid)) is not None]
        pooled = [coin for tx in self.chain.pool.values() for coin in tx.outputs if coin.address == address]
        tip = self.chain.seen_tip
        return (
            *(
                Receipt(txid=coin.txid, units=coin.units, height=height, depth=tip - height)
                for coin, height in sorted(mined, key=lambda each: each[1])
            ),
            *(Receipt(txid=coin.txid, units=coin.units, height=None, depth=0) for coin in pooled),
        )

    def has_key(self, txid: str) -> bool:
        """It can sign proofs for this transaction."""
        return txid in self._book.keyed

    # ------------------------------------------------------------ spending

    def transfer(self, outputs: Sequence[Output]) -> Prepared:
        """Sign a transfer. Nothing in the wallet changes."""
        self._check_outputs(outputs)
        units = sum(output.units for output in outputs)
        inputs = self._choose(units, len(outputs))
        fee = self._fee(len(inputs), len(outputs))
        change = sum(coin.units for coin in inputs) - units - fee
        pays = [(output.address, output.units) for output in outputs]
        return self._sign(inputs, [*pays, (self.address, change)], fee, tuple(outputs))

    def sweep_single(self, key_image: str) -> Prepared:
        """Sign a transfer of exactly one output to ourselves."""
        unlocked = [coin for coin, free in self._unspent() if free]
        coin = next((coin for coin in unlocked if coin.key_image == key_image), None)
        if coin is None:
            raise RailUnavailable(
                "the wallet sees no unlocked, unspent output of that key image; try again after the next block"
            )
        fee = self._fee(1, 1)
        if coin.units <= fee:
            raise FundsShort(f"an output of {coin.units} units does not cover the fee of {fee}")
        output = Output(address=self.address, units=coin.units - fee, own=True)
        return self._sign((coin,), [(self.address, output.units)], fee, (output,))

    def relay(self, payload: Payload) -> None:
        """Send to the node first; only if it takes it, note what it spends."""
        tx = self.chain.signed[payload.metadata.removeprefix("metadata-")]
        if self.chain.running and self.chain.submit(tx) is None:
            self._book.add(tx, self.view)

    def resubmit(self, payload: Payload) -> Refusal | None:
        """Past the wallet, to the node."""
        return self.chain.submit(self.chain.signed[payload.blob.removeprefix("blob-")])

    def foreign_spend(self, address: str, units: int) -> str:
        """A thief with our keys spends; this wallet learns it from the chain. The txid."""
        prepared = self.transfer((Output(address=address, units=units),))
        refusal = self.resubmit(prepared.payload)
        if refusal is not None:
            raise ValueError(f"the node refused the foreign spend: {refusal}")
        return prepared.txid

    # ------------------------------------------------------------ healing

    def mend(self, txid: str) -> None:
        """Read one mined transaction again."""
        if txid in self.view.outgoing:
            self._book.mend(self.view.outgoing[txid][0])

    def rescan(self) -> None:
        """Ask the node about every output."""
        self._book.rescan(self.view, self.chain)

    # ------------------------------------------------------------ inner works

    def _unspent(self) -> list[tuple[Coin, bool]]:
        """What the wallet takes for unspent, oldest first, and whether it is unlocked."""
        book, view = self._book, self.view
        poison = [(view.owned[image][0], True) for image in sorted(book.resurrected) if image in view.spent]
        unspent = [
            (coin, view.depth(image) >= UNLOCK_DEPTH)
            for image, (coin, _) in view.unspent.items()
            if image not in book.marked
        ]
        return [*poison, *unspent]

    def _choose(self, units: int, outputs: int) -> tuple[Coin, ...]:
        unlocked = [coin for coin, free in self._unspent() if free]
        inputs: list[Coin] = []
        have, need = 0, units + self._fee(1, outputs)
        for coin in unlocked:
            second = len(inputs) == 1 and len(unlocked) - 1 >= SECOND_INPUT_LEFT
            if inputs and have >= need and not second:
                break
            inputs.append(coin)
            have, need = have + coin.units, units + self._fee(len(inputs), outputs)
        if inputs and have >= need:
            return tuple(inputs)
        kind = "unlocked money" if self.funds().balance >= need else "money"
        raise FundsShort(f"not enough {kind}: {need} units are needed, {have} are unlocked")

    def _fee(self, inputs: int, outputs: int) -> int:
        return self.chain.fee_per_byte * weight(inputs, outputs + 1)

    def _check_outputs(self, outputs: Sequence[Output]) -> None:
        if not outputs:
            raise TransferRefused("the transfer has no destination")
        if len(outputs) > OUTPUTS_MAX:
            raise TransferRefused(f"{len(outputs)} destinations are too many for one transfer: at most {OUTPUTS_MAX}")
        for output in outputs:
            if output.units <= 0:
                raise TransferRefused(f"the amount for {output.address} is {output.units} units")
            if output.address in self.refused_addresses:
                raise TransferRefused(f"the wallet refuses the address {output.address}")
            if self.alone(output.address) and len(outputs) > 1:
                raise TransferRefused("an integrated address goes alone in a transfer")

    def _sign(
        self,
        inputs: tuple[Coin, ...],
        pays: list[tuple[str, int]],
        fee: int,
        outputs: tuple[Output, ...],
    ) -> Prepared:
        chain, txid = self.chain, self.chain.new_id()
        ring_height = max(min(self.view.tip, chain.tip) - UNLOCK_DEPTH, 0)
        tx = chain.signed[txid] = Tx(
            txid=txid,
            inputs=inputs,
            outputs=tuple(chain.coin(address, units, txid) for address, units in pays),
            fee=fee,
            ring_height=ring_height,
            ring_hash=chain.blocks[ring_height].hash,
        )
        return Prepared(
            txid=txid,
            fee=fee,
            key_images=tx.key_images,
            outputs=outputs,
            payload=Payload(metadata=f"metadata-{txid}", blob=f"blob-{txid}", tx_key=f"key-{txid}"),
        )
