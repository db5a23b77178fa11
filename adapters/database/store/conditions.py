"""
The conditions of a change, each checked in its own transaction.

On PostgreSQL each takes a lock that lasts until the commit, so that what was true at the check is true at the
write; on SQLite the whole transaction holds the only write lock. Locks are taken in sorted order, so that two
changes never wait for each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from adapters.database.rows import pause_of
from adapters.database.store import records
from adapters.database.store.sql import add_up
from adapters.database.tables import counters, leases, pauses, transfers
from payout.asset import USD
from payout.caps import EVER
from payout.errors import DatabaseBehind, LeaseLost, LimitReached, Paused
from payout.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from payout.caps import CapUse
    from payout.change import Lease
    from payout.ports import Clock

COUNTER_MAX = 2**63 - 1

_LEASE = (
    sa.select(sa.true())
    .where(
        leases.c.wallet == sa.bindparam("wallet"),
        leases.c.owner == sa.bindparam("owner"),
        leases.c.epoch == sa.bindparam("epoch"),
    )
    .with_for_update(read=True)
)
_NO_NEW_PAUSE = sa.text("LOCK TABLE pauses IN SHARE MODE")
_PAUSES = (
    sa.select(pauses)
    .where(pauses.c.scope.in_(sa.bindparam("scopes", expanding=True)))
    .order_by(pauses.c.at, pauses.c.scope, pauses.c.who)
)
_TRANSFER = sa.select(sa.true()).where(transfers.c.id == sa.bindparam("id"))
_USED = sa.select(counters.c.used).where(
    counters.c.scope == sa.bindparam("scope"), counters.c.day == sa.bindparam("day")
)


def lease_is_ours(conn: Connection, lease: Lease | None) -> None:
    """
    Nobody has taken the wallet over. One that ran out but was not taken over is still ours.

    Raises:
        LeaseLost: somebody has, or it was let go.
    """
    if lease is None:
        return
    mine = {"wallet": lease.wallet, "owner": lease.owner, "epoch": lease.epoch}
    if conn.scalar(_LEASE, mine) is None:
        raise LeaseLost(f"wallet {lease.wallet}: epoch {lease.epoch} of {lease.owner} has ended; nothing was written")


def no_pause(conn: Connection, clock: Clock | None, scopes: tuple[str, ...]) -> None:
    """
    None of these scopes is paused, by the database's clock.

    Raises:
        Paused: says who paused it, why and until when.
    """
    if not scopes:
        return
    if conn.dialect.name == "postgresql":
        # A pause is a new row, and no row lock holds that off: whoever pauses now waits for this commit.
        conn.execute(_NO_NEW_PAUSE)
    found = tuple(pause_of(row) for row in conn.execute(_PAUSES, {"scopes": scopes}))
    for pause in records.in_force(conn, clock, found)[:1]:
        raise Paused(f"{pause.words}; once that is settled, run `payout resume {pause.scope}`")


def journal_head_is_known(conn: Connection, head: str | None) -> None:
    """
    The journal's last transfer is on record.

    Raises:
        DatabaseBehind: it is not.
    """
    if head is not None and conn.scalar(_TRANSFER, {"id": head}) is None:
        raise DatabaseBehind(
            f"the spend journal's last transfer {head} is not in the database: it is older than the journal "
            "(a restored backup?); run `payout reconcile --repair`"
        )


def raise_counters(conn: Connection, uses: Iterable[CapUse]) -> None:
    """
    Add to each counter, and let none pass its cap.

    Raises:
        LimitReached: names the counter, its cap and what is left.
    """
    for (scope, day), (units, cap) in sorted(_by_counter(uses).items()):
        room = min(cap, COUNTER_MAX) - units
        use = {"scope": scope, "day": day, "used": units, "room": room}
        if room < 0 or conn.execute(add_up(conn, counters, "used"), use).rowcount != 1:
            used = counter(conn, scope, day)
            left = Money(max(0, cap - used), USD)
            when, remedy = ("in all", "") if day == EVER else (f"on {day}", "wait for the next day (UTC), or ")
            raise LimitReached(
                f"the cap {scope} of {Money(cap, USD)} USD {when} would be passed: {left} are left, "
                f"{Money(units, USD)} are needed; {remedy}raise the limit"
            )


def counter(conn: Connection, scope: str, day: str) -> int:
    """Where a counter stands."""
    return conn.scalar(_USED, {"scope": scope, "day": day}) or 0


def _by_counter(uses: Iterable[CapUse]) -> dict[tuple[str, str], tuple[int, int]]:
    """Units and cap of each counter; several uses of one counter must fit together."""
    merged: dict[tuple[str, str], tuple[int, int]] = {}
    for use in uses:
        units, cap = merged.get((use.scope, use.day), (0, use.cap))
        merged[use.scope, use.day] = (units + use.units, min(cap, use.cap))
    return merged
