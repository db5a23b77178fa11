"""
A real Bitcoin node on loopback: bcoin on regtest, with a wallet that mined its first coins itself.

bcoin speaks Bitcoin Core's JSON-RPC of 2018, with prefixes of its own: addresses begin with R or rb1.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import requests

from deploy.sandbox.node_rpc import NodeRpc
from deploy.sandbox.process import LOOK_SECONDS, SandboxError, free_port, write_secret
from deploy.sandbox.program import Program

HERE = Path(__file__).parent
GENESIS = "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"
"""The first block of every regtest chain."""
BLOCKS = 130
"""Mined at the first start; 30 rewards can be spent then, as one matures in 100 blocks."""
RATE = 10_000
"""Satoshi a kilobyte."""
WALLET_SECONDS = 20.0

Payment = tuple[str, int]
"""Address and satoshi."""


class Bcoin(Program):
    """A node, its wallet server on a second port, and the key to both."""

    program = "node"
    port_option = "--port"
    genesis = GENESIS

    def __init__(self, root: Path, *, port: int | None = None) -> None:
        super().__init__(root, "bcoin", port=port)
        self._wallet_port = free_port()
        if self.process is not None:
            self._wallet_port = int(self.process.value_of("--wallet-port"))
        self._key_file = root / "bcoin.key"
        if not self._key_file.exists():
            root.mkdir(parents=True, exist_ok=True)
            write_secret(self._key_file, secrets.token_hex(16))
        self._rpc = NodeRpc(self.url, self.login)
        self._wallet = NodeRpc(f"http://127.0.0.1:{self._wallet_port}/wallet", self.login)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def login(self) -> str:
        """user:password of its JSON-RPC."""
        return f"x:{self._key_file.read_text()}"

    def arguments(self) -> list[str]:
        return [
            str(HERE / "bcoin.js"),
            *("--port", str(self.port), "--wallet-port", str(self._wallet_port)),
            *("--folder", str(self.root / "bcoin"), "--key-file", str(self._key_file)),
        ]

    def probe(self) -> object:
        self._wallet.send("GET", "/primary")
        return self.rpc("getblockcount")

    def disconnect(self) -> None:
        self._rpc.close()
        self._wallet.close()

    def start(self) -> None:
        if not (HERE / "node_modules" / "bcoin").is_dir():
            raise SandboxError(f"bcoin is not installed: {self.remedy}")
        super().start()
        if self.height() < BLOCKS:
            self.mine(BLOCKS - self.height())

    def rpc(self, method: str, *params: Any) -> Any:
        """Any call of Bitcoin Core's that bcoin has. Raises RpcError."""
        return self._rpc.call(method, *params)

    def height(self) -> int:
        return int(self.rpc("getblockcount"))

    def mine(self, n: int = 1) -> int:
        """Mine n blocks with what the pool holds; the new height."""
        self.rpc("generatetoaddress", n, self.new_address())
        height = self.height()
        # Every block pays the wallet, so it has written down the last one once it has seen them all.
        self._until(lambda: self._wallet_block(height) == self.rpc("getblockhash", height))
        return height

    def new_address(self) -> str:
        """An address of the node's own wallet."""
        return str(self._wallet.send("POST", "/primary/address", {"account": "default"})["address"])

    def foreign_address(self) -> str:
        """A fresh address of a wallet of its own."""
        name = f"other{secrets.token_hex(4)}"
        self._wallet.send("PUT", f"/{name}")
        return str(self._wallet.send("GET", f"/{name}/account/default")["receiveAddress"])

    def pay(self, to: str, units: int) -> str:
        return self.pay_many([(to, units)])

    def pay_many(self, payments: Sequence[Payment]) -> str:
        """One transaction, in the pool when this returns; its id."""
        outputs = [{"address": to, "value": units} for to, units in payments]
        txid = str(self._wallet.send("POST", "/primary/send", {"rate": RATE, "outputs": outputs})["hash"])
        self._until(lambda: txid in self.rpc("getrawmempool"))
        return txid

    def received(self, address: str) -> list[int]:
        """What its blocks and its pool pay to an address: the satoshi of each output, by the node's own index."""
        found = self._rpc.send("GET", f"/tx/address/{address}")
        outputs = [output for transaction in found for output in transaction["outputs"]]
        return [int(output["value"]) for output in outputs if output["address"] == address]

    def raw(self, txid: str) -> str:
        """Its bytes in hex, for `sendrawtransaction` after a reorganisation."""
        return str(self.rpc("getrawtransaction", txid, False))  # noqa: FBT003  (bcoin takes no number)

    def reorg(self, depth: int, *, longer: int = 1) -> None:
        """Replace the last blocks by empty ones: bcoin forgets their transactions, pool and all."""
        height = self.height()
        self.rpc("invalidateblock", self.rpc("getblockhash", height - depth + 1))
        self.mine(depth + longer)

    def _wallet_block(self, height: int) -> str | None:
        try:
            return str(self._wallet.send("GET", f"/primary/block/{height}")["hash"])
        except requests.HTTPError:
            return None

    @staticmethod
    def _until(done: Callable[[], bool]) -> None:
        end = time.monotonic() + WALLET_SECONDS
        while not done():
            if time.monotonic() > end:
                raise SandboxError("bcoin's wallet does not follow its chain; see its log")
            time.sleep(LOOK_SECONDS)
