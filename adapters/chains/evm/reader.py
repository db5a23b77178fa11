"""
web3, as `EvmChain` uses it: its words turned into five small values, its exceptions into None where a thing is absent.

Calls go through `adapters.http` like all others, so that limits, deadlines and silence about addresses hold here too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from eth_typing import BlockNumber, ChecksumAddress, HexStr
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import (
    BadFunctionCallOutput,
    BlockNotFound,
    ContractLogicError,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.logs import DISCARD
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse, TxReceipt

from adapters.http.json_rpc import JsonRpc
from adapters.http.shape import Garbled

P = ParamSpec("P")
T = TypeVar("T")

TRANSFER_TOPIC: Final = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""keccak of Transfer(address,address,uint256)."""

WORDS_MAX: Final = 200
SPAN: Final = 2000
"""Blocks that one search for logs covers; halved for a node that allows fewer."""
SPAN_MIN: Final = 10
CALLS_MAX: Final = 40
"""Such searches in one question."""

ABI: Final[list[dict[str, Any]]] = [
    {
        "type": "event",
        "name": "Transfer",
        "anonymous": False,
        "inputs": [
            {"indexed": True, "name": "from", "type": "address"},
            {"indexed": True, "name": "to", "type": "address"},
            {"indexed": False, "name": "value", "type": "uint256"},
        ],
    },
    {
        "type": "function",
        "name": "decimals",
        "stateMutability": "view",
        "inputs": [],
        "outputs": [{"name": "", "type": "uint8"}],
    },
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    number: int
    hash: str
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A transaction, mined or not."""

    sender: str
    to: str | None
    value: int
    block: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One Transfer of any token; `place` counts all logs of the receipt from 0."""

    place: int
    contract: str
    to: str
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    height: int
    block: str
    succeeded: bool
    logs: tuple[Log, ...]


class _Provider(JSONBaseProvider):
    """web3's way out, by our client."""

    def __init__(self, rpc: JsonRpc) -> None:
        super().__init__()
        self._rpc = rpc

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        answer: Any = self._rpc.answer(method, params)
        return answer  # type: ignore[no-any-return]


def _guarded(read: Callable[Concatenate[EvmReader, P], T]) -> Callable[Concatenate[EvmReader, P], T]:
    """web3 takes an answer's shape on trust: what is wrong with it surfaces as any of these."""

    @wraps(read)
    def guarded(self: EvmReader, /, *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return read(self, *args, **kwargs)
        except (Web3Exception, ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
            raise Garbled(_said(error)) from error

    return guarded


class EvmReader:
    """Reads one node. Raises HttpFailed and Garbled."""

    def __init__(self, rpc: JsonRpc) -> None:
        self._web3 = Web3(_Provider(rpc))
        # Networks with appointed block makers write more into a block's extra data than the standard allows.
        self._web3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)

    @staticmethod
    def address(text: str) -> ChecksumAddress:
        return Web3.to_checksum_address(text)

    @_guarded
    def chain_id(self) -> int:
        return self._web3.eth.chain_id

    @_guarded
    def syncing(self) -> bool:
        return bool(self._web3.eth.syncing)

    @_guarded
    def decimals(self, contract: str) -> int | None:
        """None where no token is."""
        try:
            return int(self._token(contract).functions.decimals().call())
        except (BadFunctionCallOutput, ContractLogicError):
            return None

    @_guarded
    def is_contract(self, address: str) -> bool:
        return bool(self._web3.eth.get_code(self.address(address)))

    @_guarded
    def block(self, which: int | str) -> Block | None:
        """By number, or "latest" and the like; None if the node has none there."""
        try:
            found = self._web3.eth.get_block(BlockNumber(which) if isinstance(which, int) else which)  # type: ignore[arg-type]
        except BlockNotFound:
            return None
        except Web3RPCError:
            if which == "finalized":
                return None  # The node does not know the word, and says so in one of many forms.
            raise
        return Block(number=found["number"], hash=found["hash"].to_0x_hex(), time=found["timestamp"])

    @_guarded
    def transaction(self, txid: str) -> Sent | None:
        try:
            found = self._web3.eth.get_transaction(HexStr(txid))
        except TransactionNotFound:
            return None
        block = found.get("blockHash")
        return Sent(
            sender=found["from"], to=found.get("to"), value=found["value"], block=block.to_0x_hex() if block else None
        )

    @_guarded
    def receipt(self, txid: str) -> Receipt | None:
        """None while it is in no block."""
        try:
            found = self._web3.eth.get_transaction_receipt(HexStr(txid))
        except TransactionNotFound:
            return None
        return Receipt(
            height=found["blockNumber"],
            block=found["blockHash"].to_0x_hex(),
            succeeded=found["status"] == 1,
            logs=self._transfers(found),
        )

    @_guarded
    def paying(self, contract: str, destination: str, since: datetime) -> tuple[tuple[str, ...], bool]:
        """Transactions with a Transfer of this token to the destination, newest first; was every block searched?"""
        topic = "0x" + self.address(destination)[2:].lower().rjust(64, "0")
        end: int = self._web3.eth.block_number
        span = SPAN
        found: dict[str, None] = {}
        for _ in range(CALLS_MAX):
            start = max(0, end - span + 1)
            try:
                logs = self._web3.eth.get_logs(
                    {
                        "address": self.address(contract),
                        "topics": [HexStr(TRANSFER_TOPIC), None, HexStr(topic)],
                        "fromBlock": BlockNumber(start),
                        "toBlock": BlockNumber(end),
                    }
                )
            except Web3RPCError:
                span //= 2
                if span < SPAN_MIN:
                    raise
                continue
            found.update((log["transactionHash"].to_0x_hex(), None) for log in reversed(logs))
            first = self.block(start)
            if start == 0 or (first is not None and first.time < since.timestamp()):
                return tuple(found), True
            end = start - 1
        return tuple(found), False

    def _token(self, contract: str) -> Contract:
        return self._web3.eth.contract(address=self.address(contract), abi=ABI)

    def _transfers(self, receipt: TxReceipt) -> tuple[Log, ...]:
        places = {log["logIndex"]: place for place, log in enumerate(receipt["logs"])}
        transfer = self._web3.eth.contract(abi=ABI).events.Transfer()
        return tuple(
            Log(
                place=places[event["logIndex"]],
                contract=event["address"],
                to=event["args"]["to"],
                units=event["args"]["value"],
            )
            for event in transfer.process_receipt(receipt, errors=DISCARD)
        )


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {ascii(str(error))[1:-1][:WORDS_MAX]}"
