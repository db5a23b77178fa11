"""
monero-wallet-rpc and monerod in one small HTTP server, with answers that a test may spoil.

Unspoiled, it is a healthy node and a wallet that holds back what it is told to hold back.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from adapters.coins.monero import MoneroCoin, connect

OWN = "4495r6sHHQuER2S3MUc7SLDdWRu1jPnMSLyhq3WCoKoea3Wjw24Fj5dgykqLo8MbLrP9x9Eo7azmTBoHURa31j1ZAGvC8vq"
CUSTOMER = "49g4YrPjcQbhHf6LHgvV7NbcD9Lhd6cndHWsbMXtMfM3AdxxkjiQWsPiddoYykRQQsKgqYtxdEyvic3MGdqi6UVw7cfajDB"
TXID, IMAGE, BLOCK = "aa" * 32, "bb" * 32, "cc" * 32
TIP = 100
LOGIN, PASSWORD = "worker:c4nary-login", "c4nary-password"
CANARIES = ("c4nary-login", "c4nary-password", "0102c4nary")

Answer = dict[str, Any]
Spoiled = Answer | Callable[[Answer], Answer]


def result(**facts: Any) -> Answer:
    return {"id": "0", "jsonrpc": "2.0", "result": facts}


def error(code: int, message: str) -> Answer:
    return {"id": "0", "jsonrpc": "2.0", "error": {"code": code, "message": message}}


def signed(units: int, **spoiled: Any) -> Answer:
    """The wallet's answer to a transfer or a sweep."""
    facts = {
        "amount": units,
        "fee": 2_605_200_000,
        "tx_hash": TXID,
        "tx_key": "1a" * 32,
        "tx_blob": "0200" * 10,
        "tx_metadata": "0102" * 10,
        "spent_key_images": {"key_images": [IMAGE]},
        "weight": 2166,
    }
    return result(**{name: value for name, value in (facts | spoiled).items() if value is not None})


INFO: Answer = {
    "status": "OK",
    "untrusted": False,
    "height": TIP,
    "target_height": 0,
    "synchronized": True,
    "nettype": "mainnet",
    "top_block_hash": BLOCK,
}


def healthy(method: str, body: Answer) -> Answer:
    """What a wallet and node that work would say."""
    answers: dict[str, Callable[[], Answer]] = {
        "get_info": lambda: result(**INFO),
        "get_address": lambda: result(address=OWN, addresses=[{"address": OWN}]),
        "get_accounts": lambda: result(subaddress_accounts=[{"account_index": 0}]),
        "get_height": lambda: result(height=TIP),
        "get_balance": lambda: result(balance=7, unlocked_balance=5, blocks_to_unlock=3),
        "incoming_transfers": result,
        "transfer": lambda: signed(sum(d["amount"] for d in body["destinations"])),
        "sweep_single": lambda: signed(5, spent_key_images={"key_images": [body["key_image"]]}),
        "get_transfer_by_txid": lambda: error(-8, "Transaction not found."),
        "get_transfers": result,
        "get_tx_proof": lambda: result(signature="OutProofV2x"),
        "get_fee_estimate": lambda: result(status="OK", fee=20_000, fees=[20_000, 80_000]),
        "get_block_header_by_height": lambda: result(status="OK", block_header={"hash": BLOCK}),
        "get_transactions": lambda: {"status": "OK", "missed_tx": body["txs_hashes"]},
        "is_key_image_spent": lambda: {"status": "OK", "spent_status": [0] * len(body["key_images"])},
        "send_raw_transaction": lambda: {"status": "OK"},
    }
    return answers.get(method, result)()


class FakeMonero:
    """A context manager; `coin` is connected to it as wallet and daemon alike."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Answer]] = []
        self._spoiled: dict[str, list[Spoiled]] = {}
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                method = body["method"] if self.path == "/json_rpc" else self.path[1:]
                answer = fake.answer(method, body.get("params", body))
                raw = json.dumps(answer).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_: object) -> None:
                """Nothing on the terminal."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def coin(self) -> MoneroCoin:
        return connect(rpc_url=self.url, rpc_login=LOGIN, daemon_url=self.url, wallet_file="hot", password=PASSWORD)

    @property
    def methods(self) -> list[str]:
        return [method for method, _ in self.asked]

    def spoil(self, method: str, *answers: Spoiled) -> None:
        """What it answers instead: one after the other, the last one for ever."""
        self._spoiled[method] = list(answers)

    def answer(self, method: str, body: Answer) -> Answer:
        self.asked.append((method, body))
        spoiled = self._spoiled.get(method)
        if not spoiled:
            return healthy(method, body)
        answer = spoiled.pop(0) if len(spoiled) > 1 else spoiled[0]
        return answer(body) if callable(answer) else answer

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
