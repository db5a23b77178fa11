"""An installation from before seals, chains and keys of people's own is brought along, and goes on paying."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from adapters.database.engine import make_engine, parse_url, writer
from adapters.database.migrate import alembic_config, migrate
from config.people.file import IN_FORCE
from config.settings import load
from config.wiring import House
from payout.change import Change
from payout.refund import RefundStatus
from tests.config.line import Line
from tests.factories import ADDRESS, make_event

PEOPLE = '[people.panel]\nroles = ["requester"]\n[people.alice]\nroles = ["approver", "admin"]\n'
BEFORE = "0002"


class Installation:
    """In one folder; `house` reads it as a process that was just started."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.url = f"sqlite:///{line.folder / 'var' / 'payout.db'}"
        self._houses: list[House] = []

    def house(self) -> House:
        made = House(load(self.line.file))
        self._houses.append(made)
        return made

    def sql(self, *statements: str) -> None:
        engine = sa.create_engine(self.url)
        with engine.begin() as conn:
            for statement in statements:
                conn.execute(sa.text(statement))
        engine.dispose()

    def downgrade(self) -> None:
        engine = make_engine(parse_url(self.url))
        with writer(engine).begin() as conn:
            config = alembic_config()
            config.attributes["connection"] = conn
            command.downgrade(config, BEFORE)
        engine.dispose()

    def run(self, *words: str) -> None:
        said = self.line(*words)
        assert said.code == 0, said.err

    def close(self) -> None:
        for house in self._houses:
            house.close()


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Installation]:
    """As the version before left it: an approved refund, signed in the old form, and none of the new files."""
    made = Installation(Line(tmp_path))
    made.run("init")
    (tmp_path / "people.toml").write_text(PEOPLE)
    asked = ("--external-id", "E-1", "--usd", "20", "--asset", "XMR", "--destination", ADDRESS)
    made.run("refunds", "add", *asked, "--as", "panel")
    made.run("refunds", "approve", "E-1", "--as", "alice")
    made.downgrade()
    made.sql(
        "DROP TRIGGER approvals_no_update",
        "UPDATE approvals SET digest = 'of the old form', signature = 'of the old form'",
    )
    for name in ("intake.key", "audit.key", IN_FORCE):
        for file in tmp_path.rglob(name):
            file.unlink()
    yield made
    made.close()


def test_open_refunds_are_sealed_where_there_is_a_people_file_too(old: Installation) -> None:
    old.run("init")

    house = old.house()
    refund = house.desk.find("E-1")
    house.approver.check_seal(refund)
    assert refund.status is RefundStatus.REQUESTED


def test_a_daemon_that_writes_an_event_before_the_seals_are_there_does_not_keep_them_away(old: Installation) -> None:
    """A supervisor starts it anew every few seconds, and the tables are there a moment before the seals."""
    migrate(old.url)
    old.house().store.commit(Change(events=(make_event(),)))
    old.run("init")

    house = old.house()
    house.approver.check_seal(house.desk.find("E-1"))


def test_approvals_of_the_old_form_are_void_and_no_forgeries(old: Installation) -> None:
    old.run("init")
    old.run("refunds", "approve", "E-1", "--as", "alice")

    house = old.house()
    assert house.desk.find("E-1").status is RefundStatus.APPROVED
    assert house.store.events(alarms=True) == ()


def test_a_chain_that_was_emptied_does_not_have_edited_refunds_sealed(old: Installation) -> None:
    old.run("init")
    old.house().audit.watch().tick()
    old.sql(
        "DROP TRIGGER events_no_delete",
        "DELETE FROM events",
        "UPDATE audit_head SET number = 0, mac = ''",
        "UPDATE refunds SET destination = 'the thief', seal = ''",
    )
    old.run("init")

    assert old.house().desk.find("E-1").seal == ""
