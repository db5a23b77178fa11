"""The sender in memory promises what the real one does."""

from __future__ import annotations

from adapters.memory.telling import MemorySender, answered
from payout.ports.webhooks import Answer
from tests.contracts.sender import SenderContract

URL = "https://shop.example/"


class TestMemorySender(SenderContract):
    def answer_of(self, status: int) -> Answer:
        sender = MemorySender()
        sender.answers[URL] = lambda _sent: answered(status)
        return sender.post(URL, {"webhook-id": "msg_1"}, b"{}")


def test_it_keeps_what_it_was_sent_in_order_and_takes_it_unless_told_otherwise() -> None:
    sender = MemorySender()
    assert [sender.post(URL, {"webhook-id": name}, b'{"n": 1}').taken for name in ("msg_1", "msg_2")] == [True, True]
    assert [(sent.id, sent.told) for sent in sender.sent] == [("msg_1", {"n": 1}), ("msg_2", {"n": 1})]
