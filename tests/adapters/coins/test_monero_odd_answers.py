"""Whatever a daemon answers, in any field: it is believed, or the daemon counts as out of reach. Nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from adapters.coins.monero.calls import Call
from adapters.coins.monero.daemon import Daemon
from payout.errors import RailUnavailable
from payout.transfer import Trace

TXID, IMAGE, HASH = "cd" * 32, "ef" * 32, "ab" * 32
TRACE = Trace(id=TXID, key_images=(IMAGE,))
MINED = {"tx_hash": TXID, "in_pool": False, "block_height": 50, "as_json": '{"vin": []}'}
ANSWERS: dict[str, dict[str, Any]] = {
    "get_info": {"height": 100, "synchronized": True, "top_block_hash": HASH, "nettype": "mainnet"},
    "get_transactions": {"txs": [MINED], "missed_tx": []},
    "is_key_image_spent": {"spent_status": [0]},
    "get_block_header_by_height": {"block_header": {"hash": HASH}},
    "send_raw_transaction": {},
    "get_fee_estimate": {"fee": 5, "fees": [1, 2, 3, 4]},
}
ODD: tuple[Any, ...] = (None, 1, -1, True, "x", [], [[]], {}, [1], [{}], [None], {"a": 1}, 10**30, ["x"])
CALLS: tuple[Callable[[Daemon], object], ...] = (
    Daemon.info,
    lambda daemon: daemon.look([TRACE]),
    lambda daemon: daemon.has(TXID),
    lambda daemon: daemon.inputs(TXID),
    lambda daemon: daemon.fee_per_byte(1),
    lambda daemon: daemon.send_raw("00"),
)


class Rpc:
    """A daemon with one odd answer."""

    def __init__(self, answers: dict[str, dict[str, Any]]) -> None:
        self._answers = answers

    def ask(self, call: Call) -> dict[str, Any]:
        return {"status": "OK", **self._answers[call.name]}


def oddities(name: str) -> Iterator[dict[str, Any]]:
    """The answer to one call, odd in one place."""
    answer = ANSWERS[name]
    for value in ODD:
        yield from ({**answer, field: value} for field in (*answer, "status"))
        yield from ({**answer, "txs": [{**MINED, field: value}]} for field in MINED)
        yield {**answer, "spent_status": [value]}
        yield {**answer, "txs": [], "missed_tx": [TXID, value]}


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("missing", [False, True], ids=["mined", "missing"])
def test_an_odd_answer_is_an_outage_and_never_a_fault_of_ours(name: str, *, missing: bool) -> None:
    usual = {**ANSWERS, "get_transactions": {"missed_tx": [TXID]}} if missing else ANSWERS
    for odd in oddities(name):
        for call in CALLS:
            daemon: Any = Daemon(Rpc({**usual, name: odd}))  # type: ignore[arg-type]
            with suppress(RailUnavailable):
                call(daemon)
