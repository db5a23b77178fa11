"""The sender of webhooks against real servers: what it sends, and how little a hostile one can do."""

from __future__ import annotations

import logging
import socket
import threading
from pathlib import Path

import pytest

from adapters.webhooks.resolver import Resolver
from adapters.webhooks.sender import WebhookSender
from payout.ports.webhooks import Answer
from payout.webhooks.addresses import Allowed
from tests.adapters.raw_server import Behaviour, RawServer, answering, closing, dribbling
from tests.adapters.webhooks.authority import TlsServer, certified, trusting
from tests.adapters.webhooks.watched import Watched
from tests.contracts.sender import SenderContract

SECRET = "whsec_c4nary"


def sent(behave: Behaviour, *, seconds: float = 5.0, path: str = "/hook") -> Answer:
    """What comes of one POST to such a server, after checking that it was sent once."""
    with RawServer(behave) as server:
        answer = Watched(allow=["127.0.0.0/8"], seconds=seconds).post(server.url + path, {"webhook-id": "msg_1"})
        assert len(server.requests) == 1
    return answer


class TestWebhookSender(SenderContract):
    def answer_of(self, status: int) -> Answer:
        return sent(answering(f"{status} So", b""))


def test_the_message_arrives_whole_with_its_headers() -> None:
    body = '{"words": "é"}'.encode()
    with RawServer(answering("204 No Content", b"")) as server:
        url = server.url
        answer = Watched(allow=["127.0.0.0/8"]).post(f"{url}/a/b?c=d", {"webhook-id": "msg_1"}, body)

    assert answer == Answer(status=204, words="answered 204")
    head, _, got = server.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /a/b?c=d HTTP/1.1"
    host = url.removeprefix("http://")
    assert {f"Host: {host}", "webhook-id: msg_1", "Content-Type: application/json"} <= set(lines)
    assert {"User-Agent: payout-worker", "Connection: close"} <= set(lines)
    assert got == body


def test_it_says_after_how_long_to_come_again() -> None:
    assert sent(answering("503 Busy", b"", "Retry-After: 120")).retry_after_seconds == 120
    assert sent(answering("503 Busy", b"", "Retry-After: Sun, 22 Nov 2026 12:00:00 GMT")).retry_after_seconds is None
    assert sent(answering("503 Busy", b"", "Retry-After: -1")).retry_after_seconds is None
    assert sent(answering("503 Busy", b"", "Retry-After: 999999999999999999")).retry_after_seconds is None


@pytest.mark.parametrize(
    "behave",
    [
        closing(),
        closing(b"\x00\xff\xfe garbage \r\n\r\n"),
        closing(b"SSH-2.0-OpenSSH_9.2\r\n"),
        closing(b"HTTP/1.1 banana\r\n\r\n"),
        closing(b"HTTP/1.1 99999 Too much\r\n\r\n"),
        closing(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n"),
        closing(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"),
        closing(b"HTTP/1.1 " + b"2" * 70_000),
    ],
    ids=["nothing", "bytes", "ssh", "no-status", "absurd-status", "many-headers", "long-header", "long-status"],
)
def test_what_is_not_http_is_not_taken(behave: Behaviour) -> None:
    assert sent(behave).words == "the connection broke, or its answer was not HTTP"


@pytest.mark.parametrize(
    "behave",
    [
        dribbling(b"", b"H"),
        dribbling(b"HTTP/1.1 200 OK\r\n", b"X"),
        dribbling(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        dribbling(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status", "one-header", "headers", "continues"],
)
def test_a_server_that_answers_drop_by_drop_is_cut_off_in_time(behave: Behaviour) -> None:
    assert sent(behave, seconds=0.2).words == "no answer within 0.2 s"


def test_a_server_that_never_answers_is_cut_off_in_time() -> None:
    def hanging(_: socket.socket, server: RawServer) -> None:
        server.stopping.wait(20)

    assert sent(hanging, seconds=0.3).words == "no answer within 0.3 s"


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    written = 0

    def endless(connection: socket.socket, _: RawServer) -> None:
        nonlocal written
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while written < 1_000_000_000:
            connection.sendall(b"fff\r\n" + b"x" * 4095 + b"\r\n")
            written += 4102

    assert sent(endless, seconds=20).taken
    assert written < 1_000_000_000  # It was hung up on: what its buffers took is all that it got rid of.


def test_a_taken_message_is_taken_though_the_answer_breaks_off() -> None:
    assert sent(closing(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhal")).taken
    assert sent(dribbling(b"HTTP/1.1 202 Accepted\r\nContent-Length: 10000\r\n\r\n", b"x"), seconds=0.2).taken


def test_a_silent_tls_server_is_cut_off_in_time(tmp_path: Path) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        watched = Watched({"shop.test": [["127.0.0.1"]]}, allow=["127.0.0.0/8"], seconds=0.3)
        answer = watched.post(f"https://shop.test:{listener.getsockname()[1]}/")
    assert answer.words == "no answer within 0.3 s"


def test_nobody_at_home_is_said_so() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    assert Watched(allow=["127.0.0.0/8"]).post(f"http://127.0.0.1:{port}/").words == "could not connect"


def test_a_name_that_takes_too_long_to_resolve_is_given_up() -> None:
    asked = threading.Event()

    def slow(_host: str, _port: int) -> list[str]:
        asked.wait(20)
        return []

    sender = WebhookSender(Allowed(), timeout_seconds=0.2, resolver=Resolver(slow))
    answer = sender.post("https://shop.example/", {}, b"{}")
    asked.set()
    assert answer.words == "the name shop.example could not be resolved in time"


def test_the_name_goes_into_the_handshake_and_the_certificate_is_checked_for_it(tmp_path: Path) -> None:
    file = certified(tmp_path, "shop.test")
    with TlsServer(file) as server:
        names = {"shop.test": [["127.0.0.1"]], "other.test": [["127.0.0.1"]]}
        trusted = Watched(names, allow=["127.0.0.0/8"], trust=trusting(file))
        strange = Watched(names, allow=["127.0.0.0/8"])

        assert trusted.post(f"https://shop.test:{server.port}/hook").taken
        assert server.names == ["shop.test"]
        assert f"Host: shop.test:{server.port}\r\n".encode() in server.requests[0]

        untrusted = "its TLS certificate is not trusted, or is for another name"
        assert trusted.post(f"https://other.test:{server.port}/hook").words == untrusted
        assert trusted.post(f"https://127.0.0.1:{server.port}/hook").words == untrusted
        assert strange.post(f"https://shop.test:{server.port}/hook").words == untrusted
        assert len(server.requests) == 1


def test_a_certificate_for_an_address_fits_that_address(tmp_path: Path) -> None:
    file = certified(tmp_path, "127.0.0.1")
    with TlsServer(file) as server:
        assert Watched(allow=["127.0.0.0/8"], trust=trusting(file)).post(f"https://127.0.0.1:{server.port}/").taken


def test_a_server_that_speaks_no_tls_is_said_so() -> None:
    with RawServer(answering("200 OK", b"")) as server:
        watched = Watched({"shop.test": [["127.0.0.1"]]}, allow=["127.0.0.0/8"], seconds=1)
        answer = watched.post(server.url.replace("http://127.0.0.1", "https://shop.test"))
        assert not answer.taken


def test_nothing_secret_is_logged_or_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    path = "/hooks/T0KEN-in-the-path"
    says = f"HTTP/1.1 500 {SECRET}\r\nX-Echo: {SECRET}\r\n broken\r\n\r\n".encode()
    words = [
        sent(closing(says), path=path).words,
        sent(closing(SECRET.encode()), path=path).words,
        Watched().post(f"https://10.0.0.1{path}").words,
        Watched().post(f"https://user:{SECRET}@shop.example{path}").words,
    ]
    everything = " ".join([*words, *(record.getMessage() for record in caplog.records), caplog.text])
    assert SECRET not in everything
    assert "T0KEN" not in everything
