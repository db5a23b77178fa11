"""
The tables. What they must never allow is an index here; what they must never forget is a trigger in the migration.

`migrations/` makes them; a test compares the two.
"""

from __future__ import annotations

from adapters.database.tables.audit import ALARMS, NUMBERED, ONLY_ROW, UNCHAINED, audit_head, events, places
from adapters.database.tables.base import complete_metadata, metadata
from adapters.database.tables.orders import ENDED_TO_WATCH, FREE, LIVE_ORDER, ORDER_AGE, orders, return_addresses
from adapters.database.tables.outward import FAILED, PENDING, api_keys, deliveries, endpoints, messages, replies
from adapters.database.tables.records import counters, known_spends, leases, pauses, wallets
from adapters.database.tables.refunds import APPROVED, approvals, payments, refunds, revisions
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
    "FAILED",
    "FREE",
    "LIVE",
    "LIVE_ORDER",
    "NUMBERED",
    "ONLY_ROW",
    "OPEN",
    "ORDER_AGE",
    "PENDING",
    "TO_WATCH",
    "UNCHAINED",
    "UNPROVEN",
    "api_keys",
    "approvals",
    "attempts",
    "audit_head",
    "complete_metadata",
    "counters",
    "deliveries",
    "endpoints",
    "events",
    "key_images",
    "known_spends",
    "leases",
    "messages",
    "metadata",
    "orders",
    "pauses",
    "payloads",
    "payments",
    "places",
    "quotes",
    "refunds",
    "replies",
    "return_addresses",
    "revisions",
    "transfers",
    "wallets",
]
