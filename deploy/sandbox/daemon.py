"""A real monerod on a private regtest chain, with the acts that a test needs: mine, reorg, forget.

The chain is at hard fork 16 from its first block and its addresses look like mainnet's.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from deploy.sandbox.process import LOOK_SECONDS, free_port
from deploy.sandbox.rpc import RpcError
from deploy.sandbox.server import Server

BURN = "49g4YrPjcQbhHf6LHgvV7NbcD9Lhd6cndHWsbMXtMfM3AdxxkjiQWsPiddoYykRQQsKgqYtxdEyvic3MGdqi6UVw7cfajDB"
"""Where the rewards of ordinary blocks go: an address whose seed nobody kept."""
RELAY_SECONDS = 5.0
NOT_ACCEPTED = -7
"""What monerod answers when another's block took a transaction first; it mines no further then."""


class Daemon(Server):
    """monerod --regtest --offline. Difficulty 1: a block takes about 0.1 s, the first 1.5 s."""

    program = "monerod"

    def __init__(self, root: Path, *, port: int | None = None) -> None:
        super().__init__(root, "monerod", port=port, login=None)
        self._p2p_port = free_port()

    def arguments(self) -> list[str]:
        return [
            *("--regtest", "--offline", "--fixed-difficulty", "1", "--keep-fakechain"),
            *("--data-dir", str(self.root / "chain")),
            *("--log-file", str(self.root / "monerod.own.log")),
            *("--non-interactive", "--no-igd", "--no-zmq", "--disable-rpc-ban"),
            *("--disable-dns-checkpoints", "--check-updates", "disabled"),
            # Kept through a SIGKILL all the same: the pages are the kernel's by then.
            *("--db-sync-mode", "fastest:async:1000blocks"),
            *("--p2p-bind-ip", "127.0.0.1", "--p2p-bind-port", str(self._p2p_port)),
            *("--rpc-bind-ip", "127.0.0.1", "--rpc-bind-port", str(self.port)),
            # Otherwise it first makes a 4096-bit key, which takes up to 7 s.
            *("--rpc-ssl", "disabled", "--rpc-max-connections-per-private-ip", "100"),
        ]

    def probe(self) -> object:
        return self.call("get_info", timeout=5)

    def height(self) -> int:
        """The number of blocks: the height that the next block will have."""
        return int(self.call("get_block_count")["count"])

    def mine(self, n: int = 1, address: str = BURN) -> int:
        """Mine n blocks with what the pool holds; the new height. Blocks that others mine meanwhile count.

        A transaction enters the pool as our own secret and is offered to miners only once a thread
        of monerod has "relayed" it, a moment after the sender had his answer. Without the wait a
        block now and then missed the last transaction sent before it.
        """
        end = time.monotonic() + RELAY_SECONDS
        while self._unrelayed() and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
        height = self.height()
        wanted = height + n
        while height < wanted:
            height = self._mine(wanted - height, address, height)
        return height

    def _mine(self, n: int, address: str, before: int) -> int:
        try:
            self.call("generateblocks", amount_of_blocks=n, wallet_address=address)
        except RpcError as error:
            if error.code != NOT_ACCEPTED or self.height() == before:
                raise
        return self.height()

    def pool(self) -> set[str]:
        """The ids of the transactions that wait for a block."""
        answer = self.post("get_transaction_pool")
        return {entry["id_hash"] for entry in answer.get("transactions", [])}

    def _unrelayed(self) -> bool:
        entries = self.post("get_transaction_pool").get("transactions", [])
        return any(not (entry["relayed"] or entry["do_not_relay"] or entry["kept_by_block"]) for entry in entries)

    def flush_pool(self, *txids: str) -> None:
        """Forget these transactions, or all of them."""
        if txids:
            self.call("flush_txpool", txids=list(txids))
        else:
            self.call("flush_txpool")

    def pop_blocks(self, n: int) -> int:
        """Take the last n blocks off; what they held goes back to the pool. The new height."""
        return int(self.post("pop_blocks", nblocks=n)["height"])

    def transaction(self, txid: str) -> dict[str, Any] | None:
        """The daemon's entry (in_pool, block_height, confirmations...); None: it has none."""
        entries = self.post("get_transactions", txs_hashes=[txid]).get("txs", [])
        return entries[0] if entries else None

    def images_spent(self, images: list[str]) -> list[int]:
        """For each key image 0 free, 1 spent in the chain, 2 spent in the pool."""
        return list(self.post("is_key_image_spent", key_images=images)["spent_status"])

    def block_hash(self, height: int) -> str:
        header = self.call("get_block_header_by_height", height=height)["block_header"]
        return str(header["hash"])

    def send_raw(self, blob: str) -> dict[str, Any]:
        """The daemon's whole answer; look at status, double_spend and not_relayed."""
        return self.post("send_raw_transaction", tx_as_hex=blob)
