"""The door to HTTP: which of three things happened, and how little a hostile server can do."""

from __future__ import annotations

import socket
import threading
from decimal import Decimal

import pytest

from adapters.http import (
    HttpClient,
    HttpFailed,
    NotSent,
    Refused,
    Timeouts,
    Unknown,
    retry_read,
)
from tests.adapters.raw_server import Behaviour, RawServer, answering, closing, dribbling

PATIENT = Timeouts(connect=20, read=20, total=20)
HASTY = Timeouts(connect=20, read=0.3, total=20)
SHORT = Timeouts(connect=20, read=20, total=1)


def client(server: RawServer, timeouts: Timeouts = PATIENT) -> HttpClient:
    return HttpClient(server.url + "/base-secret", name="feed", timeouts=timeouts)


def failure(behave: Behaviour, timeouts: Timeouts = PATIENT) -> HttpFailed:
    """What a POST to such a server raises, after checking that it was sent once."""
    with RawServer(behave) as server:
        with pytest.raises(HttpFailed) as raised:
            client(server, timeouts).post_json("/pay", {"amount": 1})
        assert len(server.requests) == 1
    return raised.value


def test_numbers_arrive_exact() -> None:
    body = b'{"price": 331.10, "units": 18446744073709551616, "small": 1E-7}'
    with RawServer(answering("200 OK", body)) as server:
        answer = client(server).get_json("/price", params={"ids": "monero"})

    assert answer == {
        "price": Decimal("331.10"),
        "units": 18446744073709551616,
        "small": Decimal("0.0000001"),
    }
    assert isinstance(answer["price"], Decimal)
    assert server.requests[0].startswith(b"GET /base-secret/price?ids=monero HTTP/1.1")


@pytest.mark.parametrize("status", ["400 Bad", "404 Not Found", "422 Unprocessable"])
def test_a_definite_no_is_refused(status: str) -> None:
    error = failure(answering(status, b'{"error": "no such coin"}'))

    assert type(error) is Refused
    assert error.body == {"error": "no such coin"}
    assert "no such coin" in str(error)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "429 Too Many"])
def test_being_turned_away_at_the_door_is_not_sent(status: str) -> None:
    assert type(failure(answering(status, b"{}"))) is NotSent


@pytest.mark.parametrize("status", ["500 Oops", "502 Bad", "503 Busy", "408 Timeout", "409 Conflict", "301 Moved"])
def test_any_other_status_is_unknown(status: str) -> None:
    assert type(failure(answering(status, b"{}"))) is Unknown


@pytest.mark.parametrize(
    "behave",
    [
        closing(),
        closing(b"HTTP/1.1 200 OK\r\nContent-Le"),
        closing(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
        closing(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{"),
        closing(b"SSH-2.0-OpenSSH\r\n\r\n"),
        answering("200 OK", b"<html>fine</html>"),
        answering("200 OK", b'{"p": NaN}'),
        answering("200 OK", b"\x1f\x8bnot gzip", "Content-Encoding: gzip"),
    ],
)
def test_an_answer_that_is_lost_or_broken_is_unknown(behave: Behaviour) -> None:
    assert type(failure(behave)) is Unknown


def silent(_: socket.socket, server: RawServer) -> None:
    server.stopping.wait(30)


def test_a_silent_server_is_unknown() -> None:
    error = failure(silent, HASTY)

    assert type(error) is Unknown
    assert "silent for 0.3 s" in str(error)


@pytest.mark.parametrize(
    "behave",
    [
        dribbling(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
        dribbling(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", b" "),
        dribbling(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{}", b" "),
    ],
)
def test_a_server_that_dribbles_is_cut_off_at_the_deadline(behave: Behaviour) -> None:
    error = failure(behave, SHORT)

    assert type(error) is Unknown
    assert "no whole answer within 1 s" in str(error)


def test_an_endless_body_is_cut_off_at_its_limit() -> None:
    with RawServer(answering("200 OK", b" " * 5000)) as server:
        small = HttpClient(server.url, name="feed", body_bytes_max=4096)
        with pytest.raises(Unknown, match="over 4096 bytes"):
            small.get_json("/x")


def test_a_port_where_nobody_listens_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(NotSent, match="could not connect"):
        HttpClient(f"http://127.0.0.1:{port}", name="feed").post_json("/x", {})


@pytest.mark.parametrize("host", ["a" * 70, "bad_%zz", "[::1"])
def test_a_malformed_address_is_found_before_anything_is_sent(host: str) -> None:
    with pytest.raises((NotSent, ValueError)):
        HttpClient(f"http://{host}:1", name="feed").post_json("/x", {})


@pytest.mark.parametrize("url", ["ftp://x", "//x", "http://", "http://me:pw@x", "http://x?key=1", "http://x#f"])
def test_an_address_with_a_secret_or_without_sense_is_refused_unseen(url: str) -> None:
    with pytest.raises(ValueError, match="address of feed") as refused:
        HttpClient(url, name="feed")

    assert "pw" not in str(refused.value)
    assert "key" not in str(refused.value)


def test_a_redirect_is_never_followed() -> None:
    with RawServer(answering("200 OK", b'{"stolen": true}')) as elsewhere:
        error = failure(answering("302 Found", b"", f"Location: {elsewhere.url}/x"))

    assert "redirect" in str(error)
    assert elsewhere.requests == []


def test_secrets_of_address_and_header_are_in_no_error() -> None:
    with RawServer(closing()) as server:
        address, headers = server.url + "/v3/path-c4nary-secret", {"x-key": "header-c4nary-secret"}
        secret = HttpClient(address, name="feed", headers=headers)
        with pytest.raises(HttpFailed) as raised:
            secret.get_json("/price", params={"k": "query-c4nary-secret"})

    error: BaseException | None = raised.value
    assert str(error) == "feed /price: the connection broke before the answer was whole"
    assert error is not None
    assert error.__cause__ is None
    assert error.__suppress_context__
    assert "secret" not in repr(secret)


def test_an_error_text_from_outside_is_cut_and_escaped() -> None:
    error = failure(answering("400 Bad", b'{"e": "\\u001b[31m' + b"x" * 5000 + b'"}'))

    assert len(str(error)) < 300
    assert str(error).isprintable()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("999999", 3600), ("Wed, 21 Oct 2026 07:28:00 GMT", 60), ("-5", 60)],
)
def test_retry_after_is_told_and_limited(header: str, seconds: int) -> None:
    error = failure(answering("429 Slow", b"{}", f"Retry-After: {header}"))

    assert error.retry_after_seconds == seconds


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(answering("200 OK", b"{}")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        with RawServer(answering("200 OK", b"[]")) as server:
            assert client(server).get_json("/x") == []

    assert proxy.requests == []


def test_without_keep_alive_each_call_has_its_own_connection() -> None:
    ports = set()

    def behave(connection: socket.socket, server: RawServer) -> None:
        ports.add(connection.getpeername()[1])
        answering("200 OK", b"{}", "Connection: close")(connection, server)
        connection.shutdown(socket.SHUT_RDWR)

    with RawServer(behave) as server:
        fresh = HttpClient(server.url, name="feed", keep_alive=False)
        fresh.post_json("/x", {})
        fresh.post_json("/x", {})

    assert len(ports) == 2
    assert b"Connection: close" in server.requests[0]


@pytest.mark.parametrize(
    ("failures", "calls"),
    [
        ([NotSent("down"), Unknown("broke")], 3),
        ([Unknown("500", status=500)], 2),
        ([Refused("no", status=404)], 1),
        ([NotSent("429", status=429)], 1),
        ([Unknown("503", status=503, retry_after_seconds=30)], 1),
        ([Unknown("a"), Unknown("b"), Unknown("c"), Unknown("d")], 3),
    ],
)
def test_only_reads_whose_failure_may_pass_are_repeated(failures: list[HttpFailed], calls: int) -> None:
    made = []
    left = list(failures)

    def call() -> str:
        made.append(1)
        if left:
            raise left.pop(0)
        return "fine"

    try:
        result = retry_read(call, 3, sleep=lambda _: None)
    except HttpFailed:
        result = "failed"

    assert len(made) == calls
    assert result == ("fine" if len(failures) < calls else "failed")


def test_a_get_is_repeated_on_a_real_connection_and_a_post_never() -> None:
    with RawServer(closing()) as server:
        with pytest.raises(Unknown):
            client(server).get_json("/x", attempts=3)
        assert len(server.requests) == 3
        with pytest.raises(Unknown):
            client(server).post_json("/x", {})
        assert len(server.requests) == 4


def test_the_deadline_of_one_thread_does_not_end_the_call_of_another() -> None:
    results: list[object] = []
    cut = threading.Event()

    def slow(connection: socket.socket, server: RawServer) -> None:
        cut.wait(20)
        answering("200 OK", b"[1]")(connection, server)

    with RawServer(slow) as server:
        shared = client(server)

        def hurried() -> None:
            with pytest.raises(Unknown):
                shared.get_json("/a", timeouts=HASTY)
            results.append("cut")
            cut.set()

        thread = threading.Thread(target=hurried)
        thread.start()
        results.append(shared.get_json("/b"))
        thread.join()

    assert results == ["cut", [1]]
