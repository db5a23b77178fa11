"""
Faults: where a test or the simulator may break a call on the Monero world.

Every port call asks the hook before and after its deed. The hook may raise (RailUnavailable for an
outage, anything else for a crash of the caller) or say what becomes of the deed; it never sees or
changes an answer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class Effect(StrEnum):
    """What becomes of a deed whose call was made."""

    DONE = "done"
    LOST = "lost"  # it never arrives, and the caller is not told
    LATE = "late"  # it lands when `MemoryChain.land` is called
    TWICE = "twice"  # the network delivers it two times
    EARLY = "early"  # prepare only: the wallet broadcasts what it was told to hold back


class Faults(Protocol):
    """The hook. `point` is `coin.<method>`; None means DONE."""

    def at(self, point: str, *, before: bool) -> Effect | None:
        """Called on both sides of each port call; after the deed, the answer is ignored."""
        ...


class NoFaults:
    """A world in which every call works."""

    def at(self, point: str, *, before: bool) -> Effect | None:
        """Nothing breaks."""
        return None
