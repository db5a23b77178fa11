"""
The order log of one refund: everything that is known of it, in order, for a dispute or an auditor.

Each event comes with its link in the audit chain, and the whole with the newest checkpoint: whoever was given a
checkpoint earlier can see that the chain has gone on from it, and the signature over the log says who vouches for it.
Nothing is in it that concerns another customer, and no secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from payout.audit.checkpoint import canonical_json
from payout.audit.entries import Entry, Facts, entries_of
from payout.refund_json import iso, refund_json

if TYPE_CHECKING:
    from datetime import datetime

    from payout.audit.checkpoint import Checkpoint
    from payout.ports import RefundLine, Store

VERSION: Final = 1
DOMAIN: Final = b"payout order log v1\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLog:
    """All of one refund."""

    instance: str
    made_at: datetime
    refund: RefundLine
    entries: tuple[Entry, ...]
    head: tuple[int, str]
    """Where the chain stood: its last number and MAC."""
    checkpoint: Checkpoint | None

    def to_json(self) -> Facts:
        """What is signed."""
        return {
            "v": VERSION,
            "instance": self.instance,
            "made_at": iso(self.made_at),
            "refund": refund_json(self.refund),
            "entries": [entry.to_json() for entry in self.entries],
            "head": {"number": self.head[0], "mac": self.head[1]},
            "checkpoint": self.checkpoint.to_json() if self.checkpoint else None,
        }


def message(log: Facts) -> bytes:
    """The bytes of a log that are signed."""
    return DOMAIN + canonical_json(log).encode("ascii")


def order_log(
    store: Store, line: RefundLine, *, instance: str, now: datetime, checkpoint: Checkpoint | None
) -> OrderLog:
    """Everything about this refund, oldest first."""
    head = store.audit_head()
    entries = list(entries_of(store, line.refund))
    # Of one moment first what was decided, then its event, then what followed: the order in which they are gathered.
    entries.sort(key=lambda entry: entry.at)
    return OrderLog(
        instance=instance,
        made_at=now,
        refund=line,
        entries=tuple(entries),
        head=(head.number, head.mac),
        checkpoint=checkpoint,
    )
