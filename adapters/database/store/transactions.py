"""
What every method of the store does: one transaction, errors made ours, and none open when it returns.

Reading takes no lock; writing says so first, because SQLite must take its only write lock before it reads.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from adapters.database.engine import BUSY_SECONDS, writer
from adapters.database.faults import committing, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

    from payout.audit.chain import AuditKey
    from payout.ports import Clock

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


class Transactions:
    """
    Transactions on one engine.

    Leases, pauses and deliveries are compared by the database's clock, unless a simulation passes in its own.
    """

    def __init__(self, engine: Engine, key: AuditKey, clock: Clock | None = None) -> None:
        self._engine = engine
        self._writer = writer(engine)
        self._key = key
        self._clock = clock
        self._turn = Lock() if engine.dialect.name == "sqlite" else None

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def _ask(
        self,
        query: Callable[Concatenate[Connection, Given], Answer],
        *args: Given.args,
        **kwargs: Given.kwargs,
    ) -> Answer:
        with translated(), self._engine.connect() as conn:
            return query(conn, *args, **kwargs)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._in_turn(), translated(), self._writer.connect() as conn:
            yield conn
            with committing():
                conn.commit()

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        """
        Threads of this process write one after the other where SQLite has room for one writer only: it lets who comes
        second sleep, longer each time. Who had to wait too long goes ahead, and meets SQLite's own limit.
        """
        taken = self._turn is not None and self._turn.acquire(timeout=BUSY_SECONDS)
        try:
            yield
        finally:
            if taken and self._turn is not None:
                self._turn.release()
