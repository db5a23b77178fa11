"""The console on real sockets: callers who say nothing, too much, too slowly or two things at once."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from starlette.types import ASGIApp

from adapters.console.connection import CONNECTIONS_MAX, Connection
from adapters.console.serve import server
from tests.adapters.console.counter import API, Counter
from tests.adapters.console.served import served
from tests.factories import ADDRESS

PATIENCE_SECONDS = 20
HEALTH = f"GET {API}/health HTTP/1.1\r\nHost: h\r\n\r\n".encode()
FACTS = {"external_id": "E-1", "usd": "25.00", "asset": "XMR", "destination": ADDRESS}


class Hasty(Connection):
    """Its limits are over soon."""

    head_seconds = 0.3
    exchange_seconds = 0.6


class Fair(Connection):
    """Its exchanges are over soon, but not before a busy machine answers."""

    exchange_seconds = 1.5


@contextmanager
def serving(app: ASGIApp, kind: type[Connection] = Connection) -> Iterator[int]:
    running = server(app)
    running.config.http = kind
    with served(running) as port:
        yield port


@pytest.fixture
def port(counter: Counter) -> Iterator[int]:
    with serving(counter.caller.app) as port:
        yield port


@pytest.fixture
def hasty(counter: Counter) -> Iterator[int]:
    with serving(counter.caller.app, Hasty) as port:
        yield port


def dial(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE_SECONDS)


def until_closed(sock: socket.socket) -> bytes:
    said = b""
    try:
        while piece := sock.recv(65536):
            said += piece
    except ConnectionResetError:
        pass
    return said


def talk(port: int, *pieces: bytes) -> bytes:
    """All that is answered to these pieces, until the other side closes."""
    with dial(port) as sock:
        for piece in pieces:
            sock.sendall(piece)
        return until_closed(sock)


def post(counter: Counter, *headers: str, path: str = "/refunds", last: bool = True) -> bytes:
    """The head of a request of the panel."""
    given = [f"Authorization: {counter.panel.headers['authorization']}", "Content-Type: application/json", *headers]
    end = ["Connection: close"] if last else []
    return "\r\n".join([f"POST {API}{path} HTTP/1.1", "Host: h", *given, *end, "", ""]).encode()


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def told(answer: bytes) -> tuple[int, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_whoever_opens_connections_and_says_nothing_keeps_nobody_out(port: int) -> None:
    with ExitStack() as stack:
        idle = [stack.enter_context(dial(port)) for _ in range(CONNECTIONS_MAX + 10)]
        for sock in idle[CONNECTIONS_MAX // 2 :]:
            sock.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        caller = stack.enter_context(dial(port))
        caller.sendall(HEALTH)

        assert caller.recv(100).startswith(b"HTTP/1.1 200 OK")
        # Those that had waited longest made room.
        assert idle[0].recv(1) == b""


@pytest.mark.parametrize("before", [b"", HEALTH], ids=["the first", "one after an answer"])
def test_a_head_that_drips_in_is_not_waited_for(hasty: int, before: bytes) -> None:
    with dial(hasty) as sock:
        sock.sendall(before + b"GET / HTTP/1.1\r\n")
        stopping = threading.Event()

        def drip() -> None:
            try:
                while not stopping.wait(0.02):
                    sock.sendall(b"X-Slow: 1\r\n")
            except OSError:
                pass

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            said = until_closed(sock)
        finally:
            stopping.set()
            dripping.join()

    assert said.count(b"HTTP/1.1") == bool(before)


def test_a_body_that_goes_on_after_its_refusal_is_not_waited_for(hasty: int) -> None:
    head = f"POST {API}/refunds HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    with dial(hasty) as sock:
        sock.sendall(head)
        first = sock.recv(4096)
        try:
            for _ in range(1000):
                sock.sendall(chunk(b"x"))
                time.sleep(0.01)
            ended = False
        except OSError:
            ended = True

    assert first.startswith(b"HTTP/1.1 401")
    assert ended


def test_an_exchange_ends_although_nobody_takes_the_answer() -> None:
    whole, piece = 300, b"x" * 100_000
    ended = threading.Event()

    async def generous(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(whole):
            await send({"type": "http.response.body", "body": piece, "more_body": number < whole - 1})
        ended.set()

    with serving(generous, Hasty) as port, dial(port) as silent:
        silent.sendall(HEALTH)

        assert ended.wait(PATIENCE_SECONDS)
        assert len(until_closed(silent)) < whole * len(piece)


def test_requests_that_are_sent_one_behind_the_other_are_answered_in_order(counter: Counter, port: int) -> None:
    bodies = [json.dumps({**FACTS, "external_id": f"E-{n}"}).encode() for n in range(5)]
    whole = b"".join(
        post(counter, f"Content-Length: {len(body)}", last=n == len(bodies) - 1) + body for n, body in enumerate(bodies)
    )

    said = talk(port, whole)

    assert said.count(b"HTTP/1.1 201 Created") == len(bodies)
    places = [said.index(f'"external_id":"E-{n}"'.encode()) for n in range(len(bodies))]
    assert places == sorted(places)
    assert counter.count == len(bodies)


def test_each_of_many_requests_on_one_connection_has_its_own_time(counter: Counter) -> None:
    with serving(counter.caller.app, Fair) as port:
        calling = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
        calling.auto_open = 0
        calling.connect()
        for _ in range(6):
            calling.request("GET", f"{API}/health")
            assert calling.getresponse().read() == b'{"status":"ok"}'
            time.sleep(Fair.exchange_seconds / 4)
        calling.close()


def test_a_body_in_chunks_is_taken_and_one_that_is_too_long_is_not(counter: Counter, port: int) -> None:
    body, head = json.dumps(FACTS).encode(), post(counter, "Transfer-Encoding: chunked")

    small = talk(port, head, *(chunk(body[at : at + 7]) for at in range(0, len(body), 7)), b"0\r\n\r\n")
    large = talk(port, head, *[chunk(b" " * 16_000)] * 5)

    assert told(small)[0] == 201
    status, said = told(large)
    assert (status, said["code"]) == (413, "body_too_large")


def test_a_body_that_is_longer_than_it_says_is_cut_there_and_the_rest_is_no_request(
    counter: Counter, port: int
) -> None:
    body = json.dumps(FACTS).encode()

    cut = talk(port, post(counter, f"Content-Length: {len(body) - 1}") + body)
    kept = talk(port, post(counter, f"Content-Length: {len(body)}", last=False) + body + b"}garbage\r\n\r\n")

    assert told(cut)[1]["code"] == "malformed_json"
    assert kept.count(b"HTTP/1.1 201") == 1
    assert kept.count(b"HTTP/1.1 400") == 1
    assert counter.count == 1


@pytest.mark.parametrize(
    "lie",
    [
        ("Content-Length: 2", "Content-Length: 3"),
        ("Content-Length: -1",),
        ("Content-Length: 2x",),
        ("Transfer-Encoding: gzip",),
        ("Transfer-Encoding: chunked, chunked",),
        ("X-Name : value",),
        ("X-Name: a\nb",),
    ],
)
def test_a_head_that_two_readers_could_read_differently_is_refused(
    counter: Counter, port: int, lie: tuple[str, ...]
) -> None:
    said = talk(port, post(counter, *lie) + b"{}")

    assert said[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 501"}
    assert counter.count == 0


def test_a_head_without_end_is_refused_long_before_it_ends(port: int) -> None:
    assert talk(port, b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 30_000).startswith(b"HTTP/1.1 400")


def test_who_asks_before_sending_a_body_is_told_to_go_on_only_if_it_would_be_read(counter: Counter, port: int) -> None:
    body = json.dumps(FACTS).encode()
    asking = (f"Content-Length: {len(body)}", "Expect: 100-continue")
    stranger = f"POST {API}/refunds HTTP/1.1\r\nHost: h\r\n{asking[0]}\r\n{asking[1]}\r\n\r\n".encode()

    with dial(port) as sock:
        sock.sendall(post(counter, *asking))
        assert sock.recv(100).startswith(b"HTTP/1.1 100 ")
        sock.sendall(body)
        assert told(until_closed(sock))[0] == 201
    with dial(port) as sock:
        sock.sendall(stranger)
        assert sock.recv(100).startswith(b"HTTP/1.1 401 ")


def test_of_two_keys_in_one_request_neither_is_taken(counter: Counter, port: int) -> None:
    given = f"Authorization: {counter.panel.headers['authorization']}"

    said = talk(
        port, f"GET {API}/refunds HTTP/1.1\r\nHost: h\r\n{given}\r\n{given}\r\nConnection: close\r\n\r\n".encode()
    )

    assert told(said)[1]["code"] == "unauthenticated"
