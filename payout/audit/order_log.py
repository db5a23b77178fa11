"""
The order log of one refund: everything that is known of it, in order, for a dispute or an auditor.

Each event comes with its link in the audit chain, and the whole with the newest checkpoint: whoever was given a
checkpoint earlier can see that the chain has gone on from it, and the signature over the log says who vouches for it.
Nothing is in it that concerns another customer, and no secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from payout.audit.entries import Entry, Facts, entries_of
from payout.audit.genuine import is_genuine
from payout.canonical import canonical_json
from payout.refund_json import refund_json
from payout.text import iso

if TYPE_CHECKING:
    from datetime import datetime

    from payout.audit.chain import AuditKey
    from payout.audit.checkpoint import Checkpoint
    from payout.ports import Store
    from payout.refund import RefundLine

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
    unfit: tuple[int, ...] = ()
    """Events among these that do not fit their MACs: they are no evidence, and the chain is to be verified."""

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
            "unfit": list(self.unfit),
        }


def message(log: Facts) -> bytes:
    """The bytes of a log that are signed."""
    return DOMAIN + canonical_json(log).encode("ascii")


def order_log(
    store: Store, key: AuditKey, line: RefundLine, *, instance: str, now: datetime, checkpoint: Checkpoint | None
) -> OrderLog:
    """Everything about this refund, oldest first."""
    head = store.audit_head()
    entries = list(entries_of(store, line.refund))
    # Of one moment first what was decided, then its event, then what followed: the order in which they are gathered.
    entries.sort(key=lambda entry: entry.at)
    numbers = sorted(entry.number for entry in entries if entry.number is not None)
    return OrderLog(
        instance=instance,
        made_at=now,
        refund=line,
        entries=tuple(entries),
        head=(head.number, head.mac),
        checkpoint=checkpoint,
        unfit=tuple(number for number in numbers if not _fits(store, key, number)),
    )


def _fits(store: Store, key: AuditKey, number: int) -> bool:
    """This link follows the one in front of it."""
    found = store.audit_lines(number - 1, 1)
    return bool(found) and found[0].number == number and is_genuine(store, key, found[0])
