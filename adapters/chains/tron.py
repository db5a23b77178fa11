"""
Tron, by a full node's HTTP API as TronGrid and java-tron serve it: TRX and TRC-20 tokens.

A token's payment is a Transfer log of the configured contract in a receipt that succeeded. `/wallet` shows the chain
as it stands, `/walletsolidity` only what cannot be undone: that is the chain's own word for final. Business errors come
with status 200. What a contract passes on inside a transaction as TRX is not visible here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from adapters.chains import OWN, ChainReader, Found, Node, Payment, Tip, Transaction, client, hash_txid
from adapters.http import Refused
from adapters.http.shape import Garbled, digits, items, moment, obj, text, whole
from payout.ports import Clock, Expected

TRANSFER_TOPIC: Final = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
"""keccak of Transfer(address,address,uint256), without 0x here."""
TRANSFER_TOPICS: Final = 3
ADDRESS_BYTES: Final = 21
MAINNET: Final = "41"
"""The first byte of an address; logs leave it out."""
PAGE: Final = "50"
NO_PAGES: Final = (404, 405)
WORDS_MAX: Final = 200

NOT_SHOWN: Final = (
    "transaction {txid} calls a contract, and what a contract passes on inside it is not visible to this check; "
    "look it up in a block explorer and let two people attest it"
)
NO_SEARCH: Final = "this node cannot search by address, only TronGrid's can: name the transaction"


class TronChain(ChainReader):
    """One network of Tron's. `Node.identity` is the id of its block 0."""

    memos: ClassVar[bool] = True

    def __init__(self, node: Node, clock: Clock) -> None:
        super().__init__(node, clock)
        self._http = client(node)

    def _identify(self) -> str:
        return text(self._ask("/wallet/getblockbynum", num=0).get("blockID"), "the first block's id")

    def _recognise(self) -> None:
        """A contract that counts in other decimals than the asset would make every amount wrong."""
        for asset, contract in self._node.tokens.items():
            if contract is None:
                continue
            where = _hex(contract)
            call = {"owner_address": where, "contract_address": where, "function_selector": "decimals()"}
            answer = self._ask("/wallet/triggerconstantcontract", **call)
            results = items(answer.get("constant_result", []), "a contract's answer")
            if not results or not results[0]:
                raise self._unavailable(f"has no token contract at {contract} for {asset.code}")
            if _number(results[0]) != asset.decimals:
                words = f"the contract of {asset.code} counts in {_number(results[0])} decimals"
                raise self._unavailable(f"{words}, config/assets.toml in {asset.decimals}")

    def _tip(self) -> Tip:
        block = self._ask("/wallet/getnowblock")
        header = obj(obj(block.get("block_header"), "a block's header").get("raw_data"), "a block's header")
        at = moment(header.get("timestamp"), "its time", per_second=1000)
        return Tip(height=whole(header.get("number"), "its number"), at=at)

    def _txid(self, txid: str) -> str | None:
        return hash_txid(txid)

    def _read(self, expected: Expected, txid: str) -> Transaction:
        sent = self._ask("/wallet/gettransactionbyid", value=txid)
        if not sent:
            return Transaction(txid=txid, words=f"the node knows no transaction {txid}")
        if sent.get("txID") != txid:
            raise Garbled("the transaction is not the one asked for")
        data = obj(sent.get("raw_data"), "a transaction's data")
        if _act(data)[1].get("owner_address") == _hex(expected.destination):
            return Transaction(txid=txid, words=OWN.format(txid))
        info = self._ask("/wallet/gettransactioninfobyid", value=txid)
        if expected.memo and _memo(data) != expected.memo:
            return Transaction(txid=txid, words=f"transaction {txid} does not carry the memo {expected.memo!r}")
        if not info:
            waiting, _ = self._native(data, expected, txid) if self._contract(expected) is None else ((), "")
            return Transaction(txid=txid, payments=waiting, words=f"transaction {txid} is in no block yet")
        height = whole(info.get("blockNumber"), "a transaction's block")
        block = self._ask("/wallet/getblockbynum", num=height)
        if all(obj(each, "a transaction").get("txID") != txid for each in block.get("transactions", [])):
            return Transaction(txid=txid, words=f"the block of transaction {txid} is no longer part of the chain")
        payments, words = self._paid(sent, info, expected, txid)
        return Transaction(
            txid=txid,
            payments=payments,
            words=words,
            height=height,
            block=text(block.get("blockID"), "a block's id"),
            at=moment(info.get("blockTimeStamp"), "a block's time", per_second=1000),
            final=bool(payments) and self._solid(txid, height),
        )

    def _solid(self, txid: str, height: int) -> bool:
        """Irreversible, and in the same block."""
        return self._ask("/walletsolidity/gettransactioninfobyid", value=txid).get("blockNumber") == height

    def _paid(
        self, sent: Mapping[str, Any], info: Mapping[str, Any], expected: Expected, txid: str
    ) -> tuple[tuple[Payment, ...], str]:
        failed = f"transaction {txid} failed and moved nothing"
        results = [obj(each, "a result").get("contractRet") for each in items(sent.get("ret", []), "its results")]
        if info.get("result") == "FAILED" or results != ["SUCCESS"]:
            return (), failed
        contract = self._contract(expected)
        if contract is None:
            return self._native(obj(sent.get("raw_data"), "a transaction's data"), expected, txid)
        if obj(info.get("receipt"), "a receipt").get("result") != "SUCCESS":
            return (), failed
        return self._token(items(info.get("log", []), "the logs"), contract, expected, txid)

    def _native(self, data: Mapping[str, Any], expected: Expected, txid: str) -> tuple[tuple[Payment, ...], str]:
        kind, value = _act(data)
        if kind != "TransferContract":
            return (), NOT_SHOWN.format(txid=txid)
        if value.get("to_address") != _hex(expected.destination):
            return (), f"transaction {txid} does not pay {expected.destination}"
        units = whole(value.get("amount"), "its amount")
        return ((Payment("", units),) if units else ()), f"transaction {txid} sends nothing"

    def _token(self, logs: list[Any], contract: str, expected: Expected, txid: str) -> tuple[tuple[Payment, ...], str]:
        mine: list[tuple[str, Payment]] = []
        for place, log in enumerate(obj(each, "a log") for each in logs):
            topics = items(log.get("topics", []), "a log's topics")
            if len(topics) != TRANSFER_TOPICS or topics[0] != TRANSFER_TOPIC:
                continue
            to = MAINNET + text(topics[2], "a log's destination")[-40:]
            if to == _hex(expected.destination):
                units = _number(text(log.get("data"), "a log's amount"))
                mine.append((MAINNET + text(log.get("address"), "a log's contract"), Payment(f":{place}", units)))
        payments = tuple(payment for where, payment in mine if where == _hex(contract) and payment.units > 0)
        if not payments and mine:
            return (), f"transaction {txid} pays it in a token of another contract than {contract}"
        return payments, f"transaction {txid} moves no token of {contract} to {expected.destination}"

    def _search(self, expected: Expected) -> Found:
        """One page of TronGrid's own index, which a node by itself does not have."""
        contract = self._contract(expected)
        params = {"only_to": "true", "limit": PAGE, "order_by": "block_timestamp,desc"}
        params["min_timestamp"] = str(int((expected.since - self.slack).timestamp()) * 1000)
        path = f"/v1/accounts/{expected.destination}/transactions"
        if contract is not None:
            path, params = path + "/trc20", params | {"contract_address": contract}
        try:
            answer = obj(self._http.get_json(path, params=params), "a page")
        except Refused as refused:
            if refused.status in NO_PAGES:
                return Found(words=NO_SEARCH)
            raise
        page = [obj(each, "a transaction") for each in items(answer.get("data"), "a page's transactions")]
        if contract is None:
            return Found(txids=tuple(text(entry.get("txID"), "its id") for entry in page))
        least = expected.amount.units
        return Found(
            txids=tuple(
                dict.fromkeys(
                    text(entry.get("transaction_id"), "its id")
                    for entry in page
                    if entry.get("to") == expected.destination and digits(entry.get("value"), "its amount") >= least
                )
            )
        )

    def _ask(self, path: str, **body: Any) -> Mapping[str, Any]:
        """Addresses in answers are hex: `visible` would turn some of them, not all, into base58."""
        answer = obj(self._http.post_json(path, body | {"visible": False}), "an answer")
        if "Error" in answer:
            raise Garbled(f"{path} answered: {ascii(str(answer['Error']))[1:-1][:WORDS_MAX]}")
        return answer


def _act(data: Mapping[str, Any]) -> tuple[Any, Mapping[str, Any]]:
    """The one thing that a transaction of Tron's does, and its parameters."""
    acts = [obj(each, "a contract") for each in items(data.get("contract"), "what it does")]
    if len(acts) != 1:
        raise Garbled("a transaction does not do one thing")
    value = obj(obj(acts[0].get("parameter"), "its parameters").get("value"), "its parameters")
    return acts[0].get("type"), value


def _hex(address: str) -> str:
    """The 21 bytes of a base58 address. Raises Garbled, as the caller has checked it long ago."""
    from bip_utils import Base58ChecksumError, Base58Decoder

    try:
        raw: bytes = Base58Decoder.CheckDecode(address)
    except (ValueError, Base58ChecksumError) as error:
        raise Garbled(f"{address} is not an address of Tron") from error
    if len(raw) != ADDRESS_BYTES:
        raise Garbled(f"{address} is not an address of Tron")
    return raw.hex()


def _number(word: str) -> int:
    try:
        return int(word, 16)
    except ValueError as error:
        raise Garbled("a contract's word is not a number") from error


def _memo(data: Mapping[str, Any]) -> str | None:
    try:
        return bytes.fromhex(str(data.get("data", ""))).decode()
    except ValueError:
        return None
