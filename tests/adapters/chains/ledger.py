"""
A chain of blocks that forgets and changes its mind, and an HTTP server to show it through: what fakes of nodes share.

The fakes speak each network's documented protocol over real sockets; which payments there are is the ledger's word.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = tuple[int, object]
"""Status, and JSON; or text or bytes that are sent as they are."""


@dataclass(frozen=True)
class Block:
    height: int
    hash: str
    time: int
    txids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sent:
    """One transaction: payments in order, and whatever the network adds to it."""

    txid: str
    payments: tuple[tuple[str, int], ...]
    extra: Mapping[str, Any] = field(default_factory=dict)


class Ledger:
    """Blocks from height 0 on, and transactions that wait for one."""

    def __init__(self) -> None:
        self.sent: dict[str, Sent] = {}
        self.forgotten: dict[str, Sent] = {}
        self.pool: list[str] = []
        self.blocks: list[Block] = []
        self.mine()

    def pay(self, txid: str, *payments: tuple[str, int], **extra: Any) -> str:
        self.sent[txid] = Sent(txid, payments, extra)
        self.pool.append(txid)
        return txid

    def mine(self, n: int = 1) -> None:
        for _ in range(n):
            now = int(datetime.now(UTC).timestamp())
            self.blocks.append(Block(len(self.blocks), secrets.token_hex(32), now, tuple(self.pool)))
            self.pool.clear()

    def reorg(self, depth: int) -> None:
        """The last blocks are replaced by empty ones and one more; what they held is forgotten."""
        gone = self.blocks[-depth:]
        del self.blocks[-depth:]
        for txid in (txid for block in gone for txid in block.txids):
            self.forgotten[txid] = self.sent.pop(txid)
        self.pool.clear()
        self.mine(depth + 1)

    def again(self, txid: str) -> None:
        """What was forgotten comes back, and into a block."""
        self.sent[txid] = self.forgotten[txid]
        self.pool.append(txid)
        self.mine()

    @property
    def tip(self) -> Block:
        return self.blocks[-1]

    def block_of(self, txid: str) -> Block | None:
        return next((block for block in self.blocks if txid in block.txids), None)

    def paying(self, to: str) -> list[Sent]:
        """Transactions that pay an address, newest first."""
        return [sent for sent in reversed(self.sent.values()) if any(each == to for each, _ in sent.payments)]


class Server:
    """Answers every request with what `answer` says; keeps its port when it was down."""

    def __init__(self, answer: Callable[[str, str, Mapping[str, str], Any], Answer]) -> None:
        self.seen: list[str] = []
        self.odd: Answer | None = None
        """Sent instead of any answer."""
        self._answer = answer
        self._port = 0
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._http = ThreadingHTTPServer(("127.0.0.1", self._port), self._handler())
        self._port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def respond(self, verb: str, target: str, raw: bytes) -> Answer:
        parts = urlsplit(target)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        body = json.loads(raw) if raw else None
        self.seen.append(f"{verb} {parts.path} {body}")
        return self.odd or self._answer(verb, parts.path, query, body)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        respond = self.respond

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._serve("GET", b"")

            def do_POST(self) -> None:
                self._serve("POST", self.rfile.read(int(self.headers["Content-Length"])))

            def _serve(self, verb: str, raw: bytes) -> None:
                status, content = respond(verb, self.path, raw)
                body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Silent: a test prints nothing."""

        return Handler


def rpc(methods: Mapping[str, Callable[..., Any]], body: Any) -> Answer:
    """JSON-RPC with positional parameters; a method refuses by raising `Said`."""
    # Version 1 always has both members, version 2 never has.
    old = body["jsonrpc"] == "1.0"
    head = {"id": body["id"], **({} if old else {"jsonrpc": "2.0"})}
    try:
        method = methods.get(body["method"])
        if method is None:
            raise Said(-32601, "Method not found")
        return 200, {**head, "result": method(*body["params"]), **({"error": None} if old else {})}
    except Said as said:
        error = {"code": said.code, "message": said.words}
        return said.status, {**head, "error": error, **({"result": None} if old else {})}


class Said(Exception):
    """An error object; Bitcoin's nodes send theirs with status 500."""

    def __init__(self, code: int, words: str, status: int = 200) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.status = status


class FakeNode:
    """A stage of the contract, but for what each network alone knows: its addresses, its `chain` and its answers."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.server = Server(self._answer)

    def absent(self) -> str:
        return secrets.token_hex(32)

    def pay(self, *payments: tuple[str, int], **extra: Any) -> str:
        return self.ledger.pay(self.absent(), *payments, **extra)

    def mine(self, n: int = 1) -> None:
        self.ledger.mine(n)

    def reorg(self, depth: int) -> None:
        self.ledger.reorg(depth)

    def again(self, txid: str) -> None:
        self.ledger.again(txid)

    def down(self) -> None:
        self.server.stop()

    def up(self) -> None:
        self.server.start()

    def _answer(self, verb: str, path: str, query: Mapping[str, str], body: Any) -> Answer:
        raise NotImplementedError
