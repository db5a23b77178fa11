"""JSON-RPC over our client: a node's refusal is told from an answer that is none."""

from __future__ import annotations

import pytest

from adapters.http import HttpClient, HttpFailed, Unknown
from adapters.http.json_rpc import JsonRpc, RpcSaid
from tests.adapters.raw_server import RawServer, answering


def call(status: str, body: bytes) -> object:
    with RawServer(answering(status, body)) as server:
        return JsonRpc(HttpClient(server.url, name="node")).call("ask", 1, "two")


def test_parameters_go_by_position_and_the_result_comes_back() -> None:
    with RawServer(answering("200 OK", b'{"result": [1, 2], "error": null}')) as server:
        assert JsonRpc(HttpClient(server.url, name="node"), version="1.0").call("ask", 1, "two") == [1, 2]

    sent = server.requests[0]
    assert b'"method": "ask"' in sent
    assert b'"params": [1, "two"]' in sent
    assert b'"jsonrpc": "1.0"' in sent


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "500 Internal Server Error"])
def test_an_error_object_is_the_nodes_refusal_whatever_the_status(status: str) -> None:
    with pytest.raises(RpcSaid, match="ask answered -5: not here") as said:
        call(status, b'{"result": null, "error": {"code": -5, "message": "not here"}}')
    assert said.value.code == -5


@pytest.mark.parametrize("error", [b'"no"', b"7", b'{"message": "x"}', b'{"code": "x", "message": null}'])
def test_an_error_of_another_shape_is_a_refusal_too(error: bytes) -> None:
    with pytest.raises(RpcSaid):
        call("200 OK", b'{"error": ' + error + b"}")


def test_a_null_result_is_a_result() -> None:
    assert call("200 OK", b'{"result": null}') is None


@pytest.mark.parametrize("body", [b"[]", b"{}", b"7", b'"text"'])
def test_an_answer_that_is_neither_is_unknown(body: bytes) -> None:
    with pytest.raises(Unknown):
        call("200 OK", body)


def test_a_status_without_an_error_object_stays_what_it_was() -> None:
    with pytest.raises(HttpFailed, match="503"):
        call("503 Busy", b'{"status": "busy"}')
