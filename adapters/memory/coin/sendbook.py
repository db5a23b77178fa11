"""
What a wallet remembers of its own sends: the part that a kill makes it forget.

The real wallet keeps this beside what it reads from the chain, and trusts it too much: a mined
transaction that is relayed again becomes a phantom, and later sets its spent inputs free.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from adapters.memory.coin.chain import MemoryChain, Tx
from adapters.memory.coin.view import View

FORGET_BLOCKS = 4
"""A pending transaction that the pool lacks for 500 s (four blocks) turns `failed`."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction that this wallet relayed and has not yet seen mined."""

    tx: Tx
    seen_tip: int
    phantom: bool
    """The wallet had seen it mined already."""
    failed: bool = False


@dataclass(slots=True)
class SendBook:
    """One wallet's memory of its sends."""

    sent: dict[str, Sent] = field(default_factory=dict)
    marked: dict[str, str] = field(default_factory=dict)
    """Key images taken for spent because this wallet relayed it; with the txid."""
    resurrected: set[str] = field(default_factory=set)
    """Key images really spent and taken for unspent: the poison."""
    keyed: set[str] = field(default_factory=set)
    """Transactions whose secret key the wallet has, so that it can prove them."""

    def copy(self) -> SendBook:
        """What a save writes to disk."""
        return SendBook(dict(self.sent), dict(self.marked), set(self.resurrected), set(self.keyed))

    def add(self, tx: Tx, view: View) -> None:
        """The node took it."""
        self.keyed.add(tx.txid)
        self.sent[tx.txid] = Sent(tx, view.tip, phantom=tx.txid in view.outgoing)
        self.marked.update((image, tx.txid) for image in tx.key_images)

    def judge(self, view: View, chain: MemoryChain) -> None:
        """After a refresh: drop what was mined, fail what the pool has lacked for too long."""
        for image in [image for image in self.marked if image in view.spent]:
            del self.marked[image]
        for txid, sent in tuple(self.sent.items()):
            if txid in view.outgoing and not sent.phantom:
                del self.sent[txid]
                self._unmark(sent.tx)
            elif txid in chain.pool and not sent.phantom:
                self.sent[txid] = replace(sent, seen_tip=view.tip)
            elif not sent.failed and view.tip - sent.seen_tip > FORGET_BLOCKS:
                self.sent[txid] = replace(sent, failed=True)
                self._unmark(sent.tx)
                if sent.phantom:
                    self.resurrected.update(sent.tx.key_images)

    def mend(self, tx: Tx) -> None:
        """A mined transaction was read again: its phantom goes."""
        self.sent.pop(tx.txid, None)
        self._unmark(tx)
        self.resurrected.difference_update(tx.key_images)

    def rescan(self, view: View, chain: MemoryChain) -> None:
        """The node was asked about every output."""
        self.resurrected.clear()
        self.marked = {image: chain.spent[image] for image in view.unspent if image in chain.spent}
        self.marked.update(
            (image, tx.txid) for tx in chain.pool.values() for image in tx.key_images if image in view.unspent
        )

    def _unmark(self, tx: Tx) -> None:
        for image in tx.key_images:
            if self.marked.get(image) == tx.txid:
                del self.marked[image]
