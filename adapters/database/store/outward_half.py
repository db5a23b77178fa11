"""The half of the store for programs outside: API keys, replies, endpoints, deliveries, and the audit chain."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.database.store.later import Later
from adapters.database.store.transactions import Transactions

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from adapters.database.store import audit, deliveries, outward
    from payout.api_key import ApiKey
    from payout.audit.chain import AuditHead, AuditLine
    from payout.reply import Reply
    from payout.revision import Revision
    from payout.webhooks.message import Delivery, Endpoint, Parcel
else:
    audit, deliveries, outward = Later("audit"), Later("deliveries"), Later("outward")


class Outward(Transactions):
    """Methods of `payout.ports.Store`, which says what each promises."""

    def revisions(self, refund_id: str) -> tuple[Revision, ...]:
        return self._ask(outward.revisions_of, refund_id)

    def reply(self, key: str) -> Reply | None:
        return self._ask(outward.reply, key)

    def api_key(self, key_id: str) -> ApiKey | None:
        return self._ask(outward.api_key, key_id)

    def api_keys(self) -> tuple[ApiKey, ...]:
        return self._ask(outward.all_api_keys)

    def endpoints(self) -> tuple[Endpoint, ...]:
        return self._ask(outward.all_endpoints)

    def claim_deliveries(self, endpoint_id: str, hold: timedelta, limit: int) -> tuple[Parcel, ...]:
        # A write keeps all others out on SQLite: most ticks have nothing to claim.
        if not self._ask(deliveries.any_due, self._clock, endpoint_id):
            return ()
        with self._writing() as conn:
            return deliveries.claim(conn, self._clock, endpoint_id, hold, limit)

    def report_delivery(self, delivery: Delivery) -> None:
        with self._writing() as conn:
            deliveries.report(conn, delivery)

    def list_deliveries(
        self,
        *,
        endpoint_id: str | None = None,
        refund_id: str | None = None,
        failed: bool = False,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[Parcel, ...]:
        narrowed = deliveries.narrowed(endpoint_id, refund_id, failed=failed)
        return self._ask(deliveries.listed, narrowed, after, limit)

    def delivery(self, delivery_id: str) -> Parcel | None:
        return self._ask(deliveries.one, delivery_id)

    def resend(self, delivery_id: str, at: datetime) -> bool:
        with self._writing() as conn:
            return deliveries.resend(conn, delivery_id, at)

    def forget_deliveries(self, before: datetime, limit: int) -> int:
        if not self._ask(deliveries.any_over, before):
            return 0
        with self._writing() as conn:
            return deliveries.forget(conn, before, limit)

    def audit_head(self) -> AuditHead:
        return self._ask(audit.head, self._key)

    def audit_lines(
        self,
        after: int,
        limit: int,
        *,
        refund_id: str | None = None,
        transfer_id: str | None = None,
        order_id: str | None = None,
    ) -> tuple[AuditLine, ...]:
        return self._ask(audit.lines, after, limit, refund_id=refund_id, transfer_id=transfer_id, order_id=order_id)

    def unchained(self) -> int:
        return self._ask(audit.unchained)

    def alarms_after(self, number: int, limit: int) -> tuple[AuditLine, ...]:
        return self._ask(audit.alarms, number, limit)

    def place(self, reader: str) -> int | None:
        return self._ask(audit.place, reader)

    def move_place(self, reader: str, before: int | None, number: int) -> bool:
        with self._writing() as conn:
            return audit.move_place(conn, reader, before, number)
