"""Webhook endpoints and deliveries by the API: a secret is shown once, and what was sent can be sent again."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from adapters.console.api.webhooks import TESTS_MAX
from adapters.memory.telling import answered
from payout.change import Change
from payout.webhooks.message import Delivery, DeliveryStatus
from tests.adapters.console.caller import Said
from tests.adapters.console.counter import API, Counter
from tests.factories import NOW

SHOP = "https://shop.example/hook"


def added(counter: Counter, **asked: Any) -> Any:
    said = counter("POST", "/webhook-endpoints", {"url": SHOP, **asked})
    assert said.status == 201, said.body
    return said.json


def failed(counter: Counter) -> Delivery:
    """The first delivery, as one that has ended without success."""
    delivery = counter.store.list_deliveries()[-1].delivery
    ended = replace(delivery, status=DeliveryStatus.FAILED, tries=9, said="no answer", ended_at=NOW)
    counter.store.report_delivery(ended)
    return ended


def test_an_endpoint_is_added_with_a_secret_that_is_shown_this_once(counter: Counter) -> None:
    made = added(counter, types=["refund.paid"])
    secret = made.pop("secret")

    assert secret.startswith("whsec_")
    assert counter("GET", f"/webhook-endpoints/{made['id']}").json == made
    assert counter("GET", "/webhook-endpoints").json == {"data": [made], "next_cursor": None}
    assert made["types"] == ["refund.paid"]
    assert made["made_by"] == "api:panel"


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"url": "http://shop.example/hook"}, "url"),
        ({"url": "https://127.0.0.1/hook"}, "url"),
        ({"url": "https://user:word@shop.example/"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": "https://shop.example/" + "x" * 3000}, "url"),
        ({"url": 7}, "url"),
        ({}, "url"),
        ({"url": SHOP, "types": ["refund.lost"]}, "types"),
        ({"url": SHOP, "types": "refund.paid"}, "types"),
        ({"url": SHOP, "types": [1]}, "types.0"),
        ({"url": SHOP, "types": ["refund.paid"] * 99}, "types"),
        ({"url": SHOP, "secret": "whsec_x"}, "secret"),
    ],
)
def test_an_endpoint_that_cannot_be_told_is_refused(counter: Counter, asked: dict[str, Any], field: str) -> None:
    said = counter("POST", "/webhook-endpoints", asked)

    assert (said.status, said.code, said.json["field"]) == (422, "invalid", field)
    assert said.json["remedy"]
    assert counter.store.endpoints() == ()


def test_there_are_only_so_many_endpoints(counter: Counter) -> None:
    for _ in range(16):
        added(counter)

    said = counter("POST", "/webhook-endpoints", {"url": SHOP})

    assert (said.status, said.code) == (422, "limit_reached")


def test_a_rotated_secret_is_another_one_and_a_stopped_endpoint_has_none(counter: Counter) -> None:
    made = added(counter)
    path = f"/webhook-endpoints/{made['id']}"

    rotated = counter("POST", f"{path}/rotate-secret").json
    stopped = counter("DELETE", path)
    after = counter("POST", f"{path}/rotate-secret")

    assert rotated["secret"] not in {made["secret"], ""}
    assert (stopped.status, stopped.json["stopped_why"]) == (200, "api:panel: deleted through the API")
    assert counter("DELETE", path).status == 200  # Twice is as once.
    assert (after.status, after.code) == (409, "wrong_status")


def test_a_test_message_is_sent_at_once_and_says_what_came_of_it(counter: Counter) -> None:
    made = added(counter)
    path = f"/webhook-endpoints/{made['id']}/test"

    taken = counter("POST", path).json
    counter.taker.answers[SHOP] = lambda _: answered(500)
    refused = counter("POST", path).json
    counter("DELETE", f"/webhook-endpoints/{made['id']}")
    stopped = counter("POST", path)

    assert (taken["taken"], taken["status"]) == (True, 200)
    assert (refused["taken"], refused["status"]) == (False, 500)
    assert [sent.told["type"] for sent in counter.taker.sent] == ["webhook.test"] * 2
    assert stopped.code == "wrong_status"


def test_endpoints_that_answer_slowly_take_only_a_few_hands_of_the_console_at_once(counter: Counter) -> None:
    """Each test holds a thread for as long as an endpoint likes: nobody may take all of them, and so the pauses too."""
    made = added(counter)
    doors = threading.Event()
    counter.taker.answers[SHOP] = lambda _: answered(200 if doors.wait(10) else 504)

    async def ask() -> Said:
        path = f"{API}/webhook-endpoints/{made['id']}/test"
        said = await counter.caller.call("POST", path, headers=counter.panel.headers)
        if said.status != 200:
            doors.set()
        return said

    said = counter.caller.gather(*(ask() for _ in range(TESTS_MAX + 1)))

    assert sorted(each.status for each in said) == [*[200] * TESTS_MAX, 503]
    assert counter("POST", f"/webhook-endpoints/{made['id']}/test").status == 200


def test_an_endpoint_whose_address_was_changed_in_the_database_is_not_called(counter: Counter) -> None:
    made = added(counter)
    row = counter.store.endpoints()[0]
    counter.store.commit(Change(endpoints=(replace(row, url="https://thief.example/", version=1),)))

    for act in ("test", "rotate-secret"):
        said = counter("POST", f"/webhook-endpoints/{made['id']}/{act}")
        assert (said.status, said.code) == (409, "wrong_status")
    assert counter.taker.sent == []


def test_deliveries_are_listed_in_pages_by_endpoint_and_by_refund(counter: Counter) -> None:
    first, second = added(counter), added(counter, types=["refund.canceled"])
    for number in range(3):
        counter.owe(f"E-{number}")
    counter("POST", "/refunds/E-1/cancel", {"why": "w"})

    def ids(query: str) -> list[str]:
        return [each["endpoint_id"] for each in counter("GET", f"/webhook-deliveries?{query}").json["data"]]

    page = counter("GET", "/webhook-deliveries?limit=3").json
    rest = counter("GET", f"/webhook-deliveries?limit=3&cursor={page['next_cursor']}").json
    every = [each["id"] for each in page["data"] + rest["data"]]
    refund = counter("GET", "/refunds/E-1").json["id"]

    assert (len(every), len(set(every)), rest["next_cursor"]) == (5, 5, None)
    assert ids(f"endpoint={second['id']}") == [second["id"]]
    assert sorted(ids(f"refund={refund}")) == sorted([first["id"], first["id"], second["id"]])
    assert all("body" not in each for each in page["data"])


def test_a_delivery_that_failed_is_sent_again_and_one_on_its_way_is_not(counter: Counter) -> None:
    added(counter)
    counter.owe()
    pending = counter.store.list_deliveries()[0].delivery
    early = counter("POST", f"/webhook-deliveries/{pending.id}/resend")
    ended = failed(counter)
    listed = [each["id"] for each in counter("GET", "/webhook-deliveries?status=FAILED").json["data"]]

    said = counter("POST", f"/webhook-deliveries/{ended.id}/resend")

    assert listed == [ended.id]
    assert counter("GET", "/webhook-deliveries?status=FAILED").json["data"] == []

    assert (early.status, early.code) == (409, "wrong_status")
    assert (said.status, said.json["status"], said.json["tries"]) == (200, "PENDING", 0)


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/webhook-endpoints/we_1", "endpoint_not_found"),
        ("DELETE", "/webhook-endpoints/we_1", "endpoint_not_found"),
        ("POST", "/webhook-endpoints/we_1/rotate-secret", "endpoint_not_found"),
        ("POST", "/webhook-endpoints/we_1/test", "endpoint_not_found"),
        ("POST", "/webhook-deliveries/d_1/resend", "delivery_not_found"),
    ],
)
def test_what_is_not_there_is_not_found(counter: Counter, method: str, path: str, code: str) -> None:
    said = counter(method, path)

    assert (said.status, said.code) == (404, code)


@pytest.mark.parametrize(("query", "field"), [("limit=0", "limit"), ("colour=red", "colour"), ("refund=", "refund")])
def test_a_parameter_that_is_wrong_is_named(counter: Counter, query: str, field: str) -> None:
    said = counter("GET", f"/webhook-deliveries?{query}")

    assert (said.status, said.json["field"]) == (422, field)
