"""
Every request body, whole. A misspelt field is ignored by the wallet, and a transfer then broadcasts.
"""

from __future__ import annotations

import ast
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from adapters.coins.monero import calls
from adapters.coins.monero.calls import LONG, SHORT, Call
from adapters.coins.monero.rpc import Rpc, RpcFault
from payout.errors import TransferRefused
from payout.transfer import Output
from tests.adapters.coins.fake_monero import CUSTOMER, IMAGE, OWN, PASSWORD, TXID, FakeMonero

OUTPUTS = (Output(address=CUSTOMER, units=5), Output(address=OWN, units=7, own=True))

BODIES: list[tuple[Call, str, dict[str, Any]]] = [
    (calls.open_wallet("hot", "p"), "open_wallet", {"filename": "hot", "password": "p"}),
    (calls.refresh(), "refresh", {}),
    (calls.store(), "store", {}),
    (calls.rescan_spent(), "rescan_spent", {}),
    (calls.scan_tx(TXID), "scan_tx", {"txids": [TXID]}),
    (calls.wallet_height(), "get_height", {}),
    (calls.accounts(), "get_accounts", {}),
    (calls.addresses(2), "get_address", {"account_index": 2}),
    (
        calls.create_address(2, "payout order"),
        "create_address",
        {"account_index": 2, "label": "payout order"},
    ),
    (
        calls.incoming(2, 7),
        "get_transfers",
        {"in": True, "pool": True, "account_index": 2, "subaddr_indices": [7]},
    ),
    (calls.balance(2), "get_balance", {"account_index": 2}),
    (
        calls.unspent_outputs(2),
        "incoming_transfers",
        {"transfer_type": "available", "account_index": 2},
    ),
    (
        calls.transfer(OUTPUTS, account_index=2, priority=1),
        "transfer",
        {
            "destinations": [{"address": CUSTOMER, "amount": 5}, {"address": OWN, "amount": 7}],
            "account_index": 2,
            "priority": 1,
            "do_not_relay": True,
            "get_tx_key": True,
            "get_tx_hex": True,
            "get_tx_metadata": True,
        },
    ),
    (
        calls.sweep_single(OWN, IMAGE, account_index=2, priority=1),
        "sweep_single",
        {
            "address": OWN,
            "key_image": IMAGE,
            "account_index": 2,
            "priority": 1,
            "do_not_relay": True,
            "get_tx_key": True,
            "get_tx_hex": True,
            "get_tx_metadata": True,
        },
    ),
    (calls.relay("0102"), "relay_tx", {"hex": "0102"}),
    (calls.transfer_by_txid(TXID, 2), "get_transfer_by_txid", {"txid": TXID, "account_index": 2}),
    (calls.outgoing(2, 0), "get_transfers", {"out": True, "pending": True, "account_index": 2}),
    (
        calls.outgoing(2, 9),
        "get_transfers",
        {"out": True, "pending": True, "account_index": 2, "filter_by_height": True, "min_height": 8},
    ),
    (
        calls.tx_proof(TXID, CUSTOMER, "refund-1"),
        "get_tx_proof",
        {"txid": TXID, "address": CUSTOMER, "message": "refund-1"},
    ),
    (calls.info(), "get_info", {}),
    (calls.fee_estimate(), "get_fee_estimate", {}),
    (calls.block_header(9), "get_block_header_by_height", {"height": 9}),
    (
        calls.transactions([TXID]),
        "get_transactions",
        {"txs_hashes": [TXID], "decode_as_json": False},
    ),
    (
        calls.transactions([TXID], as_json=True),
        "get_transactions",
        {"txs_hashes": [TXID], "decode_as_json": True},
    ),
    (calls.key_images_spent([IMAGE]), "is_key_image_spent", {"key_images": [IMAGE]}),
    (calls.send_raw("0200"), "send_raw_transaction", {"tx_as_hex": "0200", "do_not_relay": False}),
]
PLAIN = {"get_transactions", "is_key_image_spent", "send_raw_transaction"}


@pytest.mark.parametrize(("call", "name", "body"), BODIES, ids=[name for _, name, _ in BODIES])
def test_each_body_is_exactly_what_the_protocol_names(call: Call, name: str, body: dict[str, Any]) -> None:
    assert (call.name, dict(call.body)) == (name, body)
    assert call.plain is (name in PLAIN)


@pytest.mark.parametrize(("call", "name", "body"), BODIES, ids=[name for _, name, _ in BODIES])
def test_each_body_arrives_as_it_was_built(call: Call, name: str, body: dict[str, Any]) -> None:
    with FakeMonero() as fake, suppress(RpcFault):
        Rpc(fake.url, name="node").ask(call)

    assert fake.asked == [(name, body)]


def test_every_function_that_builds_a_body_is_compared_here() -> None:
    tree = ast.parse(Path(calls.__file__).read_text())
    builders = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    source = Path(__file__).read_text()

    assert [name for name in sorted(builders) if f"calls.{name}(" not in source] == []


def test_no_other_file_builds_a_request() -> None:
    for file in Path(calls.__file__).parent.glob("*.py"):
        tree = ast.parse(file.read_text())
        built = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Call"
        ]
        assert bool(built) is (file.name == "calls.py"), file


def test_what_signs_or_reads_the_whole_wallet_is_given_minutes() -> None:
    patient = {call.name for call, _, _ in BODIES if call.timeouts is LONG}

    assert patient == {
        "open_wallet",
        "refresh",
        "rescan_spent",
        "scan_tx",
        "transfer",
        "sweep_single",
    }
    assert LONG.read >= 300
    assert SHORT.read < LONG.read


def test_a_call_shows_no_secret_in_its_repr() -> None:
    assert PASSWORD not in repr(calls.open_wallet("hot", PASSWORD))


def test_sixteen_destinations_never_reach_the_wallet(fake: FakeMonero) -> None:
    with pytest.raises(TransferRefused):
        fake.coin.prepare([Output(address=CUSTOMER, units=1)] * 16)

    assert fake.asked == []


def test_nothing_ever_splits_a_transfer_into_several() -> None:
    assert "transfer_split" not in {call.name for call, _, _ in BODIES}
