"""What somebody wrote into the outbox by hand goes nowhere, and is told to the operator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from payout.webhooks.message import DeliveryStatus
from tests.payout.webhooks.telling import Post


def test_a_message_that_somebody_planted_or_edited_is_not_sent_and_alarms() -> None:
    post = Post()
    post.endpoint()
    post.owe("E-1")
    post.happen("E-1", "refund.paid")
    tables = post.store._t  # type: ignore[attr-defined]
    (message,) = tables.messages.values()
    tables.messages[message.id] = replace(message, body=message.body.replace("E-1", "E-9"))
    post.deliver()
    post.clock.move(days=1)
    post.deliver()
    assert post.taker.sent == []
    assert post.alarms() == ["message.forged"]
    assert post.statuses() == [("refund.paid", DeliveryStatus.FAILED)]


@pytest.mark.parametrize("change", [{"url": "https://evil.example/"}, {"sealed_secrets": "sealed nothing"}])
def test_an_endpoint_that_somebody_edited_hears_nothing_and_is_stopped_with_an_alarm(change: dict[str, str]) -> None:
    post = Post()
    endpoint = post.endpoint()
    post.owe("E-1", "E-2")
    post.happen("E-1", "refund.paid")
    post.happen("E-2", "refund.paid")
    tables = post.store._t  # type: ignore[attr-defined]
    tables.endpoints[endpoint.id] = replace(endpoint, **change)  # type: ignore[arg-type]
    post.deliver()
    post.deliver()
    assert post.taker.sent == []
    assert post.alarms() == ["endpoint.forged"]
    assert "somebody wrote to the database" in str(post.acts.find(endpoint.id).stopped_why)
