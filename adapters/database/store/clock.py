"""The database's clock, or the one that a simulation hands in: leases, pauses and deliveries are compared by it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from payout.ports import Clock

_SQLITE_NOW = sa.text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')")


def now(conn: Connection, clock: Clock | None) -> datetime:
    """What time it is, as everybody who shares this database sees it."""
    if clock is not None:
        return clock.now()
    if conn.dialect.name == "postgresql":
        moment = conn.scalar(sa.select(sa.func.clock_timestamp()))
        return moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
    text = conn.scalar(_SQLITE_NOW)
    return datetime.fromisoformat(f"{text}+00:00")
