"""
The courier: carries what the outbox holds to the merchant's endpoints, each message until it is taken.

A message is sent at least once, and under the same id each time: a process may end between a send and its report.
What the database says is sent only if it fits a key that is not in the database: a planted message goes nowhere.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from functools import partial
from hmac import compare_digest
from typing import TYPE_CHECKING

from payout.change import Change
from payout.errors import ForgedEndpoint, StaleWrite
from payout.event import Event
from payout.webhooks.endpoints import ENDPOINTS_MAX, running, stopped
from payout.webhooks.message import DeliveryStatus
from payout.webhooks.schedule import next_try
from payout.webhooks.signing import headers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from payout.audit.chain import AuditKey
    from payout.ports import Clock, Store
    from payout.ports.webhooks import Answer, Sender
    from payout.webhooks.keyring import Keyring
    from payout.webhooks.message import Delivery, Endpoint, Parcel

log = logging.getLogger(__name__)

DEADLINE_SECONDS = 15
"""The longest that a sender may take for one message."""

BATCH = 4
"""Messages claimed at a time."""

SPARE = timedelta(seconds=30)
"""A claim outlives the slowest batch by so much; what a process that dies has claimed is free again after it."""

FORGOTTEN_MAX = 200
"""Deliveries that one tick forgets: some three million a day, and no commit waits for more than that."""

ROUNDS_MAX = 250
"""Batches of one endpoint in one tick; the next tick goes on."""


class _Step(Enum):
    """What came of one message."""

    TAKEN = auto()
    NOT_TAKEN = auto()
    OVER = auto()  # Nothing more goes to this endpoint now.


def _say_nothing(_endpoint_id: str, _words: str | None) -> None:
    """For whoever asks the database only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """
    Delivers. Any number of processes may do so at the same time.

    `tell` hears of each try how its endpoint is: None where it took the message, else what is wrong.
    """

    store: Store
    clock: Clock
    sender: Sender
    keyring: Keyring
    audit: AuditKey
    keep: timedelta
    """So long what has ended can still be listed, and sent again."""
    deadline_seconds: int = DEADLINE_SECONDS
    tell: Callable[[str, str | None], None] = _say_nothing

    def rounds(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        """One piece of work for each endpoint, by its id. They may be done side by side."""
        endpoints = running(self.store.endpoints())[:ENDPOINTS_MAX]
        return tuple((each.id, partial(self.serve, each.id)) for each in endpoints)

    def forget(self) -> None:
        """A little of what ended long ago. Raises StoreError."""
        count = self.store.forget_deliveries(self.clock.now() - self.keep, FORGOTTEN_MAX)
        if count:
            log.info("deliveries.forgotten", extra={"deliveries": count})

    @property
    def _hold(self) -> timedelta:
        return timedelta(seconds=BATCH * self.deadline_seconds) + SPARE

    def serve(self, endpoint_id: str) -> None:
        """Send what is due to one endpoint, until nothing is, or until it takes nothing more. Raises StoreError."""
        for _ in range(ROUNDS_MAX):
            claimed_at = self.clock.now()
            parcels = self.store.claim_deliveries(endpoint_id, self._hold, BATCH)
            steps = list(self._carry_each(parcels, claimed_at))
            if _Step.TAKEN not in steps or _Step.OVER in steps:
                return

    def _carry_each(self, parcels: Iterable[Parcel], claimed_at: datetime) -> Iterator[_Step]:
        for parcel in parcels:
            step = self._carry(parcel, claimed_at)
            yield step
            if step is _Step.OVER:
                return

    def _carry(self, parcel: Parcel, claimed_at: datetime) -> _Step:
        if self.clock.now() + timedelta(seconds=self.deadline_seconds) > claimed_at + self._hold:
            # This process was asleep: another may have the message by now, and may be past it.
            return _Step.OVER
        message, endpoint = parcel.message, parcel.endpoint
        if not compare_digest(self.audit.message(message.id, str(message.type), message.body), message.mac):
            self._refuse_message(parcel)
            return _Step.NOT_TAKEN
        try:
            secrets = self.keyring.open(endpoint)
        except ForgedEndpoint as error:
            self._stop(endpoint, "endpoint.forged", str(error))
            return _Step.OVER
        body = message.body.encode()
        answer = self.sender.post(endpoint.url, headers(message.id, body, self.clock.now(), secrets), body)
        self.tell(endpoint.id, None if answer.taken else answer.words)
        self._report(parcel, answer)
        return _Step.TAKEN if answer.taken else _Step.OVER if answer.gone else _Step.NOT_TAKEN

    def _report(self, parcel: Parcel, answer: Answer) -> None:
        now = self.clock.now()
        delivery = _tried(parcel.delivery, answer.words, now)
        if answer.taken:
            self.store.report_delivery(_ended(delivery, DeliveryStatus.DELIVERED, now))
            return
        if answer.gone:
            self._stop(parcel.endpoint, "endpoint.stopped", "it answered 410 Gone")
        due = None if answer.gone else next_try(delivery, now, answer.retry_after_seconds)
        if due is not None:
            self.store.report_delivery(replace(delivery, next_at=due))
            return
        words = f"{parcel.message.type} was not taken by endpoint {parcel.endpoint.id}: {answer.words}"
        self._alarm("delivery.failed", f"{words}. Send it again: payout webhooks resend {delivery.id}", parcel)
        self.store.report_delivery(_ended(delivery, DeliveryStatus.FAILED, now))

    def _refuse_message(self, parcel: Parcel) -> None:
        """The alarm first: a process that ends in between tells it twice, and never not at all."""
        now = self.clock.now()
        what = "it does not fit its MAC: somebody wrote to the database"
        self._alarm("message.forged", f"message {parcel.message.id} is not sent: {what}", parcel)
        self.store.report_delivery(_ended(replace(parcel.delivery, said=what), DeliveryStatus.FAILED, now))

    def _stop(self, endpoint: Endpoint, kind: str, why: str) -> None:
        words = f"endpoint {endpoint.id} is stopped: {why}"
        event = Event(at=self.clock.now(), kind=kind, words=words, alarm=True)
        try:
            self.store.commit(Change(endpoints=(stopped(endpoint, why, self.clock),), events=(event,)))
        except StaleWrite:
            # Somebody stopped or rotated it at the same time. If it is still ill, the next message says so again.
            log.info("endpoint.not_stopped", extra={"endpoint": endpoint.id, "why": "it was changed meanwhile"})

    def _alarm(self, kind: str, words: str, parcel: Parcel) -> None:
        event = Event(at=self.clock.now(), kind=kind, words=words, refund_id=parcel.delivery.refund_id, alarm=True)
        self.store.commit(Change(events=(event,)))


def _tried(delivery: Delivery, said: str, now: datetime) -> Delivery:
    return replace(delivery, tries=delivery.tries + 1, first_tried_at=delivery.first_tried_at or now, said=said)


def _ended(delivery: Delivery, status: DeliveryStatus, now: datetime) -> Delivery:
    return replace(delivery, status=status, ended_at=now)
