"""
Those who are told, in memory: endpoints that take webhooks, and services that take alarms.

    sender = MemorySender()
    sender.answers["https://shop.example/"] = lambda sent: answered(500)
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from payout.ports.webhooks import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One POST as it arrived."""

    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """Of its message."""
        return self.headers["webhook-id"]

    @property
    def told(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


def answered(status: int) -> Answer:
    """An answer with this status."""
    return Answer(status=status, words=f"answered {status}")


class MemorySender:
    """Keeps what is sent, in order. Each address answers 200 until `answers` says otherwise."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.answers: dict[str, Callable[[Sent], Answer]] = {}
        self._lock = threading.Lock()

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        sent = Sent(url=url, headers=dict(headers), body=body)
        with self._lock:
            self.sent.append(sent)
        answer = self.answers.get(url)
        return answered(200) if answer is None else answer(sent)


class MemoryMessenger:
    """Keeps the texts that it took; `complaint` is what it says instead while there is one."""

    def __init__(self, name: str = "memory", complaint: str | None = None) -> None:
        self.name = name
        self.key = f"key of {name}"
        self.complaint = complaint
        self.texts: list[tuple[str, str]] = []
        self.tries = 0

    def send(self, title: str, body: str) -> str | None:
        self.tries += 1
        if self.complaint is None:
            self.texts.append((title, body))
        return self.complaint
