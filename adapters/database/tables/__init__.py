"""
The tables. What they must never allow is an index here; what they must never forget is a trigger in the migration.

`migrations/` makes them; a test compares the two.
"""

from __future__ import annotations

from adapters.database.tables.base import complete_metadata, metadata
from adapters.database.tables.orders import ENDED_TO_WATCH, FREE, LIVE_ORDER, ORDER_AGE, orders, return_addresses
from adapters.database.tables.records import ALARMS, counters, events, known_spends, leases, pauses, wallets
from adapters.database.tables.refunds import APPROVED, approvals, payments, refunds
from adapters.database.tables.transfers import (
    BEGUN,
    LIVE,
    OPEN,
    TO_WATCH,
    UNPROVEN,
    attempts,
    key_images,
    payloads,
    quotes,
    transfers,
)

__all__ = [
    "ALARMS",
    "APPROVED",
    "BEGUN",
    "ENDED_TO_WATCH",
    "FREE",
    "LIVE",
    "LIVE_ORDER",
    "OPEN",
    "ORDER_AGE",
    "TO_WATCH",
    "UNPROVEN",
    "approvals",
    "attempts",
    "complete_metadata",
    "counters",
    "events",
    "key_images",
    "known_spends",
    "leases",
    "metadata",
    "orders",
    "pauses",
    "payloads",
    "payments",
    "quotes",
    "refunds",
    "return_addresses",
    "transfers",
    "wallets",
]
