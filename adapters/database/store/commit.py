"""
A change becomes rows: every condition first, in one order, then every write.

The order of the checks is the order of the errors, and the in-memory store keeps to it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.database.store import (
    attempts,
    audit,
    conditions,
    key_images,
    orders,
    outbox,
    outward,
    payments,
    records,
    refunds,
    return_addresses,
    transfers,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from payout.audit.chain import AuditKey
    from payout.change import Change
    from payout.ports import Clock


def apply(conn: Connection, change: Change, key: AuditKey, clock: Clock | None = None) -> None:
    """Write all of a change, or raise with nothing kept; the caller's transaction is the only one."""
    outward.write_replies(conn, change.replies)
    conditions.lease_is_ours(conn, change.lease)
    conditions.no_pause(conn, clock, change.unless_paused)
    conditions.journal_head_is_known(conn, change.journal_head)
    worths = payments.agree_on_worth(conn, change.payment_caps)
    refunds.write(conn, change.refunds)
    outward.write_revisions(conn, change.revisions)
    new_transfers = transfers.write(conn, change.transfers)
    key_images.write(conn, new_transfers, change.transfers)
    return_addresses.write(conn, change.return_addresses)
    orders.write(conn, change.orders)
    attempts.write_quotes(conn, change.quotes)
    attempts.write(conn, change.attempts)
    new_refunds = [refund for refund in change.refunds if refund.version == 0]
    payments.check_sums(conn, worths, new_refunds)
    conditions.raise_counters(conn, change.caps)
    outward.write_api_keys(conn, change.api_keys)
    outward.write_endpoints(conn, change.endpoints)
    records.write(conn, change)
    if change.events:
        _tell(conn, change, key)


def _tell(conn: Connection, change: Change, key: AuditKey) -> None:
    """The history and the outbox: from the link on, the end of the audit chain is locked."""
    telling = outbox.prepare(conn, change.events)
    links = audit.link(conn, key, change.events)
    if telling is not None:
        outbox.write(conn, key, telling, links)
