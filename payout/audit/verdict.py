"""What a walk along the chain found: each fault with the number of its link, in words, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from payout.audit.chain import AuditHead

FAULTS_MAX: Final = 100
"""So many are told; the rest are counted."""


class FaultKind(StrEnum):
    """What was done to the chain."""

    EDITED = "edited"  # what a link says, or its MAC, is not what was written
    DELETED = "deleted"  # links are missing in the middle, or events from before the chain
    INSERTED = "inserted"  # a link stands between two that follow each other
    REORDERED = "reordered"  # links stand at each other's places, or under other numbers
    TRUNCATED = "truncated"  # the end is missing, as the head or a checkpoint shows
    RESTAMPED = "restamped"  # sound in itself, and not what a checkpoint says
    UNCHAINED = "unchained"  # events without a place in the chain have appeared
    HEAD = "head"  # the head's row is not the end of the chain
    KEY = "key"  # no link fits this key
    ROW = "row"  # a row says what the history does not
    CHECKPOINT = "checkpoint"  # a checkpoint file says what this installation did not sign


_FIND: Final = "find out who can write to the database, and change its password"

_RESTORED: Final = (
    "was an old backup restored? Then run `payout reconcile --repair`, and put the checkpoint files aside as they are, "
    "so that new ones begin"
)

REMEDIES: Final = {
    FaultKind.EDITED: f"a backup and the daemon's log tell what it said; {_FIND}",
    FaultKind.DELETED: f"a backup and the daemon's log tell what they said; {_FIND}",
    FaultKind.INSERTED: f"take it for no evidence; {_FIND}",
    FaultKind.REORDERED: f"read the events by their times; {_FIND}",
    FaultKind.TRUNCATED: f"{_RESTORED}; if not, {_FIND}",
    FaultKind.RESTAMPED: f"{_RESTORED}; if not, somebody has the audit key: keep the checkpoint files safe, compare "
    "with a backup, and make a new installation with new keys",
    FaultKind.UNCHAINED: f"take them for no evidence; {_FIND}",
    FaultKind.HEAD: f"compare with the newest checkpoint; {_FIND}",
    FaultKind.KEY: "is audit.key the one of this installation? Put it back from its copy; if it is right, the whole "
    "chain was written anew by somebody without it",
    FaultKind.ROW: f"somebody changed the row; a backup tells what it said; {_FIND}",
    FaultKind.CHECKPOINT: "is it the file of this installation? Compare with its other copies",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `number` is that of the link, where it concerns one."""

    kind: FaultKind
    number: int | None
    words: str

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return REMEDIES[self.kind]

    def __str__(self) -> str:
        return f"{self.words}: {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome of a walk. `more` faults were found than are told."""

    links: int
    """How many were looked at."""
    head: AuditHead
    checkpoints: int
    """How many were compared with."""
    faults: tuple[Fault, ...] = ()
    more: int = 0

    @property
    def sound(self) -> bool:
        """Nothing was found."""
        return not self.faults
