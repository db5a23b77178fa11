"""The audit trail in a database: whoever can write every row there is found out all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.database.outward_rows import event_row
from adapters.database.store import SqlStore
from adapters.database.tables import audit_head, events
from payout.audit.chain import AuditLine
from payout.audit.verdict import FaultKind
from payout.audit.verify import verify
from payout.change import Change
from tests.adapters.conftest import emptied
from tests.contracts.audit import LINKS, AuditTrailContract, checkpoint, forged, found, restamped, written
from tests.factories import NOW, make_event
from tests.stores import AUDIT, open_test_store

UNGUARDED = {
    "sqlite": ("DROP TRIGGER IF EXISTS events_no_update", "DROP TRIGGER IF EXISTS events_no_delete"),
    "postgresql": ("ALTER TABLE events DISABLE TRIGGER USER",),
}
GUARDED = {"sqlite": (), "postgresql": ("ALTER TABLE events ENABLE TRIGGER USER",)}

CLEAR = sa.delete(events).where(events.c.number.is_not(None))
ADD = sa.insert(events)


class SqlVandal:
    """Has the database's own password, and takes the guards of its tables away first."""

    def __init__(self, url: str) -> None:
        self.store = open_test_store(url)
        self._engine = sa.create_engine(url)

    def do(self, *statements: Any) -> None:
        """Statements, each alone or with its rows, in one transaction that no guard sees."""
        dialect = self._engine.dialect.name
        with self._engine.begin() as conn:
            if dialect == "sqlite":
                conn.execute(sa.text("PRAGMA synchronous = OFF"))
            for guard in UNGUARDED[dialect]:
                conn.execute(sa.text(guard))
            for statement in statements:
                what, *rows = statement if isinstance(statement, tuple) else (statement,)
                conn.execute(sa.text(what) if isinstance(what, str) else what, *rows)
            for guard in GUARDED[dialect]:
                conn.execute(sa.text(guard))

    def put(self, lines: Sequence[AuditLine]) -> None:
        rows = [event_row(line.event, line.number, line.mac) for line in lines]
        self.do(CLEAR, *([(ADD, rows)] if rows else []))

    def set_head(self, **values: Any) -> None:
        self.do(sa.update(audit_head).values(**values))

    def close(self) -> None:
        self.store.close()
        self._engine.dispose()


class SqlAuditTrail(AuditTrailContract):
    """What only a database can suffer."""

    @pytest.fixture
    def vandal(self, url: str) -> Iterator[SqlVandal]:
        vandal = SqlVandal(url)
        yield vandal
        vandal.close()

    def test_every_truncation_is_found_by_the_head_alone(self, vandal: SqlVandal, lines: tuple[AuditLine, ...]) -> None:
        for left in range(LINKS):
            vandal.put(lines[:left])

            verdict = verify(vandal.store, AUDIT)
            assert found(verdict) == [(FaultKind.TRUNCATED, left + 1)]

    def test_a_truncation_with_a_head_to_suit_is_found_by_a_checkpoint(
        self, vandal: SqlVandal, lines: tuple[AuditLine, ...]
    ) -> None:
        for left in range(1, LINKS):
            vandal.put(lines[:left])
            vandal.set_head(number=left, mac=lines[left - 1].mac)

            assert verify(vandal.store, AUDIT).sound
            verdict = verify(vandal.store, AUDIT, [checkpoint(lines[-1])])
            assert found(verdict) == [(FaultKind.TRUNCATED, left + 1)]

    def test_what_grows_on_a_cut_chain_does_not_hide_the_cut(
        self, vandal: SqlVandal, lines: tuple[AuditLine, ...]
    ) -> None:
        vandal.put(lines[:4])
        vandal.set_head(number=4, mac=lines[3].mac)
        vandal.store.commit(Change(events=tuple(make_event(f"later {number}") for number in range(LINKS))))

        assert verify(vandal.store, AUDIT).sound
        verdict = verify(vandal.store, AUDIT, [checkpoint(lines[-1])])
        assert found(verdict) == [(FaultKind.RESTAMPED, LINKS)]

    def test_a_chain_written_anew_with_the_key_and_its_head_is_found_by_a_checkpoint_alone(
        self, vandal: SqlVandal, lines: tuple[AuditLine, ...]
    ) -> None:
        anew = restamped([replace(line, event=replace(line.event, who="mallory")) for line in lines], AUDIT)
        vandal.put(anew)
        vandal.set_head(mac=anew[-1].mac)

        assert verify(vandal.store, AUDIT).sound
        assert found(verify(vandal.store, AUDIT, [checkpoint(lines[-1])])) == [(FaultKind.RESTAMPED, LINKS)]

    @pytest.mark.parametrize(
        "values",
        [
            {"number": LINKS - 1},
            {"number": 0, "mac": ""},
            {"number": LINKS + 5},
            {"mac": "0" * 64},
            {"before": 3},
            {"number": LINKS + 5, "mac": "0" * 64, "before": 1},
        ],
    )
    def test_a_forged_head_is_found(
        self, vandal: SqlVandal, lines: tuple[AuditLine, ...], values: dict[str, Any]
    ) -> None:
        vandal.set_head(**values)

        kinds = {fault.kind for fault in verify(vandal.store, AUDIT).faults}
        assert kinds & {FaultKind.HEAD, FaultKind.TRUNCATED}

    def test_a_head_that_is_gone_is_found_and_the_links_are_read_all_the_same(
        self, vandal: SqlVandal, lines: tuple[AuditLine, ...]
    ) -> None:
        vandal.put((*lines[:2], *lines[3:]))
        vandal.do(sa.delete(audit_head))

        kinds = [kind for kind, _ in found(verify(vandal.store, AUDIT))]
        assert {FaultKind.HEAD, FaultKind.DELETED} <= set(kinds)

    def test_events_without_a_number_that_appear_are_found(
        self, vandal: SqlVandal, lines: tuple[AuditLine, ...]
    ) -> None:
        planted = event_row(make_event("planted"), 0, "") | {"number": None, "mac": None}
        vandal.do(sa.insert(events).values(planted))

        verdict = verify(vandal.store, AUDIT)

        assert found(verdict) == [(FaultKind.UNCHAINED, None)]
        assert "1 events have no place" in verdict.faults[0].words

    def test_events_that_lose_their_number_are_found_twice(
        self, vandal: SqlVandal, lines: tuple[AuditLine, ...]
    ) -> None:
        vandal.do(sa.update(events).where(events.c.number == 4).values(number=None))

        assert found(verify(vandal.store, AUDIT)) == [(FaultKind.UNCHAINED, None), (FaultKind.DELETED, 4)]

    def test_events_from_before_the_chain_are_counted(self, vandal: SqlVandal) -> None:
        old = [event_row(make_event(f"old {number}"), 0, "") | {"number": None, "mac": None} for number in range(3)]
        vandal.do(sa.insert(events).values(old))
        vandal.set_head(before=3)
        written(vandal.store)
        assert verify(vandal.store, AUDIT).sound

        vandal.do("DELETE FROM events WHERE words = 'old 1'")

        verdict = verify(vandal.store, AUDIT)
        assert found(verdict) == [(FaultKind.DELETED, None)]
        assert "1 of 3 events from before the chain" in verdict.faults[0].words

        vandal.set_head(before=2)
        assert found(verify(vandal.store, AUDIT)) == [(FaultKind.EDITED, 1)], "the first link follows their number"

    def test_all_is_found_at_once(self, vandal: SqlVandal, lines: tuple[AuditLine, ...]) -> None:
        edited = replace(lines[1], event=replace(lines[1].event, at=NOW + timedelta(hours=1)))
        vandal.put((lines[0], edited, lines[2], *lines[4:], forged(LINKS + 1)))

        kinds = {kind for kind, _ in found(verify(vandal.store, AUDIT, [checkpoint(replace(lines[5], mac="a" * 64))]))}

        assert {FaultKind.EDITED, FaultKind.DELETED, FaultKind.HEAD, FaultKind.RESTAMPED} <= kinds


class TestSqliteAuditTrail(SqlAuditTrail):
    @pytest.fixture
    def url(self, sqlite_url: str) -> str:
        return sqlite_url

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE events SET at = 'garbage' WHERE number = 4",
            "UPDATE events SET at = 12 WHERE number = 4",
            "UPDATE events SET words = x'ff00' WHERE number = 4",
            "UPDATE events SET who = 3 WHERE number = 4",
            "UPDATE events SET mac = 7 WHERE number = 4",
            "UPDATE events SET number = 'seven' WHERE number = 4",
            "UPDATE events SET alarm = 9 WHERE number = 4",
        ],
    )
    def test_a_row_that_cannot_be_read_is_told_and_the_rest_is_read(
        self, vandal: SqlVandal, lines: tuple[AuditLine, ...], statement: str
    ) -> None:
        vandal.do(statement)

        verdict = verify(vandal.store, AUDIT)

        assert 4 in [number for _, number in found(verdict)]
        assert verdict.links >= LINKS - 1


@pytest.mark.nodes
class TestPostgresAuditTrail(SqlAuditTrail):
    @pytest.fixture
    def url(self, migrated: sa.Engine) -> str:
        return emptied(migrated)


def test_a_store_keeps_no_row_of_the_vandal_apart(sqlite_url: str) -> None:
    """The vandal itself works: what it puts is what the store reads."""
    vandal = SqlVandal(sqlite_url)
    store: SqlStore = vandal.store
    lines = written(store)

    vandal.put(lines[:3])

    assert store.audit_lines(0, 100) == lines[:3]
    vandal.close()
