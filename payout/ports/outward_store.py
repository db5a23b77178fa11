"""The half of the store port for programs outside: API keys, replies, endpoints, deliveries, and the audit chain."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from payout.api_key import ApiKey
    from payout.audit.chain import AuditHead, AuditLine
    from payout.reply import Reply
    from payout.revision import Revision
    from payout.webhooks.message import Delivery, Endpoint, Parcel


class OutwardStore(Protocol):
    """As `payout.ports.Store`, of which it is a part: each method is one transaction."""

    def revisions(self, refund_id: str) -> tuple[Revision, ...]:
        """What amendments replaced, oldest first."""
        ...

    def reply(self, key: str) -> Reply | None:
        """The answer that was given to this Idempotency-Key."""
        ...

    def api_key(self, key_id: str) -> ApiKey | None:
        """By id, revoked or not."""
        ...

    def api_keys(self) -> tuple[ApiKey, ...]:
        """All, oldest first."""
        ...

    def endpoints(self) -> tuple[Endpoint, ...]:
        """All that are not stopped, and those that are, oldest first."""
        ...

    def claim_deliveries(self, endpoint_id: str, hold: timedelta, limit: int) -> tuple[Parcel, ...]:
        """
        PENDING deliveries to an endpoint that are due by the database's clock, the longest due first; nobody else gets
        them for so long, which is their new `next_at`.

        Of one refund only the oldest PENDING one is ever given, so that each is told in order. None where the endpoint
        is stopped.
        """
        ...

    def report_delivery(self, delivery: Delivery) -> None:
        """
        What came of a try; ends our claim. Skipped where the delivery has ended meanwhile.

        Where it is still PENDING, what its refund has to tell the endpoint after it waits until then, too.
        """
        ...

    def list_deliveries(
        self,
        *,
        endpoint_id: str | None = None,
        refund_id: str | None = None,
        failed: bool = False,
        after: str | None = None,
        limit: int | None = None,
    ) -> tuple[Parcel, ...]:
        """Newest message first; `failed`: only those that are FAILED; `after` is the id of the last delivery seen."""
        ...

    def delivery(self, delivery_id: str) -> Parcel | None:
        """By id; claims nothing."""
        ...

    def resend(self, delivery_id: str, at: datetime) -> bool:
        """Make an ended delivery PENDING again, due now and with its tries counted anew. False: there is none."""
        ...

    def forget_deliveries(self, before: datetime, limit: int) -> int:
        """
        Delete deliveries that ended before then, or whose endpoint was stopped before then, and each message with its
        last delivery. At most `limit` at a time; how many there were. Never one that is still owed.
        """
        ...

    def audit_head(self) -> AuditHead:
        """The end of the chain."""
        ...

    def audit_lines(
        self,
        after: int,
        limit: int,
        *,
        refund_id: str | None = None,
        transfer_id: str | None = None,
        order_id: str | None = None,
    ) -> tuple[AuditLine, ...]:
        """Links with a number above `after`, which may be negative, by number; all, or those that are of this."""
        ...

    def unchained(self) -> int:
        """Events on record without a number in the chain."""
        ...

    def alarms_after(self, number: int, limit: int) -> tuple[AuditLine, ...]:
        """Alarms among the links above `number`, oldest first."""
        ...

    def place(self, reader: str) -> int | None:
        """How far a named reader of the chain has read; None: it never did."""
        ...

    def move_place(self, reader: str, before: int | None, number: int) -> bool:
        """The reader has read up to `number`; False where it no longer stood at `before`."""
        ...
