"""
A siege: one installation, the people who use it, and an intruder who can write anything into its database.

The intruder has no file of the host: no key, no spend journal, no people file, no wallet. Whatever he did, the
daemon's own ticks then run until nothing moves, and the judge says what left.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from threading import RLock
from typing import TYPE_CHECKING, Any

from config.daemon import Daemon
from config.settings import load
from payout.audit.verify import verify
from payout.errors import PayoutError
from payout.intake import Request
from tests.approvers import approve_with
from tests.attacks.besieged import Besieged
from tests.attacks.judge import Judge
from tests.attacks.network import Network, address_of, tron_address_of
from tests.attacks.people import hand

if TYPE_CHECKING:
    from pathlib import Path

    from payout.audit.verdict import Verdict

THIEF = address_of("thief")
ROUNDS = 5
BLOCKS = 11
LEASE = timedelta(seconds=31)


class Siege:
    """One besieged installation."""

    def __init__(self, folder: Path, judge: Judge | None = None) -> None:
        self.folder = folder
        self.judge = judge or Judge(Network())
        self.network = self.judge.network
        self.house = self._enter()
        self._daemon: Daemon | None = None
        self._raw = self._connect()

    def _connect(self) -> Any:
        """The intruder's own way into the database."""
        return sqlite3.connect(self._file, isolation_level=None)

    def begin(self) -> None:
        """The wallet is adopted, and return addresses are made; then somebody breaks in, and no trigger hinders him."""
        self.run(1)
        self.disarm()

    def disarm(self) -> None:
        """No trigger is left."""
        for (trigger,) in self.sql("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            self.sql(f"DROP TRIGGER {trigger}")

    # ------------------------------------------------------------ what the merchant does

    def request(
        self, name: str, usd: str = "40.00", asset: str = "XMR", *, by: str = "panel", to: str = "", **more: Any
    ) -> str:
        """The panel hands a refund in; its id. An automatic one is agreed to by the rules."""
        make = address_of if asset == "XMR" else tron_address_of
        destination = to or make(name)
        network = "tron" if asset == "USDT" else None
        asked = Request(external_id=name, usd=usd, asset=asset, network=network, destination=destination, **more)
        refund, problems = self.house.intake.read(asked, by)
        if refund is None:
            raise ValueError(f"the attack asks for what cannot be: {problems}")
        debt = self.judge.owe(name, asset, usd, destination)
        debt.agreed = self.house.approver.rules().approvals_for(refund.owed) == 0
        return self.house.intake.add([refund])[0].refund.id

    def approve(self, key: str, *names: str) -> None:
        """People look at it, and sign what they see with their own keys."""
        for name in names or ("alice",):
            refund = approve_with(self.house.desk, key, name, hand(name))
        self.judge.debts[refund.external_id].agreed = refund.status in {"APPROVED", "PAYING", "PAID"}

    def approved(self, name: str, usd: str = "40.00", asset: str = "XMR", **more: Any) -> str:
        """A refund that as many people approved as it takes; its id."""
        key = self.request(name, usd, asset, **more)
        needed = self.house.approver.needed(self.house.desk.find(key))
        self.approve(key, *("alice", "bob")[:needed])
        return key

    def withdraw(self, name: str) -> None:
        """People took it back: from now on nobody agrees to it."""
        self.judge.debts[name].agreed = False

    def paid_once(self, name: str, **more: Any) -> str:
        """A refund that was approved, and paid to the end; its id."""
        key = self.approved(name, **more)
        self.run()
        if self.status(key) != "PAID":
            raise AssertionError(f"{name} is {self.status(key)}: {self.row('refunds', key)}")
        return key

    # ------------------------------------------------------------ what the intruder does

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Anything, on the raw file."""
        cursor = self._raw.execute(statement, values)
        return cursor.fetchall() if cursor.description else []

    def set(self, table: str, key: str, **columns: object) -> None:
        """Edit one row by its id."""
        names = ", ".join(f"{name} = ?" for name in columns)
        self.sql(f"UPDATE {table} SET {names} WHERE id = ?", *columns.values(), key)

    def row(self, table: str, key: str) -> dict[str, Any]:
        """One row by its id."""
        return self.rows(f"SELECT * FROM {table} WHERE id = ?", key)[0]

    def rows(self, statement: str, *values: object) -> list[dict[str, Any]]:
        """Rows as they stand."""
        cursor = self._raw.execute(statement, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def insert(self, table: str, row: dict[str, Any], **changes: object) -> None:
        """A row like this one, with changes; `seq` is left to the database."""
        values = {name: value for name, value in {**row, **changes}.items() if name != "seq"}
        marks = ", ".join("?" * len(values))
        self.sql(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())

    def copy(self) -> bytes:
        """The whole database, as a backup has it."""
        copy: bytes = self._raw.serialize()
        return copy

    def put_back(self, copy: bytes) -> None:
        """An old copy takes the place of the database; the daemon is started anew on it."""
        self.stop()
        self._raw.close()
        for suffix in ("-wal", "-shm"):
            self._file.with_name(self._file.name + suffix).unlink(missing_ok=True)
        self._file.write_bytes(copy)
        self._raw = self._connect()
        self.house = self._enter()

    def break_journal(self) -> None:
        """The disk is full: no line can be written."""
        self.network.disk_full = True

    def mend_journal(self) -> None:
        """There is room again."""
        self.network.disk_full = False

    # ------------------------------------------------------------ what follows

    def run(self, rounds: int = ROUNDS, *, blocks: int = BLOCKS) -> None:
        """The daemon's ticks, blocks, and again, until nothing moves."""
        before = None
        for _ in range(rounds):
            self.tick()
            self.network.mine(blocks)
            now = self._standing()
            if now in (before, ()):
                return
            before = now

    def _standing(self) -> tuple[object, ...]:
        """What is under way; nothing where all has ended."""
        refunds = self.sql("SELECT id, status FROM refunds WHERE status IN ('APPROVED', 'PAYING')")
        transfers = self.sql("SELECT id, place FROM transfers WHERE status = 'OPEN'")
        moved = self.sql("SELECT count(*) FROM events") if refunds or transfers else []
        return (*refunds, *transfers, *moved)

    def tick(self, *names: str) -> None:
        """These ticks of the daemon, or all in their order. One that fails leaves the next its turn."""
        if self._daemon is None:
            self._daemon = Daemon(self.house, ("hot",))
        for name, call in self._daemon._order():
            if not names or name in names:
                with suppress(PayoutError):
                    call()

    def stop(self) -> None:
        """The daemon ends, and its lease runs out."""
        if self._daemon is not None:
            self._daemon._close()
            self._daemon = None
        self.house.close()
        self.network.clock.pass_by(LEASE)

    def restart(self) -> None:
        """The daemon ends, and another one starts on what it finds."""
        self.stop()
        self.house = self._enter()

    def close(self) -> None:
        """Let go of threads and files."""
        self.stop()
        self._raw.close()

    def status(self, key: str) -> str:
        """As the row says."""
        return str(self.row("refunds", key)["status"])

    def paid(self) -> list[str]:
        """Names of what was paid. Raises Robbery where anything left that people did not approve."""
        return self.judge.paid()

    def alarms(self) -> dict[str, str]:
        """By kind, the words of the alarms on record."""
        return dict(self.sql("SELECT kind, words FROM events WHERE alarm ORDER BY seq"))

    def verify(self) -> Verdict:
        """What `payout audit verify` finds."""
        house = self._enter()
        try:
            parts = house.audit
            return verify(house.store, house.audit_key, parts.files.read().checkpoints)
        finally:
            house.close()

    @property
    def _file(self) -> Path:
        return self.folder / "var" / "payout.db"

    def _enter(self) -> Besieged:
        return Besieged(load(self.folder / "payout.toml"), self.network)


def paid(siege: Siege) -> str:
    """A story: E-1 was approved, and paid to the end; its id."""
    return siege.paid_once("E-1")


Story = Callable[[Siege], Any]
Begun = Callable[[Story], tuple[Siege, Any]]
"""Begins where a story ends: the siege, and what the story returned."""


@dataclass(frozen=True)
class Scene:
    """A siege at one moment, to begin from as often as wanted."""

    folder: Path
    judge: Judge
    what: Any
    """What the story that led there returned."""

    @classmethod
    def of(cls, siege: Siege, what: Any = None) -> Scene:
        """The siege as it stands now; it ends."""
        siege.close()
        return cls(siege.folder, siege.judge, what)

    def enter(self, folder: Path) -> Siege:
        """A siege of its own: the files are copied, and the network."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        network = self.judge.network
        # A lock cannot be copied, and what is signed and mined never changes.
        memo: dict[int, Any] = {id(network.service.lock): RLock()}
        memo |= {id(each): each for each in (*network.chain.blocks, *network.chain.signed.values())}
        memo |= {id(coin): coin for block in network.chain.blocks for tx in block.txs for coin in (tx, *tx.outputs)}
        return Siege(folder, deepcopy(self.judge, memo))

    @contextmanager
    def entered(self, folder: Path) -> Iterator[Siege]:
        """The same, for as long as the block lasts."""
        siege = self.enter(folder)
        yield siege
        siege.close()
