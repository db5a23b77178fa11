"""What the in-memory store holds for programs outside: API keys, replies, endpoints, deliveries, the history."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.memory.store import history
from adapters.memory.store.lists import page
from payout.webhooks.message import DeliveryStatus, Parcel

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

    from adapters.memory.store.tables import Tables
    from payout.api_key import ApiKey
    from payout.audit.chain import AuditHead, AuditKey, AuditLine
    from payout.event import Event
    from payout.ports import Clock
    from payout.reply import Reply
    from payout.revision import Revision
    from payout.webhooks.message import Delivery, Endpoint


class Outward:
    """Reads and writes the tables of its subclass."""

    _clock: Clock
    _key: AuditKey
    _lock: threading.Lock
    _t: Tables

    def revisions(self, refund_id: str) -> tuple[Revision, ...]:
        with self._lock:
            found = [each for each in self._t.revisions.values() if each.refund_id == refund_id]
            return tuple(sorted(found, key=lambda each: each.number))

    def reply(self, key: str) -> Reply | None:
        with self._lock:
            return self._t.replies.get(key)

    def api_key(self, key_id: str) -> ApiKey | None:
        with self._lock:
            return self._t.api_keys.get(key_id)

    def api_keys(self) -> tuple[ApiKey, ...]:
        with self._lock:
            return tuple(sorted(self._t.api_keys.values(), key=lambda each: (each.made_at, each.id)))

    def endpoints(self) -> tuple[Endpoint, ...]:
        with self._lock:
            return tuple(self._endpoints())

    def _endpoints(self) -> list[Endpoint]:
        return sorted(self._t.endpoints.values(), key=lambda each: (each.made_at, each.id))

    def claim_deliveries(self, endpoint_id: str, hold: timedelta, limit: int) -> tuple[Parcel, ...]:
        now = self._clock.now()
        with self._lock:
            endpoint = self._t.endpoints.get(endpoint_id)
            if endpoint is None or endpoint.stopped_at is not None:
                return ()
            claimed = [replace(each, next_at=now + hold) for each in self._due(endpoint_id, now)[:limit]]
            self._t.deliveries.update({each.id: each for each in claimed})
            return self._parcels(claimed)

    def _due(self, endpoint_id: str, now: datetime) -> list[Delivery]:
        """The oldest PENDING one of each refund, and all of none, where it is due: longest due first."""
        told: set[str] = set()
        found: list[Delivery] = []
        for each in self._t.deliveries.values():
            if each.endpoint_id != endpoint_id or each.status is not DeliveryStatus.PENDING or each.refund_id in told:
                continue
            if each.refund_id is not None:
                told.add(each.refund_id)
            if each.next_at <= now:
                found.append(each)
        return sorted(found, key=lambda each: each.next_at)

    def report_delivery(self, delivery: Delivery) -> None:
        with self._lock:
            before = self._t.deliveries.get(delivery.id)
            if before is None or before.status is not DeliveryStatus.PENDING:
                return
            self._t.deliveries[delivery.id] = delivery
            if delivery.status is DeliveryStatus.PENDING and delivery.refund_id is not None:
                self._wait_too(delivery)

    def _wait_too(self, delivery: Delivery) -> None:
        ids = list(self._t.deliveries)
        for key in ids[ids.index(delivery.id) + 1 :]:
            each = self._t.deliveries[key]
            same = (each.endpoint_id, each.refund_id) == (delivery.endpoint_id, delivery.refund_id)
            if same and each.status is DeliveryStatus.PENDING and each.next_at < delivery.next_at:
                self._t.deliveries[key] = replace(each, next_at=delivery.next_at)

    def list_deliveries(
        self,
        *,
        endpoint_id: str | None = None,
        refund_id: str | None = None,
        failed: bool = False,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[Parcel, ...]:
        with self._lock:
            whole = self._newest_first()
            behind = page(whole, [each.id for each in whole], after, None)
            found = [
                each
                for each in behind
                if endpoint_id in (None, each.endpoint_id)
                and refund_id in (None, each.refund_id)
                and (each.status is DeliveryStatus.FAILED or not failed)
            ]
            return self._parcels(found[:limit])

    def _newest_first(self) -> list[Delivery]:
        """Of one event's messages the greatest id first."""
        return sorted(
            self._t.deliveries.values(),
            key=lambda each: (self._t.numbers[each.message_id], each.id),
            reverse=True,
        )

    def resend(self, delivery_id: str, at: datetime) -> bool:
        with self._lock:
            before = self._t.deliveries.get(delivery_id)
            if before is None or before.status is DeliveryStatus.PENDING:
                return False
            self._t.deliveries[delivery_id] = replace(
                before,
                status=DeliveryStatus.PENDING,
                tries=0,
                next_at=at,
                first_tried_at=None,
                said=None,
                ended_at=None,
            )
            return True

    def forget_deliveries(self, before: datetime, limit: int) -> int:
        with self._lock:
            over = [each for each in self._t.deliveries.values() if self._over_since(each, before)][:limit]
            for each in over:
                del self._t.deliveries[each.id]
            kept = {each.message_id for each in self._t.deliveries.values()}
            for message_id in {each.message_id for each in over} - kept:
                del self._t.messages[message_id]
            return len(over)

    def _over_since(self, delivery: Delivery, before: datetime) -> bool:
        ends = delivery.ended_at
        if delivery.status is DeliveryStatus.PENDING:
            ends = self._t.endpoints[delivery.endpoint_id].stopped_at
        return ends is not None and ends < before

    def delivery(self, delivery_id: str) -> Parcel | None:
        with self._lock:
            found = self._t.deliveries.get(delivery_id)
            return None if found is None else self._parcels([found])[0]

    def _parcels(self, deliveries: Iterable[Delivery]) -> tuple[Parcel, ...]:
        return tuple(
            Parcel(
                delivery=each,
                message=self._t.messages[each.message_id],
                endpoint=self._t.endpoints[each.endpoint_id],
            )
            for each in deliveries
        )

    def events(
        self,
        *,
        refund_id: str | None = None,
        transfer_id: str | None = None,
        order_id: str | None = None,
        alarms: bool = False,
        limit: int = 100,
    ) -> tuple[Event, ...]:
        with self._lock:
            about = history.about(self._t, refund_id, transfer_id, order_id)
            found = [line.event for line in about if line.event.alarm or not alarms]
            return tuple(found[-limit:]) if limit else ()

    def audit_head(self) -> AuditHead:
        with self._lock:
            return history.head(self._t, self._key)

    def audit_lines(
        self,
        after: int,
        limit: int,
        *,
        refund_id: str | None = None,
        transfer_id: str | None = None,
        order_id: str | None = None,
    ) -> tuple[AuditLine, ...]:
        with self._lock:
            about = history.about(self._t, refund_id, transfer_id, order_id)
            return tuple(line for line in about if line.number > after)[:limit]

    def unchained(self) -> int:
        return 0

    def alarms_after(self, number: int, limit: int) -> tuple[AuditLine, ...]:
        with self._lock:
            return tuple(line for line in self._t.links if line.event.alarm and line.number > number)[:limit]

    def place(self, reader: str) -> int | None:
        with self._lock:
            return self._t.places.get(reader)

    def move_place(self, reader: str, before: int | None, number: int) -> bool:
        with self._lock:
            stood = self._t.places.get(reader)
            if stood != before:
                return False
            self._t.places[reader] = number
            return True
