"""A proxy that loses answers: put between the worker and wallet-rpc or monerod.

What it does to a call is decided by rules, first match first; what it did is counted, so that a
test can show that the fault it is about really happened. A login is never interfered with: the
401 that opens a digest exchange passes untouched, and digest nonces belong to a connection, so each
client connection has one connection to the server behind it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import threading
from collections import Counter
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from urllib.parse import urlsplit

from deploy.sandbox.serving import JsonHandler, Serving

UPSTREAM_SECONDS = 300.0
HTML_HEADERS = [("Content-Type", "text/html")]
HTML_PAGE = b"<html><body><h1>Bad gateway</h1></body></html>"


class Fault(Enum):
    """What may happen to a call."""

    SWALLOW = "swallow"  # Done by the server; the connection closes without an answer.
    HANG = "hang"  # Done by the server; silence for some seconds, then closed.
    LATE = "late"  # Done by the server; the answer comes after some seconds.
    TRUNCATE = "truncate"  # Done by the server; half of the body arrives.
    ERROR_AFTER = "error_after"  # Done by the server; the client reads HTTP 500.
    TWICE = "twice"  # Done by the server twice; the second answer arrives.
    DROP = "drop"  # Never reaches the server; the connection closes.
    DELAY = "delay"  # Reaches the server after some seconds, then all is well.
    HTML = "html"  # Never reaches the server; the client reads HTTP 200 and a web page.
    ERROR_500 = "error_500"  # Never reaches the server; the client reads HTTP 500.


@dataclass(slots=True, kw_only=True)
class Rule:
    """One fault for one method (None: every method), at most `times` times, by `chance`."""

    fault: Fault
    method: str | None
    times: int | None
    chance: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer of the server behind."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(slots=True)
class _Plan:
    """The rules, the dice and the count; shared by all connections."""

    dice: random.Random
    rules: list[Rule] = field(default_factory=list)
    seen: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)

    def choose(self, method: str) -> Rule | None:
        """The rule for this call, used up by one; the call is counted either way."""
        with self.lock:
            rule = next((rule for rule in self.rules if self._fires(rule, method)), None)
            if rule is not None and rule.times is not None:
                rule.times -= 1
            self.seen.append((method, rule.fault.value if rule else "pass"))
            return rule

    def give_back(self, rule: Rule) -> None:
        """The call that took this rule was not done after all."""
        with self.lock:
            if rule.times is not None:
                rule.times += 1

    def _fires(self, rule: Rule, method: str) -> bool:
        if rule.method not in {None, method} or rule.times == 0:
            return False
        return rule.chance >= 1 or self.dice.random() < rule.chance


class LossyProxy(Serving):
    """A proxy for one server. `login` says whether that server asks for a digest login.

    It is a thread of this process; use it as a context manager or call `stop`.
    """

    def __init__(self, upstream: str, *, login: bool = True, seed: int = 0) -> None:
        self._plan = _Plan(random.Random(seed))
        address = urlsplit(upstream)
        if address.hostname is None or address.port is None:
            raise ValueError(f"{upstream} is not of the form http://host:port")
        plan, host, port = self._plan, address.hostname, address.port

        class Handler(_Handler):
            def setup(self) -> None:
                super().setup()
                self.plan, self.login = plan, login
                self.behind = http.client.HTTPConnection(host, port, timeout=UPSTREAM_SECONDS)

        super().__init__(Handler)

    @property
    def seen(self) -> list[tuple[str, str]]:
        """Every call in order: its method and what was done to it ("pass" or a fault's value)."""
        with self._plan.lock:
            return list(self._plan.seen)

    @property
    def counts(self) -> Counter[tuple[str, str]]:
        return Counter(self.seen)

    def rule(
        self,
        fault: Fault,
        method: str | None = None,
        *,
        times: int | None = None,
        chance: float = 1.0,
        seconds: float = 5.0,
    ) -> None:
        """Add a rule. `method` is a JSON-RPC method, or another endpoint's path ("pop_blocks").

        `seconds` is how long HANG, LATE and DELAY last.
        """
        added = Rule(fault=fault, method=method, times=times, chance=chance, seconds=seconds)
        with self._plan.lock:
            self._plan.rules.append(added)

    def clear(self) -> None:
        """Forget all rules; calls pass from now on."""
        with self._plan.lock:
            self._plan.rules.clear()

    def stop(self) -> None:
        self._plan.stopping.set()
        super().stop()


class _Handler(JsonHandler):
    """One client connection and the one connection behind it."""

    plan: _Plan
    login: bool
    behind: http.client.HTTPConnection

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        # Before the client has logged in nothing can be done by the server, so nothing is lost.
        logging_in = self.login and "Authorization" not in self.headers
        rule = None if logging_in else self.plan.choose(_method(self.path, body))
        try:
            self._serve(body, rule)
        except (OSError, http.client.HTTPException):
            # The server behind is away, or the client hung up: the client sees a closed connection.
            self.close_connection = True

    def do_GET(self) -> None:
        self.do_POST()

    def finish(self) -> None:
        self.behind.close()
        with contextlib.suppress(OSError):
            super().finish()

    def _serve(self, body: bytes, rule: Rule | None) -> None:
        match rule:
            case None:
                self._answer(self._forward(body))
            case Rule(fault=Fault.DROP):
                self.close_connection = True
            case Rule(fault=Fault.HTML):
                self._answer(Reply(200, HTML_HEADERS, HTML_PAGE))
            case Rule(fault=Fault.ERROR_500):
                self._answer(Reply(500, HTML_HEADERS, HTML_PAGE))
            case _:
                self._serve_badly(body, rule)

    def _serve_badly(self, body: bytes, rule: Rule) -> None:
        """Let the server do it, and then spoil the answer."""
        if rule.fault is Fault.DELAY:
            self.plan.stopping.wait(rule.seconds)
        reply = self._forward(body)
        if reply.status == HTTPStatus.UNAUTHORIZED:
            # A stale nonce: nothing was done yet, and the client will ask again.
            self.plan.give_back(rule)
            self._answer(reply)
            return
        if rule.fault is Fault.TWICE:
            reply = self._forward(body)
        if rule.fault in {Fault.HANG, Fault.LATE}:
            self.plan.stopping.wait(rule.seconds)
        if rule.fault in {Fault.SWALLOW, Fault.HANG}:
            self.close_connection = True
        elif rule.fault is Fault.ERROR_AFTER:
            self._answer(Reply(500, HTML_HEADERS, HTML_PAGE))
        else:
            self._answer(reply, half=rule.fault is Fault.TRUNCATE)

    def _forward(self, body: bytes) -> Reply:
        passed = {
            name: value
            for name, value in self.headers.items()
            if name.lower() not in {"host", "connection", "accept-encoding"}
        }
        self.behind.request(self.command, self.path, body, passed)
        reply = self.behind.getresponse()
        return Reply(reply.status, reply.getheaders(), reply.read())

    def _answer(self, reply: Reply, *, half: bool = False) -> None:
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            if name.lower() not in {"content-length", "connection", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if half else reply.body)
        self.wfile.flush()
        self.close_connection = self.close_connection or half


def _method(path: str, body: bytes) -> str:
    """The JSON-RPC method where there is one, else the path: get_transactions, pop_blocks..."""
    if path.strip("/") == "json_rpc":
        with contextlib.suppress(ValueError, TypeError, KeyError):
            return str(json.loads(body)["method"])
    return path.strip("/").partition("?")[0]
