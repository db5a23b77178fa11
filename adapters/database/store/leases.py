"""
Leases: one writer a wallet.

A lease gives liveness; safety is the epoch, which every write repeats. The row stays when the lease ends, because
its epoch must never go back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import sqlalchemy as sa

from adapters.database.store.clock import now
from adapters.database.store.sql import add
from adapters.database.tables import leases
from payout.change import Lease
from payout.ports import Holder

if TYPE_CHECKING:
    from datetime import timedelta

    from sqlalchemy import Connection

    from payout.ports import Clock

NOBODY = ""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_ROW = sa.select(leases).where(leases.c.wallet == sa.bindparam("of"))
_LOCKED = _ROW.with_for_update()
_TAKE = (
    sa.update(leases)
    .where(leases.c.wallet == sa.bindparam("of"))
    .values({name: sa.bindparam(name) for name in ("owner", "epoch", "expires_at")})
)


def claim(conn: Connection, clock: Clock | None, wallet: str, owner: str, ttl: timedelta) -> Lease | None:
    """Take or keep the lease; None while another owner's has not run out."""
    row = conn.execute(_LOCKED, {"of": wallet}).first()
    if row is None:
        conn.execute(
            add(conn, leases),
            {"wallet": wallet, "owner": NOBODY, "epoch": 0, "expires_at": _LONG_AGO},
        )
        row = conn.execute(_LOCKED, {"of": wallet}).one()
    # The time is asked for after the row is locked: waiting for the lock must not count for its holder.
    at = now(conn, clock)
    runs = row.expires_at > at
    if runs and row.owner != owner:
        return None
    epoch = row.epoch if runs else row.epoch + 1
    conn.execute(_TAKE, {"of": wallet, "owner": owner, "epoch": epoch, "expires_at": at + ttl})
    return Lease(wallet=wallet, owner=owner, epoch=epoch)


def release(conn: Connection, lease: Lease) -> None:
    """Let go, if it is still ours: from now on it also fails as a condition."""
    conn.execute(
        sa.update(leases)
        .where(
            leases.c.wallet == lease.wallet,
            leases.c.owner == lease.owner,
            leases.c.epoch == lease.epoch,
        )
        .values(owner=NOBODY, expires_at=_LONG_AGO)
    )


def holder(conn: Connection, clock: Clock | None, wallet: str) -> Holder | None:
    """Who has it now; None where nobody has, or it has run out."""
    row = conn.execute(_ROW, {"of": wallet}).first()
    at = now(conn, clock)
    if row is None or row.expires_at <= at:
        return None
    return Holder(owner=row.owner, until=row.expires_at)
