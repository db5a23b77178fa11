"""The history: that checkpoints of it are written, and agree with where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from config.doctor.check import Check, fail, ok, warn
from config.wiring import House
from payout.text import iso

LATE: Final = 3
"""So many checkpoints may be missed before it is told."""


def examine(house: House) -> Iterator[Check]:
    """Only where it ends: `payout audit verify` walks through all of it."""
    head, newest = house.store.audit_head(), house.audit.files.newest()
    every = timedelta(minutes=house.settings.audit.checkpoint_minutes)
    if newest is None:
        if head.number:
            yield warn("audit", f"{head.number} events, and no checkpoint", "start `payout run`, which writes them")
        else:
            yield ok("audit", "nothing has happened yet")
        return
    said = f"the newest checkpoint, of {iso(newest.at)}, is at event {newest.number}"
    if newest.number > head.number or (newest.number == head.number and newest.mac != head.mac):
        yield fail("audit", f"{said}, and the history ends at {head.number}", "run `payout audit verify`")
    elif newest.number < head.number and house.clock.now() - newest.at > LATE * every:
        yield warn("audit", f"{said}, and the history ends at {head.number}", "start `payout run`; is its disk full?")
    else:
        yield ok("audit", said)
