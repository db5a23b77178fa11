"""The smaller rows: wallets, explained spends, pauses and approvals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from adapters.database.rows import (
    approval_of,
    known_spend_of,
    pause_of,
    plain_row,
    wallet_of,
)
from adapters.database.store.clock import now
from adapters.database.store.sql import add, among, pieces, upsert
from adapters.database.tables import approvals, known_spends, pauses, wallets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from payout.approval import Approval
    from payout.change import Change, KnownSpend, Pause, WalletRecord
    from payout.ports import Clock


_EXPLAINED = sa.select(known_spends.c.txid).where(among(known_spends.c.txid))
_APPROVALS = sa.select(approvals).where(among(approvals.c.refund_id))
_PAUSES = sa.select(pauses).order_by(pauses.c.at, pauses.c.scope, pauses.c.who)
_WALLET = sa.select(wallets).where(wallets.c.name == sa.bindparam("of"))
_TIP = (
    sa.update(wallets)
    .where(wallets.c.name == sa.bindparam("of"))
    .values({name: sa.bindparam(name) for name in ("tip", "tip_at")})
)
_ADD_APPROVALS = sa.insert(approvals)


def write(conn: Connection, change: Change) -> None:
    """
    Wallets are replaced by name; the first explanation of a spend stays; a person's newest pause of a scope
    counts, resuming a scope lifts everybody's, and lifting ends one person's. Approvals are added.
    """
    for wallet in sorted(change.wallets, key=lambda each: each.name):
        conn.execute(upsert(conn, wallets), plain_row(wallet))
    for spend in change.known_spends:
        conn.execute(add(conn, known_spends), plain_row(spend))
    if change.resume:
        conn.execute(sa.delete(pauses).where(pauses.c.scope.in_(change.resume)))
    for scope, who in change.lift:
        conn.execute(sa.delete(pauses).where(pauses.c.scope == scope, pauses.c.who == who))
    for pause in change.pauses:
        conn.execute(upsert(conn, pauses), plain_row(pause))
    if change.approvals:
        conn.execute(_ADD_APPROVALS, [plain_row(each) for each in change.approvals])


def note_tip(conn: Connection, name: str, tip: int, at: datetime) -> None:
    """How long the chain is, on the wallet's row."""
    conn.execute(_TIP, {"of": name, "tip": tip, "tip_at": at})


def wallet(conn: Connection, name: str) -> WalletRecord | None:
    """What is remembered of a wallet."""
    row = conn.execute(_WALLET, {"of": name}).first()
    return None if row is None else wallet_of(row)


def spends_of(conn: Connection, wallet_name: str) -> tuple[KnownSpend, ...]:
    """Explained spends of a wallet, oldest first."""
    query = sa.select(known_spends).where(known_spends.c.wallet == wallet_name)
    rows = conn.execute(query.order_by(known_spends.c.at, known_spends.c.txid))
    return tuple(known_spend_of(row) for row in rows)


def spends_among(conn: Connection, txids: Iterable[str]) -> set[str]:
    """Those that a person has explained."""
    found: set[str] = set()
    for piece in pieces(txids):
        found.update(conn.scalars(_EXPLAINED, {"among": piece}))
    return found


def pauses_in_force(conn: Connection, clock: Clock | None) -> tuple[Pause, ...]:
    """Those that have not ended by themselves, oldest first."""
    return in_force(conn, clock, tuple(pause_of(row) for row in conn.execute(_PAUSES)))


def in_force(conn: Connection, clock: Clock | None, found: tuple[Pause, ...]) -> tuple[Pause, ...]:
    """Of these pauses, those that still stop commits. The time is only asked for where it matters."""
    if all(pause.until is None for pause in found):
        return found
    at = now(conn, clock)
    return tuple(pause for pause in found if pause.in_force(at))


def approvals_of(conn: Connection, refund_ids: Iterable[str]) -> tuple[Approval, ...]:
    """Oldest first."""
    found: list[tuple[int, Approval]] = []
    for piece in pieces(refund_ids):
        found.extend((row.seq, approval_of(row)) for row in conn.execute(_APPROVALS, {"among": piece}))
    return tuple(approval for _, approval in sorted(found, key=lambda pair: pair[0]))
