"""Ethereum's reader against answers that a test writes itself; tests/nodes has a real node."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.chains import Node
from adapters.chains.evm import EvmChain
from adapters.chains.evm.reader import CALLS_MAX, SPAN, SPAN_MIN, TRANSFER_TOPIC
from adapters.clock import SystemClock
from payout.asset import Asset
from payout.errors import RailUnavailable
from payout.money import Money
from payout.ports import Expected
from tests.adapters.chains.ledger import Answer, Said, Server, rpc

ETH = Asset(code="ETH", network="ethereum", decimals=18)
USDT = Asset(code="USDT", network="ethereum", decimals=6)
TOKEN = "0x" + "aa" * 20
TO = "0x" + "bb" * 20
TXID = "0x" + "cc" * 32
BLOCK_SECONDS = 12


class ScriptedNode:
    """A node with one token payment, in block `height` of `tip`; a test changes what it says."""

    def __init__(self) -> None:
        self.tip = 1_000_000
        self.height = self.tip - 5_000
        self.spans: list[int] = []
        self.span_max = 10**9
        self.finalized: int | None = self.tip - 64
        self.syncing: object = False
        self.status = "0x1"
        self.extra_data = "0x"
        self.decimals = "0x" + f"{6:064x}"
        self.methods: dict[str, Callable[..., Any]] = {
            "eth_chainId": lambda: "0x1",
            "eth_syncing": lambda: self.syncing,
            "eth_blockNumber": lambda: hex(self.tip),
            "eth_call": lambda *_: self.decimals,
            "eth_getBlockByNumber": self._block,
            "eth_getTransactionByHash": self._transaction,
            "eth_getTransactionReceipt": self._receipt,
            "eth_getLogs": self._logs,
        }
        self.server = Server(self._answer)

    def chain(self, **changes: Any) -> EvmChain:
        facts: dict[str, Any] = {
            "network": "ethereum",
            "tokens": {ETH: None, USDT: TOKEN},
            "url": self.server.url + "/v3/KEY",
            "identity": "1",
        }
        return EvmChain(Node(**{**facts, **changes}), SystemClock())

    def _answer(self, _: str, __: str, ___: Mapping[str, str], body: Any) -> Answer:
        return rpc(self.methods, body)

    def time(self, height: int) -> int:
        return int(datetime.now(UTC).timestamp()) - (self.tip - height) * BLOCK_SECONDS

    def _block(self, which: str, _: bool) -> dict[str, Any] | None:  # noqa: FBT001  (the protocol's)
        if which == "finalized":
            if self.finalized is None:
                raise Said(-39001, "Unknown block")
            height = self.finalized
        else:
            height = self.tip if which == "latest" else int(which, 16)
        block = {"number": hex(height), "hash": f"0x{height:064x}", "timestamp": hex(self.time(height))}
        return {**block, "extraData": self.extra_data}

    def _transaction(self, txid: str) -> dict[str, Any] | None:
        if txid != TXID:
            return None
        block = {"blockHash": f"0x{self.height:064x}", "blockNumber": hex(self.height)}
        return {"hash": TXID, "from": "0x" + "ff" * 20, "to": TOKEN, "value": "0x0", "input": "0x", **block}

    def _receipt(self, txid: str) -> dict[str, Any] | None:
        block = {"blockHash": f"0x{self.height:064x}", "blockNumber": hex(self.height)}
        logs = [self._log(place) for place in range(2)]
        return {"transactionHash": txid, "status": self.status, "logs": logs, **block} if txid == TXID else None

    def _log(self, place: int) -> dict[str, Any]:
        return {
            "address": TOKEN if place else "0x" + "dd" * 20,
            "topics": [TRANSFER_TOPIC, "0x" + "00" * 32, "0x" + TO[2:].rjust(64, "0")],
            "data": f"0x{7:064x}",
            "logIndex": hex(40 + place),
            "blockHash": f"0x{self.height:064x}",
            "blockNumber": hex(self.height),
            "transactionHash": TXID,
            "transactionIndex": "0x3",
            "removed": False,
        }

    def _logs(self, wanted: Mapping[str, Any]) -> list[dict[str, Any]]:
        start, end = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
        self.spans.append(end - start + 1)
        if self.spans[-1] > self.span_max:
            raise Said(-32005, "query exceeds max block range")
        return [self._log(1)] if start <= self.height <= end else []


@pytest.fixture
def node() -> Iterator[ScriptedNode]:
    scripted = ScriptedNode()
    yield scripted
    scripted.server.stop()


def wanted(**changes: Any) -> Expected:
    facts = {"destination": TO, "memo": None, "amount": Money(7, USDT)}
    return Expected(**{**facts, "since": datetime.now(UTC) - timedelta(days=2), **changes})


def test_a_payments_id_counts_the_logs_of_its_own_receipt_only(node: ScriptedNode) -> None:
    (arrival,) = node.chain().look(wanted(), TXID).arrivals

    assert arrival.id == f"{TXID}:1"
    assert arrival.units == 7


def test_a_transaction_id_may_be_written_in_capitals_or_without_0x(node: ScriptedNode) -> None:
    for written in (TXID[2:], TXID[2:].upper(), "0x" + TXID[2:].upper()):
        (arrival,) = node.chain().look(wanted(), written).arrivals
        assert arrival.txid == TXID


def test_final_is_what_the_node_calls_finalized(node: ScriptedNode) -> None:
    node.finalized = node.height
    assert node.chain().look(wanted(), TXID).arrivals[0].final

    node.finalized = node.height - 1
    assert not node.chain().look(wanted(), TXID).arrivals[0].final


def test_a_receipt_of_a_block_that_the_chain_has_left_is_none(node: ScriptedNode) -> None:
    held = node.methods["eth_getTransactionReceipt"]
    node.methods["eth_getTransactionReceipt"] = lambda txid: {**held(txid), "blockHash": "0x" + "ee" * 32}

    finding = node.chain(depth=1).look(wanted(), TXID)

    assert finding.arrivals == ()
    assert "no longer part of the chain" in finding.words


def test_a_block_may_be_two_minutes_older_than_the_order_and_no_more(node: ScriptedNode) -> None:
    paid = datetime.fromtimestamp(node.time(node.height), UTC)

    assert node.chain().look(wanted(since=paid + timedelta(seconds=100)), TXID).arrivals
    assert not node.chain().look(wanted(since=paid + timedelta(seconds=140)), TXID).arrivals


def test_a_node_that_knows_no_finality_needs_a_depth(node: ScriptedNode) -> None:
    node.finalized = None
    with pytest.raises(RailUnavailable, match="confirmations"):
        node.chain().look(wanted(), TXID)

    assert node.chain(depth=5_001).look(wanted(), TXID).arrivals[0].final
    assert not node.chain(depth=5_002).look(wanted(), TXID).arrivals[0].final


def test_a_search_goes_back_as_far_as_the_order_and_no_further(node: ScriptedNode) -> None:
    (arrival,) = node.chain().find(wanted()).arrivals

    assert arrival.txid == TXID
    assert SPAN * (len(node.spans) - 1) < 2 * 86400 // BLOCK_SECONDS <= SPAN * len(node.spans)


def test_a_search_asks_for_fewer_blocks_where_the_node_allows_fewer(node: ScriptedNode) -> None:
    node.span_max = 600

    (arrival,) = node.chain().find(wanted(since=datetime.now(UTC) - timedelta(hours=17))).arrivals

    assert arrival.txid == TXID
    assert SPAN_MIN <= node.spans[-1] <= 600


def test_a_search_that_had_to_stop_says_so(node: ScriptedNode) -> None:
    finding = node.chain().find(wanted(amount=Money(8, USDT), since=datetime.now(UTC) - timedelta(days=100)))

    assert finding.arrivals == ()
    assert "only the newest blocks" in finding.words
    assert len(node.spans) == CALLS_MAX


def test_a_node_that_refuses_every_search_is_unavailable(node: ScriptedNode) -> None:
    node.span_max = 0

    with pytest.raises(RailUnavailable, match="max block range"):
        node.chain().find(wanted())


def test_a_node_that_is_still_synchronising_is_unavailable(node: ScriptedNode) -> None:
    node.syncing = {"startingBlock": "0x1", "currentBlock": "0x2", "highestBlock": "0x3"}

    with pytest.raises(RailUnavailable, match="synchronising"):
        node.chain().look(wanted(), TXID)


def test_blocks_with_more_extra_data_than_the_standard_allows_can_be_read(node: ScriptedNode) -> None:
    node.extra_data = "0x" + "00" * 97

    assert node.chain().look(wanted(), TXID).arrivals[0].units == 7


@pytest.mark.parametrize("status", ["0x0", "0x2"])
def test_only_a_receipt_that_says_success_is_one(node: ScriptedNode, status: str) -> None:
    node.status = status

    finding = node.chain().look(wanted(), TXID)

    assert finding.arrivals == ()
    assert "failed" in finding.words


@pytest.mark.parametrize(
    "answer", ["no", 7, {}, [], {"hash": 5}, {"blockHash": "0x12", "value": "many"}, {"number": None}]
)
@pytest.mark.parametrize("method", ["eth_getTransactionByHash", "eth_getTransactionReceipt", "eth_getBlockByNumber"])
def test_an_answer_without_the_protocols_shape_proves_nothing(node: ScriptedNode, method: str, answer: object) -> None:
    node.methods[method] = lambda *_: answer

    # Some of these read as "there is none", which proves nothing either.
    with contextlib.suppress(RailUnavailable):
        assert node.chain().look(wanted(), TXID).arrivals == ()


@pytest.mark.parametrize("odd", [(200, "<html>"), (200, "[]"), (200, "{}"), (403, "no"), (429, "{}"), (500, "no")])
def test_no_answer_proves_nothing_and_the_key_in_the_address_is_not_told(
    node: ScriptedNode, odd: tuple[int, object]
) -> None:
    chain = node.chain()
    node.server.odd = odd

    with pytest.raises(RailUnavailable, match="ethereum") as failed:
        chain.look(wanted(), TXID)

    assert "KEY" not in str(failed.value)


def test_a_node_that_changed_behind_its_address_is_recognised_anew(node: ScriptedNode) -> None:
    chain = node.chain()
    assert chain.look(wanted(), TXID).arrivals
    node.server.odd = (500, "no")
    with pytest.raises(RailUnavailable):
        chain.look(wanted(), TXID)

    node.server.odd = None
    node.methods["eth_chainId"] = lambda: "0x5"

    with pytest.raises(RailUnavailable, match="on the chain 5, not on 1"):
        chain.look(wanted(), TXID)


def test_web3_is_imported_with_the_first_question_only() -> None:
    lines = "import sys, config.main, adapters.chains.evm; sys.exit('web3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", lines], check=False).returncode == 0
