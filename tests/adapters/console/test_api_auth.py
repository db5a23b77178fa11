"""Who may call what: every route with every kind of key, made from the list of routes that are served."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.console.api import ApiLimits, routes_of
from adapters.console.api.auth import ROW_SECONDS
from payout.api_key import KeyDigests, Scope, read_networks, read_text
from payout.change import Change
from payout.errors import BadInput
from tests.adapters.console.counter import API, EVERY, OTHER, Counter, Known
from tests.factories import ADDRESS

FREE = None
"""Takes no key."""

WHO_MAY: dict[tuple[str, str], Scope | None] = {
    ("POST", "/refunds"): Scope.WRITE,
    ("GET", "/refunds"): Scope.READ,
    ("GET", "/refunds/{key}"): Scope.READ,
    ("POST", "/refunds/{key}/amend"): Scope.WRITE,
    ("POST", "/refunds/{key}/cancel"): Scope.WRITE,
    ("POST", "/quotes"): Scope.READ,
    ("POST", "/webhook-endpoints"): Scope.WEBHOOKS,
    ("GET", "/webhook-endpoints"): Scope.WEBHOOKS,
    ("GET", "/webhook-endpoints/{endpoint_id}"): Scope.WEBHOOKS,
    ("DELETE", "/webhook-endpoints/{endpoint_id}"): Scope.WEBHOOKS,
    ("POST", "/webhook-endpoints/{endpoint_id}/rotate-secret"): Scope.WEBHOOKS,
    ("POST", "/webhook-endpoints/{endpoint_id}/test"): Scope.WEBHOOKS,
    ("GET", "/webhook-deliveries"): Scope.WEBHOOKS,
    ("POST", "/webhook-deliveries/{delivery_id}/resend"): Scope.WEBHOOKS,
    ("GET", "/pauses"): Scope.ADMIN,
    ("PUT", "/pauses/{scope}"): Scope.ADMIN,
    ("DELETE", "/pauses/{scope}"): Scope.ADMIN,
    ("GET", "/health"): FREE,
    ("GET", "/openapi.json"): FREE,
}
"""The table that the documents print. A route that is not in it may not be served."""

BODIES: dict[str, Any] = {
    "/refunds": {"external_id": "E-9", "usd": "25.00", "asset": "XMR", "destination": ADDRESS},
    "/refunds/{key}/amend": {"destination": OTHER, "why": "w", "revision": 1},
    "/refunds/{key}/cancel": {"why": "w"},
    "/quotes": {"usd": "25.00", "asset": "XMR"},
    "/webhook-endpoints": {"url": "https://shop.example/hook"},
    "/pauses/{scope}": {"why": "w"},
}
ROWS = [pytest.param(*row, scope, id=f"{row[0]} {row[1]}") for row, scope in WHO_MAY.items()]


@pytest.fixture(scope="module")
def shop() -> Iterator[Counter]:
    """One for all rows: what they do to it does not matter here."""
    made = Counter(limits=ApiLimits(per_minute=10_000, strangers_per_minute=10_000))
    made.owe()
    yield made
    made.close()


@pytest.fixture(scope="module")
def keys(shop: Counter) -> dict[str, Known]:
    """One of each scope, with what nobody may use."""
    made = {str(scope): shop.key(f"only-{scope}".replace(":", "-"), [scope]) for scope in Scope}
    made["without a scope"] = shop.key("no-scope", [])
    made["of elsewhere"] = shop.key("elsewhere", EVERY, "198.51.100.0/24")
    made["revoked"] = shop.key("gone", EVERY)
    shop.keys.revoke("gone", "alice", "leaked")
    return made


def ask(shop: Counter, method: str, path: str, headers: dict[str, str]) -> tuple[int, str | None]:
    filled = path.format(key="E-1", endpoint_id="we_1", delivery_id="d_1", scope="all")
    body = BODIES.get(path) if method in {"POST", "PUT"} else None
    said = shop.caller(method, API + filled, body, headers=headers)
    return said.status, said.json.get("code") if said.status >= 400 else None


def test_every_route_that_is_served_stands_in_the_table_and_no_other(shop: Counter) -> None:
    served = {
        (method, route.path.removeprefix(API)): route.scope
        for route in routes_of(shop.caller.app)
        for method in route.methods or ()
    }

    assert served == WHO_MAY
    assert len(shop.caller.app.routes) == len(served)  # Nothing is served beside them.


@pytest.mark.parametrize(("method", "path", "scope"), ROWS)
def test_a_route_is_open_to_its_scope_and_to_nothing_else(
    shop: Counter, keys: dict[str, Known], method: str, path: str, scope: Scope | None
) -> None:
    for name, known in keys.items():
        status, code = ask(shop, method, path, known.headers)
        if scope is FREE or name == scope:
            assert status not in {401, 403}, name
        elif name == "of elsewhere":
            assert (status, code) == (403, "address_not_allowed")
        elif name == "revoked":
            assert (status, code) == (401, "unauthenticated")
        else:
            assert (status, code) == (403, "scope_missing"), name


@pytest.mark.parametrize(("method", "path", "scope"), ROWS)
def test_without_a_valid_key_a_route_says_only_that(shop: Counter, method: str, path: str, scope: Scope | None) -> None:
    text = shop.panel.text
    wrong = [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer x"},
        {"authorization": f"Basic {text}"},
        {"authorization": f"Bearer {text[:-1]}{'0' if text[-1] != '0' else '1'}"},
        {"authorization": f"Bearer payout_{'0' * 12}_{text[-64:]}"},
        {"authorization": f"Bearer {text.upper()}"},
        {"authorization": f"Bearer {text}x"},
    ]
    for headers in wrong:
        status, code = ask(shop, method, path, headers)
        assert scope is FREE or (status, code) == (401, "unauthenticated"), headers


def test_the_caller_is_known_before_anything_else_of_a_request_is_looked_at(counter: Counter) -> None:
    said = counter.caller("POST", f"{API}/refunds", raw=b"{" * 70_000, headers={"accept": "text/html"})

    assert said.code == "unauthenticated"
    assert said.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_key_ends_at_once_and_cannot_be_brought_back_in_the_database(counter: Counter) -> None:
    other = counter.key("shop", [Scope.READ])
    assert counter("GET", "/refunds", known=other).status == 200

    ended = counter.keys.revoke("shop", "alice", "leaked")
    assert counter("GET", "/refunds", known=other).status == 401
    assert ended.digest == ""

    # Whoever has read the row before it was revoked writes it back as it was.
    counter.store.commit(Change(api_keys=(replace(other.key, version=ended.version + 1),)))
    assert counter("GET", "/refunds", known=other).status == 401


def test_a_key_that_another_hosts_command_line_revoked_ends_by_its_row_within_a_second(counter: Counter) -> None:
    other = counter.key("shop", [Scope.READ])
    assert counter("GET", "/refunds", known=other).status == 200
    counter.keys.revoke("shop", "alice", "leaked")
    counter.revoked.clear()

    counter.clock.move(seconds=ROW_SECONDS)

    assert counter("GET", "/refunds", known=other).status == 401


def test_a_key_that_is_used_all_the_time_is_read_again_all_the_same(counter: Counter) -> None:
    other = counter.key("shop", [Scope.READ])
    said = []
    for _ in range(6):
        said.append(counter("GET", "/refunds", known=other).status)
        counter.keys.revoke("shop", "alice", "leaked")
        counter.revoked.clear()
        counter.clock.move(seconds=ROW_SECONDS / 4)

    assert said == [200, 200, 200, 200, 401, 401]


def test_a_row_that_is_kept_opens_nothing_to_a_wrong_secret(counter: Counter) -> None:
    assert counter("GET", "/refunds").status == 200

    wrong = {"authorization": f"Bearer payout_{counter.panel.key.id}_{'0' * 64}"}
    assert counter.caller("GET", f"{API}/refunds", headers=wrong).status == 401


@pytest.mark.parametrize(
    "change",
    [
        {"scopes": tuple(Scope)},
        {"networks": ()},
        {"name": "panel-2"},
        {"digest": KeyDigests(b"x" * 32).of},
    ],
)
def test_a_key_whose_row_was_edited_opens_nothing(counter: Counter, change: dict[str, Any]) -> None:
    other = counter.key("shop", [Scope.READ], "203.0.113.0/24")
    if callable(change.get("digest")):
        change = {"digest": change["digest"](other.key, (read_text(other.text) or ("", ""))[1])}

    counter.store.commit(Change(api_keys=(replace(other.key, **change, version=1),)))

    assert counter("GET", "/refunds", known=other).code == "unauthenticated"


def test_a_planted_key_opens_nothing(counter: Counter) -> None:
    secret = "ab" * 32
    planted = replace(counter.panel.key, id="0123456789ab", name="planted", digest="")
    planted = replace(planted, digest=KeyDigests(bytes(32)).of(planted, secret))
    counter.store.commit(Change(api_keys=(planted,)))

    headers = {"authorization": f"Bearer payout_{planted.id}_{secret}"}
    assert counter.caller("GET", f"{API}/refunds", headers=headers).code == "unauthenticated"


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["203.0.113.0/24"], "203.0.113.9", 200),
        (["203.0.113.0/24"], "203.0.114.9", 403),
        (["203.0.113.7"], "::ffff:203.0.113.7", 200),
        (["2001:db8::/32"], "2001:db8::1", 200),
        (["2001:db8::/32"], "203.0.113.9", 403),
        (["203.0.113.0/24", "198.51.100.1"], "198.51.100.1", 200),
        (["203.0.113.0/24"], "unknown", 403),
    ],
)
def test_a_key_that_is_bound_to_networks_is_good_from_there_alone(
    counter: Counter, networks: list[str], address: str, status: int
) -> None:
    other = counter.key("shop", [Scope.READ], *networks)

    said = counter("GET", "/refunds", known=other, address=address)

    assert said.status == status


def test_the_secret_is_on_record_nowhere(counter: Counter) -> None:
    _, secret = read_text(counter.panel.text) or ("", "")
    row = counter.store.api_key(counter.panel.key.id)

    assert secret
    assert row is not None
    assert secret not in repr(row) + row.digest
    assert all(secret not in event.words for event in counter.store.events())
    assert "digest" not in repr(row)


def test_a_name_is_given_to_one_key_at_a_time(counter: Counter) -> None:
    with pytest.raises(BadInput, match="panel is the name of a key in use"):
        counter.key("panel", EVERY)
    counter.keys.revoke("panel", "alice", "leaked")

    assert counter.key("panel", EVERY).key.actor == "api:panel"
    assert counter.keys.revoke("panel", "alice", "again").id != counter.panel.key.id


@pytest.mark.parametrize("name", ["", "Panel", "a b", "a" * 33, "-a", "api:x", "\u00e4"])
def test_a_name_that_the_history_could_not_tell_is_refused(counter: Counter, name: str) -> None:
    with pytest.raises(BadInput, match="cannot name a key"):
        counter.key(name, EVERY)


@pytest.mark.parametrize("text", ["203.0.113.7/24", "example.com", "", "203.0.113.0/33", "2001:db8::/129"])
def test_a_network_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=r"from: .* is no network"):
        read_networks([text])


def test_more_networks_than_anybody_could_look_over_are_refused() -> None:
    with pytest.raises(BadInput, match="too many"):
        read_networks(["10.0.0.1"] * 17)
