"""
Hearing: what a processor says of an order, put on its row, and told in words where it is new.

Its word is a fact and never a status: it may go backwards, jump, or be unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from payout.order import Stage
from payout.swaps.echo import same_address

if TYPE_CHECKING:
    from datetime import datetime

    from payout.order import Order, Said

MISSES_MAX = 5
"""Looks in a row at which a processor must not know an order before that is said."""

TEXT_MAX = 300
TXID_MAX = 128
TXIDS_MAX = 5
"""Of a processor's answer so much is kept; the longest id of a transaction in use has 88 characters."""


def hear(order: Order, said: Said, now: datetime) -> tuple[Order, tuple[str, ...]]:
    """The order as its processor tells it now, and what is new in words."""
    heard = replace(
        order,
        stage=said.stage,
        status_text=_plain(said.status_text),
        reason=_plain(said.reason) if said.reason else None,
        support_url=_plain(said.support_url) if said.support_url else order.support_url,
        settle_txid=_one(txids(said.settle_txids), order.settle_txid),
        return_txid=_one(txids(said.return_txids), order.return_txid),
        missing=0,
    )
    news = tuple(_news(order, heard))
    return (replace(heard, said_at=now) if news else heard), news


def miss(order: Order, now: datetime) -> tuple[Order, tuple[str, ...]]:
    """Its processor does not know it. Said only after so many looks in a row: an edge server may have a gap."""
    if order.missing >= MISSES_MAX:
        return order, ()
    missed = replace(order, missing=order.missing + 1)
    if missed.missing < MISSES_MAX:
        return missed, ()
    words = f"{order.processor} did not know it at {MISSES_MAX} looks in a row; it was {order.stage} before"
    return replace(missed, stage=Stage.VANISHED, said_at=now), (words,)


def changed(order: Order, said: Said) -> str | None:
    """
    What it now says otherwise than it was agreed; None where nothing is.

    Once a deposit is paid a processor may leave out what it will, and nothing can be taken back: it is only told.
    """
    if said.destination is not None and not same_address(said.destination, order.destination):
        return f"it says that it pays {_plain(said.destination)}"
    if said.memo is not None and order.memo is not None and said.memo != order.memo:
        return f"it says that it pays with memo {_plain(said.memo)}"
    if said.receive is not None and said.receive < order.receive:
        return f"it says that it pays {said.receive} of {order.receive} {order.receive.asset.code}"
    if said.return_address is not None and said.return_address != order.return_address:
        return f"it says that it returns to {_plain(said.return_address)}"
    return None


def txids(named: tuple[str, ...]) -> tuple[str, ...]:
    """Those that can be the id of a transaction on any chain; a few at most."""
    fitting = (txid for txid in named if txid.isascii() and txid.isalnum() and len(txid) <= TXID_MAX)
    return tuple(fitting)[:TXIDS_MAX]


def _one(named: tuple[str, ...], before: str | None) -> str | None:
    """The transaction that the row names: what was named before, while it still is, else the first."""
    if not named or before in named:
        return before
    return named[0]


def _plain(text: str) -> str:
    """A processor's words as they may be shown on any screen."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:TEXT_MAX])


def _news(before: Order, now: Order) -> list[str]:
    """What is said differently, in words."""
    lines = []
    if (now.stage, now.status_text, now.reason) != (before.stage, before.status_text, before.reason):
        because = f": {now.reason}" if now.reason else ""
        was = f", after {before.stage}" if before.stage is not None and before.stage is not now.stage else ""
        lines.append(f"{now.processor} says {now.status_text!r} ({now.stage}{was}){because}")
    if now.settle_txid != before.settle_txid:
        instead = f", instead of {before.settle_txid}" if before.settle_txid else ""
        lines.append(f"{now.processor} names transaction {now.settle_txid} for the customer{instead}")
    if now.return_txid != before.return_txid:
        lines.append(f"{now.processor} names transaction {now.return_txid} for its return")
    return lines
