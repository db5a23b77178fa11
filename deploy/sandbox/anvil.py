"""
A real Ethereum node on loopback: anvil, which makes a block for each transaction and undoes blocks when asked.

Its ten accounts hold 10 000 coins each and need no keys. Never point anything with real money at it.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from deploy.sandbox.node_rpc import NodeRpc
from deploy.sandbox.process import LOOK_SECONDS, SandboxError, write_secret
from deploy.sandbox.program import Program

HERE = Path(__file__).parent
# The program itself: through npm's wrapper the pid would be node's, and a SIGKILL would leave anvil behind.
PROGRAM = HERE / "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"
ACCOUNTS = 10
GAS = 8_000_000
BLOCK_SECONDS_MAX = 10.0

Payment = tuple[str, int]
"""Address and smallest units."""


class Anvil(Program):
    """
    anvil with a `finalized` tag two blocks behind the newest.

    `block_seconds` = 0 makes a block for each transaction, and none in between.
    """

    program = str(PROGRAM)
    port_option = "--port"

    def __init__(self, root: Path, *, port: int | None = None, chain_id: int = 31337, block_seconds: int = 0) -> None:
        super().__init__(root, "anvil", port=port)
        self.chain_id = chain_id
        self.block_seconds = block_seconds
        self._rpc = NodeRpc(self.url)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def arguments(self) -> list[str]:
        return [
            *("--host", "127.0.0.1", "--port", str(self.port), "--quiet"),
            *("--accounts", str(ACCOUNTS), "--chain-id", str(self.chain_id), "--slots-in-an-epoch", "1"),
            *("--state", str(self.root / "anvil.state.json"), "--preserve-historical-states"),
            *(("--block-time", str(self.block_seconds)) if self.block_seconds else ()),
        ]

    def probe(self) -> object:
        return self.rpc("eth_chainId")

    def disconnect(self) -> None:
        self._rpc.close()

    def rpc(self, method: str, *params: Any) -> Any:
        """Any eth_, evm_ or anvil_ call. Raises RpcError."""
        return self._rpc.call(method, *params)

    @cached_property
    def accounts(self) -> list[str]:
        return [_address(each) for each in self.rpc("eth_accounts")]

    def height(self) -> int:
        return int(self.rpc("eth_blockNumber"), 16)

    def mine(self, n: int = 1) -> int:
        """Mine n blocks; the new height."""
        self.rpc("anvil_mine", hex(n))
        return self.height()

    def automine(self, *, on: bool) -> None:
        """Off: transactions wait for `mine`."""
        self.rpc("evm_setAutomine", on)

    def reorg(self, depth: int) -> None:
        """Replace the last blocks by empty ones: their transactions are gone, from the pool too."""
        self.rpc("anvil_reorg", depth, [])

    def balance(self, address: str, token: str | None = None) -> int:
        if token is None:
            return int(self.rpc("eth_getBalance", address, "latest"), 16)
        data = _encode("Token", "balanceOf", _address(address))
        return int(self.rpc("eth_call", {"to": token, "data": data}, "latest"), 16)

    def deploy_token(self, *, decimals: int = 6, supply: int = 10**15) -> str:
        """A token of which the first account owns everything; its address."""
        return self._deploy("Token", decimals, supply)

    def pay(self, to: str, units: int, *, token: str | None = None, sender: str | None = None) -> str:
        """A plain transfer; its hash, whether or not it succeeded."""
        if token is None:
            return self._send(to, "0x", value=units, sender=sender)
        return self._send(token, _encode("Token", "transfer", _address(to), units), sender=sender)

    def pay_many(self, payments: Sequence[Payment], *, token: str | None = None) -> str:
        """One transaction through a contract that passes it on: coins leave no log then."""
        to, units = [_address(each) for each, _ in payments], [each for _, each in payments]
        if token is None:
            return self._send(self._batch, _encode("Batch", "coins", to, units), value=sum(units))
        self.pay(self._batch, sum(units), token=token)
        return self._send(self._batch, _encode("Batch", "tokens", _address(token), to, units))

    def raw(self, txid: str) -> str:
        """Its bytes in hex, for `eth_sendRawTransaction` after a reorganisation."""
        return str(self.rpc("eth_getRawTransactionByHash", txid))

    @property
    def _batch(self) -> str:
        """The batching contract, made at its first use and found again after a restart."""
        file = self.root / "anvil.batch.txt"
        with contextlib.suppress(FileNotFoundError):
            address = file.read_text()
            if self.rpc("eth_getCode", address, "latest") != "0x":
                return address
        address = self._deploy("Batch")
        write_secret(file, address)
        return address

    def _deploy(self, name: str, *arguments: object) -> str:
        data = _contract(name).constructor(*arguments).data_in_transaction
        txid = self._send(None, data)
        if self.block_seconds:
            self.rpc("evm_mine")
        self._await(txid)
        return str(self.rpc("eth_getTransactionReceipt", txid)["contractAddress"])

    def _send(self, to: str | None, data: str, *, value: int = 0, sender: str | None = None) -> str:
        transaction = {"from": sender or self.accounts[0], "data": data, "value": hex(value), "gas": hex(GAS)}
        if to is not None:
            transaction["to"] = to
        txid = str(self.rpc("eth_sendTransaction", transaction))
        if self.rpc("anvil_getAutomine"):
            self._await(txid)
        return txid

    def _await(self, txid: str) -> None:
        """The answer to a sending call may come before the block that it makes."""
        end = time.monotonic() + BLOCK_SECONDS_MAX
        while self.rpc("eth_getTransactionReceipt", txid) is None:
            if time.monotonic() > end:
                raise SandboxError(f"anvil made no block for {txid}; see its log")
            time.sleep(LOOK_SECONDS)


def _address(text: str) -> str:
    """In mixed case, the only form that web3 takes."""
    from web3 import Web3

    return str(Web3.to_checksum_address(text))


def _contract(name: str) -> Any:
    """One of contracts/*.sol, as web3 knows it; compiled with solc 0.8.37, optimised, for `paris`."""
    from web3 import Web3

    compiled = json.loads((HERE / "contracts" / "compiled.json").read_text())[name]
    return Web3().eth.contract(abi=compiled["abi"], bytecode=compiled["bytecode"])


def _encode(name: str, method: str, *arguments: object) -> str:
    return str(_contract(name).encode_abi(method, args=list(arguments)))
