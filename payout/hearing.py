"""
Hearing: what a processor says of an order, put on its row, and told in words where it is new.

Its word is a fact and never a status: it may go backwards, jump, or be unknown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from payout.order import Stage

if TYPE_CHECKING:
    from datetime import datetime

    from payout.order import Order, Said

MISSES_MAX = 5
"""Looks in a row at which a processor must not know an order before that is said."""


def hear(order: Order, said: Said, now: datetime) -> tuple[Order, tuple[str, ...]]:
    """The order as its processor tells it now, and what is new in words."""
    heard = replace(
        order,
        stage=said.stage,
        status_text=said.status_text,
        reason=said.reason,
        support_url=said.support_url or order.support_url,
        settle_txid=_one(said.settle_txids, order.settle_txid),
        return_txid=_one(said.return_txids, order.return_txid),
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
    if said.destination is not None and _plain(said.destination) != _plain(order.destination):
        return f"it says that it pays {said.destination}"
    if said.memo is not None and order.memo is not None and said.memo != order.memo:
        return f"it says that it pays with memo {said.memo}"
    if said.receive is not None and said.receive < order.receive:
        return f"it says that it pays {said.receive} of {order.receive} {order.receive.asset.code}"
    if said.return_address is not None and said.return_address != order.return_address:
        return f"it says that it returns to {said.return_address}"
    return None


def _one(txids: tuple[str, ...], before: str | None) -> str | None:
    """The transaction that the row names: what was named before, while it still is, else the first."""
    if not txids or before in txids:
        return before
    return txids[0]


def _plain(address: str) -> str:
    """Processors write hexadecimal addresses in any case."""
    return address.lower() if address.startswith("0x") else address


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
