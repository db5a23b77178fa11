"""
The one door where a driver's errors become ours.

What must not bend: "nothing was written" is only said when it is certain. An error of a COMMIT itself is certain
only where the database answered it; everything else there is CommitUnknown.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import exc

from payout.errors import (
    BadInput,
    CommitUnknown,
    KeyImageTaken,
    OrderTaken,
    StaleWrite,
    StoreError,
    StoreUnavailable,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_RULES: tuple[tuple[str, str, type[StoreError], str], ...] = (
    # PostgreSQL names the index, SQLite its columns.
    (
        "attempts_one_live",
        "attempts.refund_id",
        StaleWrite,
        "a refund of this change has an attempt that is not FAILED",
    ),
    (
        "key_images_one_live",
        "key_images.key_image",
        KeyImageTaken,
        "another live transfer spends the same input",
    ),
    ("orders_one_live", "orders.refund_id", OrderTaken, "a refund of this change has another live order"),
    ("orders_return_address", "orders.return_address", OrderTaken, "another order returns to the same address"),
    ("orders_deposit_address", "orders.deposit_address", OrderTaken, "another order has the same deposit address"),
    ("orders_processor_id", "orders.processor_id", OrderTaken, "another order has the same processor's id"),
    ("orders_arrival", "orders.arrival_id", OrderTaken, "another order is settled by the same arrival"),
)
_MOVED_BACK = ("events_number", "events.number")
"""Numbers of the audit chain are given out under a lock: no race gets there."""
_SQLITE_NOT_WRITTEN = ("database is locked", "database or disk is full", "readonly database")

_REMEDIES = (
    ("database is locked", "another process writes for very long; look for it, this one tries again"),
    ("database or disk is full", "make room on the disk, this process tries again"),
    ("readonly database", "make the file and its folder writable for this user"),
    ("deadlock detected", "two writers crossed; this process tries again"),
    ("lock timeout", "another process holds a row for very long; this process tries again"),
    ("unable to open database file", "check database.url, and that the folder exists"),
    ("file is not a database", "database.url names a file of another kind; correct it, or restore a backup"),
    ("malformed", "restore the newest backup, then run `payout reconcile`"),
)


@contextmanager
def translated() -> Iterator[None]:
    """Errors of statements, before any COMMIT: nothing was written."""
    try:
        yield
    except exc.IntegrityError as error:
        raise _broken_rule(error) from error
    except exc.DataError as error:
        raise BadInput("a value", f"does not fit its column ({_said(error)})", "correct it") from error
    except exc.DBAPIError as error:
        raise StoreUnavailable(_unavailable(error)) from error
    except exc.TimeoutError as error:
        raise StoreUnavailable(
            "the database: no connection became free in time; nothing was written, try again"
        ) from error


@contextmanager
def committing() -> Iterator[None]:
    """Errors of a COMMIT: it may have been written, unless the database itself said that it was not."""
    try:
        yield
    except exc.DBAPIError as error:
        if _was_rolled_back(error):
            raise
        raise CommitUnknown(
            f"the database did not answer a COMMIT ({_said(error)}): it may have been written; read again"
        ) from error


def _was_rolled_back(error: exc.DBAPIError) -> bool:
    """PostgreSQL answers ERROR once it has rolled back; after FATAL, or no answer, nobody can tell."""
    diag = getattr(error.orig, "diag", None)
    if diag is not None:
        return bool(diag.severity_nonlocalized == "ERROR")
    return any(words in _said(error) for words in _SQLITE_NOT_WRITTEN)


def _broken_rule(error: exc.IntegrityError) -> StoreError:
    """Only races, and what somebody else did to the database, get here: each rule was checked before the write."""
    diag = getattr(error.orig, "diag", None)
    name = getattr(diag, "constraint_name", None)
    said = _said(error)
    if name == _MOVED_BACK[0] or _MOVED_BACK[1] in said:
        return StoreError(
            "the end of the audit chain in the database is not where it was: somebody moved it; nothing was written: "
            "run `payout audit verify`, find out who, and restore a backup"
        )
    for index, columns, kind, words in _RULES:
        if name == index or columns in said:
            return kind(f"{words}: drop the change and read again")
    return StaleWrite(f"the database refused a row ({said}): drop the change and read again")


def _unavailable(error: exc.DBAPIError) -> str:
    said = _said(error)
    remedy = next((todo for words, todo in _REMEDIES if words in said), "check that it runs")
    return f"the database: {said}; nothing was written: {remedy}"


def _said(error: exc.DBAPIError) -> str:
    """The first line of the driver's own words: never the statement, its values or the address."""
    lines = str(error.orig).strip().splitlines()
    return lines[0] if lines else type(error.orig).__name__
