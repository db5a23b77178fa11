"""The lossy proxy does to a call what its rule says, no more, and keeps count."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import pytest
import requests
from requests.auth import HTTPDigestAuth

from deploy.sandbox import Fault, LossyProxy

PATIENCE = 10


class Upstream:
    """A server that remembers which calls it carried out; with a login, it asks for it first."""

    def __init__(self, *, login: bool) -> None:
        self.done: list[str] = []
        done = self.done

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if login and "Authorization" not in self.headers:
                    self.reply(401, b"<html>", 'Digest realm="r", nonce="n", qop="auth"')
                    return
                called = json.loads(body)["method"] if self.path == "/json_rpc" else self.path
                done.append(called)
                self.reply(200, json.dumps({"did": called}).encode())

            def reply(self, status: int, body: bytes, challenge: str = "") -> None:
                self.send_response(status)
                if challenge:
                    self.send_header("WWW-Authenticate", challenge)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(login=False) as running:
        yield running


@pytest.fixture
def proxy(upstream: Upstream) -> Iterator[LossyProxy]:
    with LossyProxy(upstream.url, login=False, seed=7) as running:
        yield running


def call(proxy: LossyProxy, method: str, timeout: float = PATIENCE) -> requests.Response:
    body = {"jsonrpc": "2.0", "id": "0", "method": method}
    return requests.post(f"{proxy.url}/json_rpc", json=body, timeout=timeout)


def test_without_a_rule_calls_pass_untouched(proxy: LossyProxy, upstream: Upstream) -> None:
    assert call(proxy, "transfer").json() == {"did": "transfer"}
    reply = requests.post(f"{proxy.url}/get_transactions", json={}, timeout=PATIENCE)
    assert reply.json() == {"did": "/get_transactions"}
    assert proxy.seen == [("transfer", "pass"), ("get_transactions", "pass")]


@pytest.mark.parametrize("fault", [Fault.SWALLOW, Fault.HANG])
def test_the_server_did_it_and_the_client_never_hears(proxy: LossyProxy, upstream: Upstream, fault: Fault) -> None:
    proxy.rule(fault, "relay_tx", times=1, seconds=0.05)
    with pytest.raises(requests.ConnectionError):
        call(proxy, "relay_tx")
    assert upstream.done == ["relay_tx"]
    assert proxy.counts == {("relay_tx", fault.value): 1}


def test_a_hanging_answer_lets_the_client_run_into_its_timeout(proxy: LossyProxy, upstream: Upstream) -> None:
    proxy.rule(Fault.HANG, seconds=PATIENCE)
    with pytest.raises(requests.ReadTimeout):
        call(proxy, "transfer", timeout=0.5)
    assert upstream.done == ["transfer"]


def test_stopping_the_proxy_ends_what_hangs(upstream: Upstream) -> None:
    proxy = LossyProxy(upstream.url, login=False).start()
    proxy.rule(Fault.HANG, seconds=3600)
    failures: list[Exception] = []

    def caller() -> None:
        try:
            call(proxy, "transfer", timeout=PATIENCE)
        except requests.RequestException as failure:
            failures.append(failure)

    thread = threading.Thread(target=caller)
    thread.start()
    while not upstream.done:
        time.sleep(0.01)
    proxy.stop()
    thread.join()
    assert [type(failure) for failure in failures] == [requests.ConnectionError]


@pytest.mark.parametrize("fault", [Fault.LATE, Fault.DELAY])
def test_a_slow_call_is_answered_in_the_end(proxy: LossyProxy, upstream: Upstream, fault: Fault) -> None:
    proxy.rule(fault, seconds=0.05)
    assert call(proxy, "transfer").json() == {"did": "transfer"}
    assert upstream.done == ["transfer"]


def test_half_an_answer_is_a_broken_answer(proxy: LossyProxy, upstream: Upstream) -> None:
    proxy.rule(Fault.TRUNCATE)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        call(proxy, "transfer")
    assert upstream.done == ["transfer"]


def test_an_error_after_the_deed_looks_like_one_before_it(proxy: LossyProxy, upstream: Upstream) -> None:
    proxy.rule(Fault.ERROR_AFTER, times=1)
    assert call(proxy, "transfer").status_code == 500
    assert upstream.done == ["transfer"]
    proxy.rule(Fault.ERROR_500, times=1)
    assert call(proxy, "transfer").status_code == 500
    assert upstream.done == ["transfer"]


def test_a_doubled_call_is_done_twice(proxy: LossyProxy, upstream: Upstream) -> None:
    proxy.rule(Fault.TWICE)
    assert call(proxy, "transfer").json() == {"did": "transfer"}
    assert upstream.done == ["transfer", "transfer"]


def test_a_dropped_call_never_reaches_the_server(proxy: LossyProxy, upstream: Upstream) -> None:
    proxy.rule(Fault.DROP)
    with pytest.raises(requests.ConnectionError):
        call(proxy, "transfer")
    assert upstream.done == []


def test_a_web_page_instead_of_an_answer(proxy: LossyProxy, upstream: Upstream) -> None:
    proxy.rule(Fault.HTML)
    reply = call(proxy, "transfer")
    assert reply.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        reply.json()
    assert upstream.done == []


def test_a_rule_touches_its_method_only_and_only_so_often(proxy: LossyProxy, upstream: Upstream) -> None:
    proxy.rule(Fault.DROP, "transfer", times=2)
    assert call(proxy, "get_balance").ok
    for _ in range(2):
        with pytest.raises(requests.ConnectionError):
            call(proxy, "transfer")
    assert call(proxy, "transfer").ok
    assert proxy.counts["transfer", "drop"] == 2
    proxy.rule(Fault.DROP)
    proxy.clear()
    assert call(proxy, "transfer").ok


def fates(upstream: Upstream, seed: int) -> list[Any]:
    with LossyProxy(upstream.url, login=False, seed=seed) as proxy:
        proxy.rule(Fault.ERROR_500, chance=0.5)
        return [call(proxy, "transfer").status_code for _ in range(20)]


def test_the_same_seed_gives_the_same_faults(upstream: Upstream) -> None:
    first = fates(upstream, seed=1)
    assert set(first) == {200, 500}
    assert first == fates(upstream, seed=1)
    assert first != fates(upstream, seed=2)


def test_a_login_passes_and_uses_up_no_rule() -> None:
    with Upstream(login=True) as upstream, LossyProxy(upstream.url) as proxy:
        proxy.rule(Fault.SWALLOW, "transfer", times=1)
        session = requests.Session()
        session.auth = HTTPDigestAuth("worker", "secret")
        body = {"method": "transfer"}
        with session, pytest.raises(requests.ConnectionError):
            session.post(f"{proxy.url}/json_rpc", json=body, timeout=PATIENCE)
        assert upstream.done == ["transfer"]
        assert proxy.seen == [("transfer", "swallow")]


def test_a_server_that_is_away_looks_away(upstream: Upstream) -> None:
    with LossyProxy("http://127.0.0.1:9", login=False) as proxy:
        with pytest.raises(requests.ConnectionError):
            call(proxy, "transfer")
        assert proxy.seen == [("transfer", "pass")]
