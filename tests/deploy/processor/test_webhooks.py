"""A trade's webhook hears of every change of status, with the key that its maker gave, and nothing else does."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from deploy.sandbox.processor import ProcessorServer
from tests.deploy.processor.clients import Trocador

PATIENCE = 10


@pytest.fixture
def heard() -> Iterator[tuple[str, queue.Queue[dict[str, Any]]]]:
    """A url, and what was posted there."""
    posts: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posts.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listener.server_address[1]}/hooks/abc", posts
        listener.shutdown()
        thread.join()


def test_each_status_is_told_with_the_makers_key(
    heard: tuple[str, queue.Queue[dict[str, Any]]], server: ProcessorServer
) -> None:
    url, posts = heard
    made = Trocador(server).create("100", webhook=url, webhook_key="k1").body
    quiet = Trocador(server).create("100").body
    server.complete(quiet["trade_id"])
    server.complete(made["trade_id"])
    told = [posts.get(timeout=PATIENCE) for _ in range(4)]
    assert {post["trade_id"] for post in told} == {made["trade_id"]}
    assert {post["webhook_key"] for post in told} == {"k1"}
    assert told[-1]["status"] == "finished"
    assert posts.empty()


def test_no_webhook_leaves_this_machine(
    heard: tuple[str, queue.Queue[dict[str, Any]]], server: ProcessorServer
) -> None:
    url, posts = heard
    for webhook in ("http://hooks.example/x", "nonsense", url):
        made = Trocador(server).create("100", webhook=webhook, webhook_key="k").body
        server.deposit(made["trade_id"])
    assert posts.get(timeout=PATIENCE)["trade_id"] == made["trade_id"]
    assert posts.empty()
