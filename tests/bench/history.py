"""
Fills a database with refunds that were paid long ago, some hundred thousand a second.

One life is written through the store, as the daemon would; then the database itself copies its rows. Ids are
spread over the whole range, as real ones are, so that an index is not kinder to these rows than to real ones.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

from adapters.database.engine import make_engine, parse_url, writer
from adapters.database.store import SqlStore
from adapters.database.tables import (
    approvals,
    attempts,
    audit_head,
    events,
    key_images,
    payloads,
    refunds,
    transfers,
)
from payout.change import Change
from payout.refund import AttemptStatus
from payout.spend_journal import FIRST_HASH, Entry, encode, seal_line
from payout.transfer import Place, Sighting, TransferStatus
from tests.factories import (
    NOW,
    WEEK,
    make_approval,
    make_attempt,
    make_event,
    make_quote,
    make_refund,
    make_transfer,
)
from tests.stores import AUDIT

BATCH = 15
SEALED_BYTES = 2_000
"""A tenth of what the sealed payload of 16 outputs takes: no tick reads it, and it fills the disk."""

LINES = ("25.00 USD owed in XMR", "approved by alice", "0.0757 XMR committed", "paid, 10 blocks deep")
"""The history of each. Copies are no links of the audit chain, only as large as ones."""

FAST = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -1500000")
"""For the filling alone: with SQLite's own 2 MiB of cache every scattered id would be a read from the disk."""

_SPREAD = 2_654_435_761
_RANGE = 2**32
"""An odd factor below a power of two: every number up to the range gives another one."""


def fill(url: str, paid: int, *, sealed_bytes: int = SEALED_BYTES) -> None:
    """Add `paid` PAID refunds, 15 to a FINAL and watched transfer, to a database that has its tables."""
    engine = make_engine(parse_url(url))
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _hurry)
    _write_one_life(SqlStore(engine, AUDIT), sealed_bytes)
    with writer(engine).begin() as conn:
        _copy(conn, transfers, -(-paid // BATCH), {"id": _spread("t")})
        _copy(conn, payloads, -(-paid // BATCH), {"transfer_id": _spread("t")})
        images = {"transfer_id": _spread("t"), "key_image": _text("'k' || ({n} * 2)")}
        _copy(conn, key_images, -(-paid // BATCH), images)
        _copy(conn, refunds, paid, {"id": _spread("rf_"), "external_id": _spread("H-")})
        _copy(conn, attempts, paid, _of_attempts())
        of_refund = {"refund_id": _spread("rf_"), "seq": None}
        _copy(conn, approvals, paid, of_refund)
        numbered = {"number": _text(f"events.number + {{n}} * {len(LINES)}")}
        _copy(conn, events, paid, of_refund | numbered)
        conn.execute(sa.update(audit_head).values(number=len(LINES) * (paid + 1)))
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as conn:
        vacuum = "PRAGMA wal_checkpoint(TRUNCATE)" if engine.dialect.name == "sqlite" else "VACUUM ANALYZE"
        conn.exec_driver_sql(vacuum)
    engine.dispose()


def fill_journal(url: str, file: Path, adopted: dict[str, Any]) -> None:
    """
    Write the spend journal that belongs to a database that `fill` filled, with no more than what a worker looks at.

    `adopted` is the body of its first line: the wallet's name, address, network and height.
    """
    engine, at = make_engine(parse_url(url)), NOW.isoformat()
    query = sa.select(attempts.c.transfer_id, attempts.c.refund_id).order_by(sa.literal_column("attempts.rowid"))
    with engine.connect() as conn, file.open("w", encoding="ascii") as out:
        line = seal_line(1, FIRST_HASH, entry=Entry.ADOPT, txid="", at=at, body=adopted)
        out.write(f"{encode(line)}\n")
        for txid, rows in groupby(conn.execute(query), key=lambda row: str(row.transfer_id)):
            paid = {"owed_cents": "2500", "asset": "XMR", "network": "XMR", "destination": "an address"}
            body = {"wallet": adopted["wallet"], "attempts": [{"refund_id": row.refund_id, **paid} for row in rows]}
            line = seal_line(line.seq + 1, line.hash, entry=Entry.COMMIT, txid=txid, at=at, body=body)
            out.write(f"{encode(line)}\n")
    file.chmod(0o600)
    engine.dispose()


def _hurry(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in FAST:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _write_one_life(store: SqlStore, sealed_bytes: int) -> None:
    """The rows that are copied: `rf_0` and all that belongs to it."""
    start = NOW - timedelta(days=400)
    refund = make_refund("H-0", id="rf_0", requested_at=start)
    approved = refund.approve(start, start + WEEK)
    transfer = make_transfer("history", id="t0", committed_at=start, sealed="x" * sealed_bytes, key_images=("k0",))
    opened = approved.open_attempt()
    attempt = make_attempt(opened, transfer)
    lines = tuple(make_event(each, refund_id=refund.id, at=start) for each in LINES)
    store.commit(Change(refunds=(refund, approved), approvals=(make_approval(refund),), events=lines[:2]))
    store.commit(
        Change(refunds=(opened,), attempts=(attempt,), transfers=(transfer,), quotes=(make_quote(),), events=lines[2:3])
    )
    sighting = Sighting(place=Place.MINED, height=1_000, block_hash="b10c", depth=10, tip=1_010)
    seen = transfer.begin(start).see(sighting, start)
    final = seen.to(TransferStatus.FINAL, final_at=start, watched=True)
    settled = replace(attempt, status=AttemptStatus.SETTLED, closed_at=start, proof="OutProofV2" + "x" * 130)
    store.commit(
        Change(
            refunds=(opened.settle(start),),
            attempts=(settled,),
            transfers=(transfer.begin(start), seen, final),
            events=lines[3:],
        )
    )


def _of_attempts() -> dict[str, Any]:
    transfer = _text(f"'t' || CAST((({{n}} - 1) / {BATCH} + 1) * {_SPREAD} % {_RANGE} AS text)")
    refund = f"'rf_' || CAST({{n}} * {_SPREAD} % {_RANGE} AS text)"
    return {"id": _text(refund + " || '/1'"), "refund_id": _text(refund), "transfer_id": transfer}


def _spread(prefix: str) -> Any:
    return _text(f"'{prefix}' || CAST({{n}} * {_SPREAD} % {_RANGE} AS text)")


def _text(template: str) -> Any:
    return sa.literal_column(template.format(n="CAST(series.n AS bigint)"))


def _copy(conn: sa.Connection, table: sa.Table, times: int, changed: dict[str, Any]) -> None:
    """Every row of the first life, this many times; a column that is changed to None is left to the database."""
    first = sa.select(sa.literal(1).label("n"))
    series = first.cte("series", recursive=True)
    series = series.union_all(sa.select(series.c.n + 1).where(series.c.n < times))
    names = [column.name for column in table.columns if changed.get(column.name, "") is not None]
    values = [changed.get(name, table.c[name]) for name in names]
    mine = [column for column in table.columns if column.name in ("id", "transfer_id", "refund_id")]
    owner = mine[0].in_(["rf_0", "t0", "rf_0/1"])
    conn.execute(
        sa.insert(table).from_select(names, sa.select(*values).select_from(series.join(table, sa.true())).where(owner))
    )
