"""A handful of the attacks on PostgreSQL: what stops them lies in files of the host, and not in the database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.attacks.layout import lay_out
from tests.attacks.siege import THIEF, Siege
from tests.config.line import Line


class _Connection:
    """psycopg's, with the marks of SQLite."""

    def __init__(self, url: str) -> None:
        self._raw = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)

    def execute(self, statement: str, values: tuple[object, ...] = ()) -> Any:
        return self._raw.execute(statement.replace("?", "%s"), values)

    def close(self) -> None:
        self._raw.close()


class OnPostgres(Siege):
    """The same installation, whose database is a server's."""

    def __init__(self, folder: Path, url: str) -> None:
        self._url = url
        super().__init__(folder)

    def _connect(self) -> Any:
        return _Connection(self._url)

    def disarm(self) -> None:
        for trigger, table in self.sql("SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal"):
            self.sql(f"DROP TRIGGER {trigger} ON {table}")


@pytest.fixture
def besieged(postgres_url: str, tmp_path: Path) -> Iterator[OnPostgres]:
    line = Line(tmp_path)
    lay_out(tmp_path)
    line.extend(f'\n[database]\nurl = "{postgres_url}"\n')
    said = line("init")
    assert said.code == 0, said.err
    siege = OnPostgres(tmp_path, postgres_url)
    siege.begin()
    yield siege
    siege.close()


def test_the_same_is_foiled_on_postgresql(besieged: OnPostgres) -> None:
    paid = besieged.paid_once("paid")
    approval = besieged.rows("SELECT * FROM approvals WHERE refund_id = ?", paid)[0]
    edited, copied, ended = besieged.approved("edited"), besieged.request("copied"), besieged.approved("ended")
    besieged.house.desk.cancel(ended, "panel", "a mistake")
    besieged.withdraw("ended")
    besieged.set("refunds", edited, destination=THIEF, status="REQUESTED")
    besieged.tick("pay:hot")

    besieged.set("refunds", edited, status="APPROVED")
    besieged.insert("approvals", approval, refund_id=copied)
    besieged.set("refunds", copied, status="APPROVED", approved_until=approval["expires_at"])
    besieged.set("refunds", ended, status="APPROVED")
    besieged.sql("DELETE FROM attempts")
    besieged.sql("DELETE FROM counters")
    besieged.set("refunds", paid, status="APPROVED", attempts=0)
    besieged.run()

    assert besieged.paid() == ["paid"]
    assert {besieged.status(key) for key in (paid, edited, copied, ended)} == {"HELD"}
    assert {"approval.invalid", "refund.held"} <= besieged.alarms().keys()
    assert besieged.verify().sound
    besieged.sql("DELETE FROM events WHERE alarm")
    assert not besieged.verify().sound
