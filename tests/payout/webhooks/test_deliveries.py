"""The courier: every message arrives, in order, whatever endpoints, processes and intruders do."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.telling import Sent, answered
from payout.change import Change
from payout.errors import BadInput
from payout.event import Event
from payout.ports.webhooks import Answer
from payout.webhooks.message import DeliveryStatus
from payout.webhooks.schedule import PERSISTENCE
from tests.factories import NOW, make_refund
from tests.payout.webhooks.telling import LIFE, OTHER, SHOP, TOLD, Post


def down(status: int) -> Any:
    return lambda _sent: answered(status)


def lost(_sent: Sent) -> Answer:
    return Answer(status=None, words="no answer within 15 s")


def test_what_happens_to_a_refund_is_told_in_order_and_once(post: Post) -> None:
    post.endpoint()
    post.owe("E-1")
    post.happen("E-1", *LIFE)
    post.deliver()
    post.deliver()
    assert post.arrived() == [("E-1", kind) for kind in TOLD]
    assert {status for _, status in post.statuses()} == {DeliveryStatus.DELIVERED}


def test_an_endpoint_is_told_what_it_wants_and_since_it_was_added(post: Post) -> None:
    post.owe("E-1")
    post.happen("E-1", "refund.requested")
    post.endpoint(SHOP, "refund.paid")
    post.endpoint(OTHER)
    post.happen("E-1", "refund.approved", "refund.paid", "refund.amended")
    post.deliver()
    assert post.arrived(SHOP) == [("E-1", "refund.paid")]
    assert post.arrived(OTHER) == [("E-1", "refund.approved"), ("E-1", "refund.paid")]


def test_what_concerns_no_refund_is_told_too(post: Post) -> None:
    post.endpoint()
    post.store.commit(Change(events=(Event(at=NOW, kind="wallet.low", words="send it more", wallet="hot"),)))
    post.deliver()
    (sent,) = post.taker.sent
    assert sent.told["type"] == "wallet.low"
    assert sent.told["data"] == {"wallet": "hot", "words": "send it more"}


def test_a_message_that_is_not_taken_holds_back_only_the_later_ones_of_its_refund(post: Post) -> None:
    def not_e1(sent: Sent) -> Answer:
        return answered(500 if sent.told["data"]["refund"]["external_id"] == "E-1" else 200)

    post.endpoint()
    post.owe("E-1", "E-2")
    post.taker.answers[SHOP] = not_e1
    post.happen("E-1", "refund.requested", "refund.approved")
    post.happen("E-2", "refund.requested", "refund.approved")
    post.deliver()
    assert set(post.arrived()) == {("E-1", TOLD[0]), ("E-2", TOLD[0]), ("E-2", TOLD[1])}

    post.taker.answers.clear()
    post.clock.move(seconds=7)
    post.deliver()
    assert post.arrived()[-2:] == [("E-1", TOLD[0]), ("E-1", TOLD[1])]


def test_a_message_is_tried_for_three_days_then_failed_with_an_alarm_and_the_next_has_its_turn(post: Post) -> None:
    post.endpoint()
    post.owe("E-1")
    post.taker.answers[SHOP] = lost
    post.happen("E-1", "refund.requested", "refund.approved")
    tried: list[timedelta] = []
    while post.clock.now() < NOW + PERSISTENCE + timedelta(seconds=30):
        before = len(post.taker.sent)
        post.deliver()
        tried += [post.clock.now() - NOW] * (len(post.taker.sent) - before)
        due = min(each.delivery.next_at for each in post.store.list_deliveries() if each.delivery.ended_at is None)
        post.clock.at = max(due, post.clock.at)
        if ("refund.requested", DeliveryStatus.FAILED) in post.statuses():
            break

    first = [sent for sent in post.taker.sent if sent.told["type"] == "refund.requested"]
    assert len({sent.id for sent in first}) == 1
    assert tried[0] == timedelta()
    assert timedelta(seconds=4) <= tried[1] <= timedelta(seconds=6)
    assert PERSISTENCE in tried
    assert 12 <= len(first) <= 16
    pauses = [later - earlier for earlier, later in itertools.pairwise(tried)]
    assert max(pauses) <= timedelta(hours=12) * 1.2
    assert post.alarms() == ["endpoint.failing", "delivery.failed"]

    post.taker.answers.clear()
    post.clock.move(seconds=30)
    post.deliver()
    assert post.statuses() == [
        ("refund.requested", DeliveryStatus.FAILED),
        ("refund.approved", DeliveryStatus.DELIVERED),
    ]


def test_each_try_is_signed_anew_with_its_own_time_under_the_same_id(post: Post) -> None:
    post.endpoint()
    post.owe("E-1")
    post.taker.answers[SHOP] = down(500)
    post.happen("E-1", "refund.requested")
    post.deliver()
    post.clock.move(minutes=1)
    post.deliver()
    one, two = post.taker.sent
    assert (one.id, one.body) == (two.id, two.body)
    assert int(two.headers["webhook-timestamp"]) - int(one.headers["webhook-timestamp"]) == 60
    assert one.headers["webhook-signature"] != two.headers["webhook-signature"]


def test_whoever_asks_for_patience_gets_it_and_an_hour_at_most(post: Post) -> None:
    def patient(asked: int) -> Answer:
        return Answer(status=429, words="answered 429", retry_after_seconds=asked)

    post.endpoint()
    post.owe("E-1")
    post.happen("E-1", "refund.requested")
    for asked, waited in ((600, timedelta(minutes=10)), (86_400, timedelta(hours=1))):
        post.taker.answers[SHOP] = lambda _sent, seconds=asked: patient(seconds)  # type: ignore[misc]
        post.deliver()
        (parcel,) = post.store.list_deliveries()
        assert parcel.delivery.next_at - post.clock.now() == waited
        post.clock.at = parcel.delivery.next_at


def test_an_endpoint_that_is_gone_is_stopped_and_hears_nothing_more(post: Post) -> None:
    endpoint = post.endpoint()
    post.owe("E-1", "E-2")
    post.taker.answers[SHOP] = down(410)
    post.happen("E-1", "refund.requested", "refund.approved")
    post.happen("E-2", "refund.requested")
    post.deliver()
    post.clock.move(days=1)
    post.deliver()
    assert len(post.taker.sent) == 1
    stopped = post.acts.find(endpoint.id)
    assert stopped.stopped_why == "it answered 410 Gone"
    assert sorted(post.alarms()) == ["delivery.failed", "endpoint.stopped"]
    post.happen("E-1", "refund.paid")
    assert len(post.store.list_deliveries()) == 3


def test_an_endpoint_that_fails_is_told_of_once_and_again_when_it_is_well(post: Post) -> None:
    endpoint = post.endpoint()
    post.owe("E-1")
    post.taker.answers[SHOP] = down(503)
    post.happen("E-1", "refund.requested")
    post.deliver()
    post.taker.answers.clear()
    post.clock.move(seconds=7)
    post.deliver()
    assert post.told == [(endpoint.id, "answered 503"), (endpoint.id, None)]
    assert post.alarms() == []


def test_an_endpoint_that_takes_nothing_for_half_an_hour_raises_one_alarm_for_each_such_time(post: Post) -> None:
    endpoint = post.endpoint()
    post.owe("E-1")
    for times in (1, 2):
        post.taker.answers[SHOP] = down(503)
        post.happen("E-1", "refund.held")
        for _ in range(50):
            post.deliver()
            post.clock.move(minutes=5)
        assert post.alarms() == ["endpoint.failing"] * times
        post.taker.answers.clear()
        post.clock.move(hours=12)
        post.deliver()
    words = post.store.events(alarms=True)[0].words
    # The tries are spread by chance: the third comes 35 minutes after the first, or some more.
    told = re.match(rf"endpoint {endpoint.id} has taken nothing for (\d+) minutes: answered 503\.", words)
    assert told
    assert 30 <= int(told[1]) <= 90


def test_what_ended_long_ago_is_forgotten_and_whoever_asks_for_it_is_told_so(post: Post) -> None:
    post.endpoint()
    post.owe("E-1", "E-2")
    post.happen("E-1", "refund.requested")
    post.deliver()
    old = post.store.list_deliveries()[0].delivery.id
    post.clock.move(days=20)
    post.happen("E-2", "refund.requested")
    post.clock.move(days=10, seconds=1)

    post.courier().forget()

    assert [each.message.refund_id for each in post.store.list_deliveries()] == [make_refund("E-2").id]
    with pytest.raises(BadInput, match=r"ended more than .*keep_days ago"):
        post.acts.resend(old, "alice")
    post.deliver()
    assert post.arrived() == [("E-1", "refund.requested"), ("E-2", "refund.requested")]


def test_whoever_keeps_the_highest_number_of_each_refund_ends_in_one_state_whatever_the_order() -> None:
    """What docs/webhooks.md tells receivers to do, under every order of six messages, with a copy of each."""
    post = Post()
    post.endpoint()
    post.owe("E-1")
    post.happen("E-1", *LIFE, "refund.reopened", "refund.paid")
    post.deliver()
    messages = [sent.told for sent in post.taker.sent]
    assert len(messages) == 6

    ends = set()
    for order in itertools.permutations(messages):
        seen: dict[str, Any] = {}
        for told in (*order, *order[:3]):
            key = told["data"]["refund"]["id"]
            if key not in seen or told["event"]["number"] > seen[key]["event"]["number"]:
                seen[key] = told
        ends.add((seen[make_refund("E-1").id]["event"]["number"], seen[make_refund("E-1").id]["type"]))
    assert ends == {(messages[-1]["event"]["number"], "refund.paid")}


def test_a_message_is_the_same_whatever_process_sends_it_and_names_everything(post: Post) -> None:
    post.endpoint()
    post.owe("E-1")
    post.happen("E-1", "refund.requested")
    post.deliver()
    told = post.taker.sent[0].told
    assert set(told) == {"type", "timestamp", "data", "event"}
    assert told["data"]["refund"]["external_id"] == "E-1"
    assert told["event"]["who"] == "payout"


def test_nothing_of_the_database_is_told_where_no_endpoint_is(post: Post) -> None:
    post.owe("E-1")
    post.happen("E-1", *LIFE)
    assert post.courier().rounds() == ()
    assert post.store.list_deliveries() == ()
