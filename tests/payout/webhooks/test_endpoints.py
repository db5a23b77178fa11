"""What people and programs may do to endpoints, and what is refused with a reason."""

from __future__ import annotations

import pytest

from adapters.memory.telling import answered
from payout.errors import BadInput, IllegalTransition, LimitReached
from payout.webhooks.addresses import Allowed
from payout.webhooks.endpoints import ENDPOINTS_MAX
from payout.webhooks.json import delivery_json, endpoint_json
from payout.webhooks.message import DeliveryStatus, MessageType
from payout.webhooks.urls import Target, read_url
from tests.payout.webhooks.telling import OTHER, SHOP, Post


def test_an_endpoint_is_on_record_without_its_secret() -> None:
    post = Post()
    made = post.acts.create(SHOP, ["refund.paid", "refund.paid"], "alice")
    assert post.store.endpoints() == (made.endpoint,)
    assert made.endpoint.types == (MessageType.PAID,)
    shown = endpoint_json(made.endpoint)
    assert (shown["id"], shown["url"], shown["types"], shown["made_by"]) == (
        made.endpoint.id,
        SHOP,
        ["refund.paid"],
        "alice",
    )
    assert made.secret not in str(shown)


def test_every_act_is_in_the_history_and_names_the_host_only() -> None:
    post = Post()
    endpoint = post.endpoint("https://shop.example/T0KEN")
    post.acts.rotate(endpoint.id, "bob")
    post.acts.stop(endpoint.id, "carol", "the shop moved")
    events = post.store.events()
    assert [(event.kind, event.who) for event in events] == [
        ("endpoint.added", "alice"),
        ("endpoint.rotated", "bob"),
        ("endpoint.stopped", "carol"),
    ]
    assert "shop.example" in events[0].words
    assert "T0KEN" not in str(events)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("http://shop.example/", "not encrypted"),
        ("https://user:pass@shop.example/", "holds a login"),
        ("https://shop.example/#top", "no fragment"),
        ("https://10.0.0.1/", "not public"),
        ("https://shop.example:25/", "port 25"),
        ("https://shöp.example/", "character"),
        ("https://2130706433/", "unusual"),
        ("shop.example", "https://"),
        ("https://shop.example/" + "x" * 2000, "longer"),
    ],
)
def test_an_address_that_no_webhook_may_have_is_refused_and_not_quoted(url: str, problem: str) -> None:
    post = Post()
    with pytest.raises(BadInput, match=problem) as raised:
        post.acts.create(url, (), "alice")
    assert raised.value.field == "url"
    assert "pass@" not in str(raised.value)
    assert post.store.endpoints() == ()


def test_a_type_that_is_never_told_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadInput, match=r"refund\.paid") as raised:
        Post().acts.create(SHOP, ["refund.refunded"], "alice")
    assert raised.value.field == "types"


def test_there_are_sixteen_running_endpoints_at_most() -> None:
    post = Post()
    made = [post.endpoint() for _ in range(ENDPOINTS_MAX)]
    with pytest.raises(LimitReached, match="stop one"):
        post.endpoint()
    post.acts.stop(made[0].id, "alice", "old")
    post.endpoint()


def test_a_stopped_endpoint_stays_stopped() -> None:
    post = Post()
    endpoint = post.endpoint()
    stopped = post.acts.stop(endpoint.id, "alice", "old")
    assert stopped.stopped_why == "alice: old"
    assert post.acts.stop(endpoint.id, "bob", "again") == stopped
    with pytest.raises(IllegalTransition, match="make a new one"):
        post.acts.rotate(endpoint.id, "alice")


def test_what_is_not_on_record_is_said_so() -> None:
    post = Post()
    for act in (
        lambda: post.acts.rotate("we_x", "alice"),
        lambda: post.acts.stop("we_x", "alice", "old"),
        lambda: post.acts.test("we_x"),
        lambda: post.acts.resend("msg_x.we_x", "alice"),
    ):
        with pytest.raises(BadInput, match="is not on record"):
            act()


def test_a_test_is_sent_at_once_signed_and_leaves_no_trace() -> None:
    post = Post()
    endpoint = post.endpoint()
    post.taker.answers[SHOP] = lambda _sent: answered(404)
    answer = post.acts.test(endpoint.id)
    (sent,) = post.taker.sent
    assert (answer.taken, answer.words) == (False, "answered 404")
    assert sent.told["type"] == "webhook.test"
    assert sent.headers["webhook-signature"].startswith("v1,")
    assert post.store.list_deliveries() == ()


def test_a_message_is_sent_again_under_its_id_with_its_tries_counted_anew() -> None:
    post = Post()
    post.endpoint()
    post.owe("E-1")
    post.happen("E-1", "refund.paid")
    post.deliver()
    (parcel,) = post.store.list_deliveries()
    post.clock.move(days=9)
    again = post.acts.resend(parcel.delivery.id, "alice")
    assert (again.delivery.status, again.delivery.tries) == (DeliveryStatus.PENDING, 0)
    with pytest.raises(IllegalTransition, match="still on its way"):
        post.acts.resend(parcel.delivery.id, "alice")
    post.deliver()
    assert [sent.id for sent in post.taker.sent] == [parcel.message.id] * 2
    assert [event.kind for event in post.store.events()][-1] == "delivery.resent"


def test_nothing_is_sent_again_to_a_stopped_endpoint() -> None:
    post = Post()
    endpoint = post.endpoint()
    post.owe("E-1")
    post.happen("E-1", "refund.paid")
    post.deliver()
    (parcel,) = post.store.list_deliveries()
    post.acts.stop(endpoint.id, "alice", "old")
    with pytest.raises(IllegalTransition, match="is stopped"):
        post.acts.resend(parcel.delivery.id, "alice")
    with pytest.raises(IllegalTransition, match="is stopped"):
        post.acts.test(endpoint.id)


def test_a_delivery_is_shown_with_how_far_it_is() -> None:
    post = Post()
    endpoint = post.endpoint(OTHER)
    post.owe("E-1")
    post.taker.answers[OTHER] = lambda _sent: answered(500)
    post.happen("E-1", "refund.paid")
    post.deliver()
    (parcel,) = post.store.list_deliveries()
    shown = delivery_json(parcel)
    assert (shown["endpoint_id"], shown["type"], shown["status"]) == (endpoint.id, "refund.paid", "PENDING")
    assert (shown["tries"], shown["said"], shown["ended_at"]) == (1, "answered 500", None)
    assert '"external_id":"E-1"' in parcel.message.body
    assert "body" not in shown


def test_an_address_is_taken_apart_once() -> None:
    assert read_url("HTTPS://Shop.Example:8443/a?b=c", Allowed()) == Target(
        scheme="https", host="shop.example", port=8443, path="/a?b=c"
    )
    assert read_url("https://[2606:4700::1111]", Allowed()).host == "2606:4700::1111"
    assert read_url("https://shop.example?x=1", Allowed()).path == "/?x=1"


def test_plain_http_is_for_networks_that_the_operator_named() -> None:
    allowed = Allowed.of(["10.1.0.0/16", "fd00::/8"])
    for url in ("http://10.1.2.3:8080/", "http://[fd00::1]/", "https://10.1.2.3/", "http://panel.internal/"):
        read_url(url, allowed)
    for url in ("http://10.2.0.1/", "http://93.184.215.14/"):
        with pytest.raises(BadInput):
            read_url(url, allowed)
