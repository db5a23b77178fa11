"""
The caretaker: the people of a merchant who look after what the system asks them to look after.

They resume, explain, approve, release and hand in again. They do not know what the code under test is thinking: they
read the raw rows, as one reads a screen.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from payout.errors import NotApproved, PayoutError
from tests.scenarios.world import WALLET

if TYPE_CHECKING:
    from payout.desk import Desk
    from tests.scenarios.world import World

RELEASES_MAX = 2
"""A refund that is held again after so many releases is canceled."""


def take_care(world: World) -> None:
    """One round of everything that waits for a person."""
    rows = world.database.rows()
    desk = world.desk()
    world.halts.there = ()
    desk.expire()
    for txid in sorted(world.reader.foreign):
        with suppress(PayoutError):
            desk.classify(WALLET, txid, "alice", "known to be ours")
    for scope in sorted(rows.paused):
        desk.resume(scope, "alice")
    for row in rows.refunds.values():
        with suppress(PayoutError):
            if row.status == "REQUESTED" and not world.reader.agree(row):
                desk.reject(row.id, "alice", "it does not say what is owed to whom")
            elif row.status == "REQUESTED":
                _approve(desk, row.id)
            elif row.status == "HELD" and world.patience[row.id] < RELEASES_MAX:
                world.patience[row.id] += 1
                desk.release(row.id, "alice")
            elif row.status == "HELD":
                desk.cancel(row.id, "alice", "cannot be paid")


def _approve(desk: Desk, key: str) -> None:
    """By whoever did not change its destination."""
    try:
        desk.approve(key, "alice")
    except NotApproved:
        desk.approve(key, "bob")
