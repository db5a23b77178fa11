"""
Every request to monero-wallet-rpc and monerod, built here and nowhere else.

Both ignore a field that they do not know: a misspelt `do_not_relay` broadcasts at once. So no other
file writes a field name of a request, and the tests compare each body whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.http import Timeouts
from payout.transfer import Output

SHORT: Final = Timeouts(connect=5, read=60, total=60)
"""wallet-rpc does one thing at a time: a small question waits behind a transfer being signed."""
LONG: Final = Timeouts(connect=5, read=600, total=600)
"""Opening, refreshing and signing take minutes on a big wallet. Giving up early gains nothing."""

HELD_BACK: Final = {
    "do_not_relay": True,
    "get_tx_key": True,
    "get_tx_hex": True,
    "get_tx_metadata": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request: a JSON-RPC method, or with `plain` a path of the daemon's own."""

    name: str
    body: Mapping[str, Any] = field(default_factory=dict, repr=False)
    plain: bool = False
    timeouts: Timeouts = SHORT


# ---------------------------------------------------------------- the wallet


def open_wallet(filename: str, password: str) -> Call:
    body = {"filename": filename, "password": password}
    return Call(name="open_wallet", body=body, timeouts=LONG)


def refresh() -> Call:
    return Call(name="refresh", timeouts=LONG)


def store() -> Call:
    return Call(name="store")


def rescan_spent() -> Call:
    return Call(name="rescan_spent", timeouts=LONG)


def scan_tx(txid: str) -> Call:
    return Call(name="scan_tx", body={"txids": [txid]}, timeouts=LONG)


def wallet_height() -> Call:
    return Call(name="get_height")


def accounts() -> Call:
    return Call(name="get_accounts")


def addresses(account_index: int) -> Call:
    return Call(name="get_address", body={"account_index": account_index})


def create_address(account_index: int, label: str) -> Call:
    return Call(name="create_address", body={"account_index": account_index, "label": label})


def incoming(account_index: int, subaddress_index: int) -> Call:
    """Mined and pooled payments to one subaddress."""
    body = {"in": True, "pool": True, "account_index": account_index, "subaddr_indices": [subaddress_index]}
    return Call(name="get_transfers", body=body)


def balance(account_index: int) -> Call:
    return Call(name="get_balance", body={"account_index": account_index})


def unspent_outputs(account_index: int) -> Call:
    body = {"transfer_type": "available", "account_index": account_index}
    return Call(name="incoming_transfers", body=body)


def transfer(outputs: Sequence[Output], *, account_index: int, priority: int) -> Call:
    """Sign and hold back. Never `transfer_split`: it reorders, and relays part by part."""
    destinations = [{"address": output.address, "amount": output.units} for output in outputs]
    body = {
        "destinations": destinations,
        "account_index": account_index,
        "priority": priority,
        **HELD_BACK,
    }
    return Call(name="transfer", body=body, timeouts=LONG)


def sweep_single(address: str, key_image: str, *, account_index: int, priority: int) -> Call:
    """Sign a transfer of exactly this output, and hold it back."""
    body = {
        "address": address,
        "key_image": key_image,
        "account_index": account_index,
        "priority": priority,
        **HELD_BACK,
    }
    return Call(name="sweep_single", body=body, timeouts=LONG)


def relay(metadata: str) -> Call:
    return Call(name="relay_tx", body={"hex": metadata})


def transfer_by_txid(txid: str, account_index: int) -> Call:
    # Without account_index, a transaction of another account is "not found".
    return Call(name="get_transfer_by_txid", body={"txid": txid, "account_index": account_index})


def outgoing(account_index: int, since_height: int) -> Call:
    """Mined from `since_height` on, and pending. The wallet's `min_height` is exclusive."""
    body: dict[str, Any] = {"out": True, "pending": True, "account_index": account_index}
    if since_height > 0:
        body |= {"filter_by_height": True, "min_height": since_height - 1}
    return Call(name="get_transfers", body=body)


def tx_proof(txid: str, address: str, message: str) -> Call:
    return Call(name="get_tx_proof", body={"txid": txid, "address": address, "message": message})


# ---------------------------------------------------------------- the daemon


def info() -> Call:
    return Call(name="get_info")


def fee_estimate() -> Call:
    return Call(name="get_fee_estimate")


def block_header(height: int) -> Call:
    return Call(name="get_block_header_by_height", body={"height": height})


def transactions(txids: Sequence[str], *, as_json: bool = False) -> Call:
    body = {"txs_hashes": list(txids), "decode_as_json": as_json}
    return Call(name="get_transactions", body=body, plain=True)


def key_images_spent(key_images: Sequence[str]) -> Call:
    body = {"key_images": list(key_images)}
    return Call(name="is_key_image_spent", body=body, plain=True)


def send_raw(blob: str) -> Call:
    """Broadcast past the wallet. With do_not_relay it would sit in the pool for ever, unrelayed."""
    body = {"tx_as_hex": blob, "do_not_relay": False}
    return Call(name="send_raw_transaction", body=body, plain=True)
