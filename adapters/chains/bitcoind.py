"""
Bitcoin and its like through the node's own JSON-RPC (Bitcoin Core, Litecoin, Dogecoin; -txindex must be on).

Every output to the destination is a payment of its own. Amounts come as decimals of a coin and are taken exactly. Not
every fork has every call: an address is searched for in the unspent outputs, where the node can do that at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final

from requests.auth import HTTPBasicAuth

from adapters.chains import OWN, ChainReader, Found, Node, Payment, Tip, Transaction, client, hash_txid, same_address
from adapters.http import Timeouts
from adapters.http.json_rpc import JsonRpc, RpcSaid
from adapters.http.shape import Garbled, items, moment, obj, text, whole
from payout.money import EXACT
from payout.ports import Clock, Expected

HEADERS_AHEAD_MAX: Final = 2
NOT_FOUND: Final = -5
METHOD_NOT_FOUND: Final = -32601
OUT_OF_RANGE: Final = -8

SCAN_TIMEOUTS: Final = Timeouts(connect=3, read=300, total=300)
"""A scan reads every unspent output that there is."""
SCAN_AGAIN: Final = timedelta(minutes=10)
KEPT_MAX: Final = 100
INPUTS_MAX: Final = 500
NO_SCAN: Final = "this node cannot search by address: name the transaction"
SPENT_UNSEEN: Final = "only unspent outputs were searched"


class BitcoindChain(ChainReader):
    """One Bitcoin-like network. Its one asset is the network's coin; `Node.depth` must be set."""

    # A block's time may be hours off in either direction.
    slack: ClassVar[timedelta] = timedelta(hours=2)

    def __init__(self, node: Node, clock: Clock) -> None:
        super().__init__(node, clock)
        if node.depth is None or set(node.tokens.values()) != {None} or len(node.tokens) != 1:
            raise ValueError(f"{node.network} needs confirmations, and has one coin and no tokens")
        user, _, password = (node.login or "").partition(":")
        auth = HTTPBasicAuth(user, password) if node.login else None
        self._rpc = JsonRpc(client(node, auth=auth), version="1.0")
        (asset,) = node.tokens
        self._decimals = asset.decimals
        self._others: set[tuple[str, str]] = set()
        self._scans: dict[str, tuple[datetime, tuple[tuple[str, int], ...]]] = {}

    def _identify(self) -> str:
        return text(self._rpc.call("getblockhash", 0), "the first block's hash")

    def _recognise(self) -> None:
        """There is nothing more to ask: a missing -txindex shows at the first transaction."""

    def _tip(self) -> Tip:
        state = obj(self._rpc.call("getblockchaininfo"), "the chain's state")
        height = whole(state.get("blocks"), "its height")
        headers = whole(state.get("headers"), "its headers")
        if state.get("initialblockdownload") is True or headers - height > HEADERS_AHEAD_MAX:
            raise self._unavailable(f"is still synchronising: it has {height} of {headers} blocks")
        newest = self._header(text(state.get("bestblockhash"), "its newest block"))
        return Tip(height=height, at=moment(newest.get("time"), "its time"))

    def _txid(self, txid: str) -> str | None:
        return hash_txid(txid)

    def _read(self, expected: Expected, txid: str) -> Transaction:
        try:
            # Dogecoin takes no number here.
            answer = obj(self._rpc.call("getrawtransaction", txid, True), "a transaction")  # noqa: FBT003
        except RpcSaid as said:
            if _unindexed(said):
                raise self._unavailable(f"cannot show transactions ({said.words}): run it with -txindex=1") from said
            if said.code == NOT_FOUND or "not found" in said.words.lower():
                return Transaction(txid=txid, words=f"the node knows no transaction {txid}")
            raise
        if answer.get("txid") != txid:
            raise Garbled("the transaction is not the one asked for")
        payments = self._payments(items(answer.get("vout"), "its outputs"), expected.destination)
        words = f"transaction {txid} has no output to {expected.destination}"
        if payments and not self._from_others(answer, txid, expected.destination):
            return Transaction(txid=txid, words=OWN.format(txid))
        block = answer.get("blockhash")
        if block is None:
            return Transaction(txid=txid, payments=payments, words=words)
        header = self._header(text(block, "its block"))
        height = whole(header.get("height"), "its height")
        if not self._in_chain(block, height):
            return Transaction(txid=txid, words=f"the block of transaction {txid} is no longer part of the chain")
        at = moment(header.get("time"), "its block's time")
        return Transaction(txid=txid, payments=payments, words=words, height=height, block=block, at=at)

    def _from_others(self, answer: Mapping[str, Any], txid: str, destination: str) -> bool:
        """
        None of its inputs was the destination's: the change of somebody's own payment is nothing that they were paid.

        The node names only the transactions that they come from, so each of those is read, once.
        """
        if (txid, destination) in self._others:
            return True
        inputs = [obj(each, "an input") for each in items(answer.get("vin"), "its inputs")]
        if len(inputs) > INPUTS_MAX:
            raise self._unavailable(f"cannot show whose the {len(inputs)} inputs of {txid} are: that is too many")
        # New coins and Litecoin's hidden ones come from no transaction.
        for entry in (each for each in inputs if "txid" in each):
            source = text(entry.get("txid"), "an input's transaction")
            spent = obj(self._rpc.call("getrawtransaction", source, True), "a transaction")  # noqa: FBT003
            outputs = [obj(each, "an output") for each in items(spent.get("vout"), "its outputs")]
            place = whole(entry.get("vout"), "an input's output")
            if any(each.get("n") == place and same_address(_address(each), destination) for each in outputs):
                return False
        if len(self._others) >= KEPT_MAX:
            self._others.clear()
        self._others.add((txid, destination))
        return True

    def _in_chain(self, block: str, height: int) -> bool:
        try:
            return bool(self._rpc.call("getblockhash", height) == block)
        except RpcSaid as said:
            if said.code == OUT_OF_RANGE:
                return False
            raise

    def _header(self, block: str) -> Mapping[str, Any]:
        return obj(self._rpc.call("getblockheader", block), "a block's header")

    def _payments(self, outputs: list[Any], destination: str) -> tuple[Payment, ...]:
        return tuple(
            Payment(f":{whole(output.get('n'), 'its number')}", units)
            for output in (obj(each, "an output") for each in outputs)
            if same_address(_address(output), destination) and (units := self._units(output.get("value"))) > 0
        )

    def _units(self, value: Any) -> int:
        """Exact; a fraction of a unit or a negative amount is no amount."""
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
            raise Garbled("an output's value is not an amount")
        units = EXACT.scaleb(Decimal(value), self._decimals)
        if units != units.to_integral_value():
            raise Garbled("an output's value has more decimals than the coin")
        return int(units)

    def _search(self, expected: Expected) -> Found:
        outputs = self._scan(expected.destination)
        if outputs is None:
            return Found(words=NO_SCAN)
        paying = [txid for txid, units in outputs if units >= expected.amount.units]
        return Found(txids=tuple(dict.fromkeys(paying)), words=SPENT_UNSEEN)

    def _scan(self, destination: str) -> tuple[tuple[str, int], ...] | None:
        """
        The unspent outputs of an address, newest first, by their transaction; None if the node cannot tell.

        A scan takes the node a minute or more, so its result serves for a while.
        """
        now = self._clock.now()
        kept = self._scans.get(destination)
        if kept is not None and now - kept[0] < SCAN_AGAIN:
            return kept[1]
        try:
            answer = self._rpc.call("scantxoutset", "start", [f"addr({destination})"], timeouts=SCAN_TIMEOUTS)
        except RpcSaid as said:
            if said.code == METHOD_NOT_FOUND:
                return None
            raise
        outputs = [obj(each, "an output") for each in items(obj(answer, "a scan").get("unspents"), "its outputs")]
        outputs.sort(key=lambda output: -whole(output.get("height"), "its height"))
        found = tuple(
            (text(output.get("txid"), "its transaction"), self._units(output.get("amount"))) for output in outputs
        )
        if len(self._scans) >= KEPT_MAX:
            self._scans.clear()
        self._scans[destination] = (now, found)
        return found


def _address(output: Mapping[str, Any]) -> Any:
    """
    Older nodes list addresses; more than one means that no one of them alone can spend it.

    Litecoin's hidden outputs have no script, and none of them is what a payment can be checked by.
    """
    script = output.get("scriptPubKey")
    if not isinstance(script, dict):
        return None
    listed = script.get("addresses")
    if isinstance(listed, list) and len(listed) == 1:
        return listed[0]
    return script.get("address")


def _unindexed(said: RpcSaid) -> bool:
    words = said.words.lower()
    return "txindex" in words or "being indexed" in words
