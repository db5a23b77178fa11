"""What servers, proxies and wires do to any answer, whatever it says."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace

from tests.adapters.processors.mutations.tampering import Wire

Mutation = Callable[[Wire], Wire]

PAGE = b"<!DOCTYPE html><html><title>Just a moment...</title></html>"
HUGE = 17_000_000


def answer(status: str, body: bytes, *headers: str) -> Mutation:
    return lambda wire: replace(wire, status=status, body=body, headers=headers or wire.headers)


def around(before: bytes, after: bytes) -> Mutation:
    return lambda wire: replace(wire, body=before + wire.body + after)


ELSEWHERE = "Location: http://127.0.0.1:9/elsewhere"

LOST: dict[str, Mutation] = {
    "web page": answer("200 OK", PAGE, "Content-Type: text/html"),
    "web page as json": answer("200 OK", PAGE),
    "empty": answer("200 OK", b""),
    "no content": answer("204 No Content", b""),
    "cut with its length": lambda wire: replace(wire, sent=len(wire.body) // 2),
    "cut without its length": lambda wire: replace(wire, body=wire.body[: len(wire.body) // 2], length=False),
    "last byte missing": lambda wire: replace(wire, body=wire.body[:-1], length=False),
    "nothing at all": lambda wire: replace(wire, sent=0),
    "silent": lambda wire: replace(wire, silent=True),
    "dribbling": lambda wire: replace(wire, body=wire.body[:5], length=False, dribble=True),
    "whole, then dribbling": lambda wire: replace(wire, length=False, dribble=True),
    "redirect": answer("302 Found", b"", ELSEWHERE),
    "redirect that keeps the method": answer("307 Temporary Redirect", b"{}", ELSEWHERE),
    "redirect with the answer": lambda wire: replace(wire, status="301 Moved", headers=(ELSEWHERE,)),
    "choices": lambda wire: replace(wire, status="300 Multiple Choices"),
    "page with 404": answer("404 Not Found", PAGE, "Content-Type: text/html"),
    "page with 400": answer("400 Bad Request", PAGE, "Content-Type: text/html"),
    "conflict": answer("409 Conflict", b'{"error":"conflict"}'),
    "request timeout": answer("408 Request Timeout", b'{"error":"timeout"}'),
    "500": answer("500 Internal Server Error", PAGE),
    "500 with the answer": lambda wire: replace(wire, status="500 Internal Server Error"),
    "502": answer("502 Bad Gateway", PAGE),
    "503 for a while": answer("503 Service Unavailable", b"{}"),
    "504 with an error": answer("504 Gateway Timeout", b'{"error":"gateway timeout"}'),
    "huge": lambda wire: replace(wire, body=b" " * HUGE + wire.body),
    "not unicode": lambda wire: replace(wire, body=wire.body.replace(b'"', b"\xff", 1)),
    "garbage after it": around(b"", b"}"),
    "twice": lambda wire: replace(wire, body=wire.body + wire.body),
    "absurdly nested": around(b"[" * 5000, b"]" * 5000),
    "absurd number": around(b'{"n":' + b"9" * 5000 + b',"a":', b"}"),
    "claims to be packed": lambda wire: replace(wire, headers=("Content-Encoding: gzip",)),
    "null": answer("200 OK", b"null"),
    "true": answer("200 OK", b"true"),
    "a number": answer("200 OK", b"0"),
    "a text": answer("200 OK", b'"ok"'),
    "an empty object": answer("200 OK", b"{}"),
    "an empty list": answer("200 OK", b"[]"),
    "in a list of two": lambda wire: replace(wire, body=b"[" + wire.body + b"," + wire.body + b"]"),
    "in another object": around(b'{"result":', b"}"),
    "NaN": answer("200 OK", b"NaN"),
    "a stranger's words": answer("200 OK", b'{"ok":1,"data":[[]]}'),
}
"""After these nobody knows what was done."""

NO: dict[str, Mutation] = {
    "401": answer("401 Unauthorized", b'{"error":"unauthorized","message":"bad key"}'),
    "403": answer("403 Forbidden", b'{"error":"forbidden"}'),
    "403 with a page": answer("403 Forbidden", PAGE, "Content-Type: text/html"),
    "404": answer("404 Not Found", b'{"error":"not_found","message":"not found"}'),
    "429": answer("429 Too Many Requests", b'{"error":"too_many_requests"}'),
    "422": answer("422 Unprocessable Entity", b'{"error":"unprocessable","errors":{"amount":"wrong"}}'),
    "error with 200": answer("200 OK", b'{"error":"internal","message":"something went wrong"}'),
    "error with 400": answer("400 Bad Request", b'{"error":"bad_request","message":"no"}'),
}
"""These say that nothing was done."""

HARMLESS: dict[str, Mutation] = {
    "as it is": lambda wire: wire,
    "another content type": lambda wire: replace(wire, headers=("Content-Type: text/html",)),
    "no content type": lambda wire: replace(wire, headers=("X-Nothing: at all",)),
    "spaces around it": around(b" \n\t", b"\r\n "),
    "a new field": lambda wire: replace(wire, body=wire.body.replace(b"{", b'{"new":[1,{"x":null}],', 1)),
    "packed": lambda wire: replace(wire, body=gzip.compress(wire.body), headers=("Content-Encoding: gzip",)),
    "without its length": lambda wire: replace(wire, length=False),
}
"""The answer is as good as it was."""
