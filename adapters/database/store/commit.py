"""
A change becomes rows: every condition first, in one order, then every write.

The order of the checks is the order of the errors, and the in-memory store keeps to it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.database.store import (
    attempts,
    conditions,
    key_images,
    orders,
    payments,
    records,
    refunds,
    return_addresses,
    transfers,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from payout.change import Change


def apply(conn: Connection, change: Change) -> None:
    """Write all of a change, or raise with nothing kept; the caller's transaction is the only one."""
    conditions.lease_is_ours(conn, change.lease)
    conditions.no_pause(conn, change.unless_paused)
    conditions.journal_head_is_known(conn, change.journal_head)
    worths = payments.agree_on_worth(conn, change.payment_caps)
    refunds.write(conn, change.refunds)
    new_transfers = transfers.write(conn, change.transfers)
    key_images.write(conn, new_transfers, change.transfers)
    return_addresses.write(conn, change.return_addresses)
    orders.write(conn, change.orders)
    attempts.write_quotes(conn, change.quotes)
    attempts.write(conn, change.attempts)
    new_refunds = [refund for refund in change.refunds if refund.version == 0]
    payments.check_sums(conn, worths, new_refunds)
    conditions.raise_counters(conn, change.caps)
    records.write(conn, change)
