"""The API on a socket: who calls is believed only of proxies that are named, and every part finds its address."""

from __future__ import annotations

import http.client
import json
from typing import Any

import pytest

from adapters.console.hooks import hook_app
from adapters.console.serve import server, under
from config.hooks import HookKeys
from payout.api_key import Scope
from tests.adapters.console.counter import API, Counter
from tests.adapters.console.served import served

WAIT_SECONDS = 10
KEYS = HookKeys(bytes(32))


def get(port: int, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT_SECONDS)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, json.loads(body) if body else None
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "status"),
    [
        ([], "203.0.113.9", 403),  # Nobody is believed where nobody is named.
        (["127.0.0.1/32"], "203.0.113.9", 200),
        (["127.0.0.1/32"], "198.51.100.1", 403),
        (["127.0.0.1/32"], "203.0.113.9, 198.51.100.1", 403),  # What the caller wrote in front of it is no proof.
        (["127.0.0.1/32", "198.51.100.0/24"], "203.0.113.9, 198.51.100.1", 200),
        (["10.0.0.0/8"], "203.0.113.9", 403),
        (["127.0.0.1/32"], "garbage", 403),
    ],
)
def test_only_proxies_that_are_named_say_who_calls(
    counter: Counter, proxies: list[str], forwarded: str, status: int
) -> None:
    bound = counter.key("shop", [Scope.READ], "203.0.113.0/24")

    with served(server(counter.caller.app, proxies)) as port:
        said, _ = get(port, f"{API}/refunds", {**bound.headers, "X-Forwarded-For": forwarded})

    assert said == status


def test_webhooks_and_the_api_are_found_at_one_place_and_nothing_else_is(counter: Counter) -> None:
    hooked = hook_app({}, KEYS.fits, counter.store, counter.clock)

    with served(server(under(API, counter.caller.app, hooked))) as port:
        assert get(port, f"{API}/health", {}) == (200, {"status": "ok"})
        assert get(port, f"{API}/hooks/alpha/x", {})[1]["code"] == "not_found"
        assert get(port, f"{API}x/health", {})[0] == 404
        assert get(port, f"/hooks/alpha/{KEYS.token('alpha')}", {})[0] == 405
        for path in ("/", "/docs", "/openapi.json", "/api", "/redoc"):
            assert get(port, path, {})[0] == 404
