"""
The spend journal: what was committed, outside the database, one hash-chained line at a time.

A line is on disk before the first byte of its transfer leaves. Restoring an old database therefore cannot pay
anyone twice: the journal remembers. Lines are never edited; a VOID is a new line.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from payout.canonical import canonical_json
from payout.caps import counters, destination_scope
from payout.errors import JournalBroken

FIRST_HASH = "0" * 64
JOURNAL_VERSION = 1
ADDRESS_DAYS = 2


class Entry(StrEnum):
    """What a line records."""

    ADOPT = "adopt"  # once, before any COMMIT: whose wallet this is, and since which height
    COMMIT = "commit"
    VOID = "void"
    RETURN = "return"  # an order's deposit came back: its funding no longer pays its refund
    WITHDRAW = "withdraw"  # people took an approved refund back: older approvals count no more
    RESTORE = "restore"  # a person released it: they count again
    PAUSE = "pause"  # people, or this program, paused the wallet or all
    RESUME = "resume"  # a person lifted that


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. `body` holds all that is needed to recreate the rows that it speaks of."""

    seq: int
    entry: Entry
    txid: str
    """Of the transfer; for a RETURN the order's id instead, as one transfer funds many orders; for WITHDRAW to
    RESUME the refund's id or the scope, and a part of the MAC of the event."""
    at: str
    body: dict[str, Any] = field(repr=False)
    prev: str
    hash: str


def seal_line(seq: int, prev: str, *, entry: Entry, txid: str, at: str, body: dict[str, Any]) -> Line:
    """Chain a new line to the one before it."""
    content = _content(seq, prev, entry=entry, txid=txid, at=at, body=body)
    digest = hashlib.sha256(content.encode()).hexdigest()
    return Line(seq=seq, entry=entry, txid=txid, at=at, body=body, prev=prev, hash=digest)


def encode(line: Line) -> str:
    """One line of text, without its newline."""
    content = _content(line.seq, line.prev, entry=line.entry, txid=line.txid, at=line.at, body=line.body)
    return f"{line.hash} {content}"


def decode(text: str, *, seq: int, prev: str) -> Line:
    """
    Read one line and check that it follows the one before it.

    Raises:
        JournalBroken: the line is torn, altered, or not the next one.
    """
    digest, _, content = text.partition(" ")
    if hashlib.sha256(content.encode()).hexdigest() != digest:
        raise JournalBroken(f"line {seq} of the spend journal was altered: restore the file from its copy")
    facts = json.loads(content)
    if facts["seq"] != seq or facts["prev"] != prev:
        raise JournalBroken(
            f"line {seq} of the spend journal does not follow line {seq - 1}: "
            "lines are missing or from another file; restore it from its copy"
        )
    return Line(
        seq=seq,
        entry=Entry(facts["entry"]),
        txid=facts["txid"],
        at=facts["at"],
        body=facts["body"],
        prev=prev,
        hash=digest,
    )


def _content(seq: int, prev: str, *, entry: Entry, txid: str, at: str, body: dict[str, Any]) -> str:
    facts = {
        "v": JOURNAL_VERSION,
        "seq": seq,
        "prev": prev,
        "entry": str(entry),
        "txid": txid,
        "at": at,
        "body": body,
    }
    return canonical_json(facts)


class JournalView:
    """What the lines read so far add up to. Grows by `take`; never forgets."""

    def __init__(self) -> None:
        self.lines = 0
        self.head = FIRST_HASH
        self.last_commit: str | None = None
        self.adopted: dict[str, Any] | None = None
        """`address`, `network` and `height` of the wallet, from its first run."""
        self._commits: dict[str, tuple[str, ...]] = {}
        self._void: set[str] = set()
        self._returned: set[str] = set()
        self._revisions: dict[str, int] = {}
        self._deposits: set[str] = set()
        self._live: dict[str, set[str]] = {}
        self._cents: dict[tuple[str, str], int] = {}
        self._addressed: dict[str, dict[str, int]] = {}
        self._withdrawn: dict[str, dict[str, Any]] = {}
        self._pauses: dict[tuple[str, str], dict[str, Any]] = {}
        self._words: set[tuple[Entry, str]] = set()
        self.read_to = 0
        """The last link of the audit chain that a line speaks of."""
        self.read_mac = ""
        """The first characters of its MAC."""

    def take(self, line: Line) -> None:
        """Add the next line."""
        self.lines = line.seq
        self.head = line.hash
        if line.entry is Entry.VOID:
            self._take_void(line.txid)
        elif line.entry is Entry.RETURN:
            self._take_return(line)
        elif line.entry is Entry.ADOPT:
            self.adopted = line.body
        elif line.entry in (Entry.WITHDRAW, Entry.RESTORE):
            self._take_word(line)
        elif line.entry in (Entry.PAUSE, Entry.RESUME):
            self._take_pause(line)
        else:
            self._take_commit(line)

    def _take_commit(self, line: Line) -> None:
        self.last_commit = line.txid
        refund_ids = tuple(attempt["refund_id"] for attempt in line.body["attempts"])
        self._commits[line.txid] = refund_ids
        # A worker that was late writes its line behind the word that the transfer is VOID: it never will begin.
        for refund_id in refund_ids if line.txid not in self._void else ():
            self._live.setdefault(refund_id, set()).add(line.txid)
        day = line.at[:10]
        for attempt in line.body["attempts"]:
            order = attempt.get("order")
            if order is not None:
                self._deposits.add(order["deposit_address"])
            for key in counters(
                line.body["wallet"],
                day,
                automatic=bool(attempt.get("automatic")),
                processor=order["processor"] if order is not None else None,
            ):
                self._cents[key] = self._cents.get(key, 0) + int(attempt["owed_cents"])
            self._take_address(attempt, day)

    def _take_address(self, attempt: dict[str, Any], day: str) -> None:
        """Sums by address are many, and asked for of today only: those of the two newest days are kept."""
        sums = self._addressed.setdefault(day, {})
        scope = destination_scope((attempt["asset"], attempt["network"]), attempt["destination"])
        sums[scope] = sums.get(scope, 0) + int(attempt["owed_cents"])
        if len(self._addressed) > ADDRESS_DAYS:
            del self._addressed[min(self._addressed)]

    def _take_void(self, txid: str) -> None:
        self._void.add(txid)
        for refund_id in self._commits.get(txid, ()):
            self._live[refund_id].discard(txid)

    def _take_return(self, line: Line) -> None:
        self._returned.add(line.txid)
        refund_id = line.body["refund_id"]
        self._live.get(refund_id, set()).discard(line.body["transfer_id"])
        self._take_revision(refund_id, line.body.get("revision"))

    def _take_revision(self, refund_id: str, revision: int | str | None) -> None:
        if revision is not None:
            self._revisions[refund_id] = max(self.revision_needed(refund_id), int(revision))

    def _take_word(self, line: Line) -> None:
        refund_id, number = line.body["refund_id"], int(line.body["number"])
        self._take_mark(line)
        self._take_revision(refund_id, line.body.get("revision"))
        before = self._withdrawn.get(refund_id)
        if line.entry is Entry.WITHDRAW:
            self._withdrawn[refund_id] = line.body
        elif before is not None and int(before["number"]) < number:
            del self._withdrawn[refund_id]

    def _take_mark(self, line: Line) -> None:
        self._words.add((line.entry, line.txid))
        self.read_to, self.read_mac = int(line.body["number"]), line.txid.rpartition("/")[2]

    def _take_pause(self, line: Line) -> None:
        self._take_mark(line)
        scope, who = line.body["scope"], line.body["who"]
        if line.entry is Entry.PAUSE:
            self._pauses[scope, who] = line.body
            return
        lost = {(each["scope"], each["who"]) for each in line.body.get("lost", ())}
        since = datetime.fromisoformat(line.body["at"])
        for key, body in list(self._pauses.items()):
            meant = key == (scope, who) if line.body["own"] else key[0] == scope or key in lost
            # An older word, which is read again because somebody edited the history, lifts nothing.
            if meant and datetime.fromisoformat(body["at"]) <= since:
                del self._pauses[key]

    def has(self, entry: Entry, txid: str) -> bool:
        """This transfer (RETURN: this order) has a line of this kind; any wallet, for ADOPT."""
        match entry:
            case Entry.ADOPT:
                return self.adopted is not None
            case Entry.COMMIT:
                return txid in self._commits
            case Entry.VOID:
                return txid in self._void
            case Entry.RETURN:
                return txid in self._returned
            case Entry.WITHDRAW | Entry.RESTORE | Entry.PAUSE | Entry.RESUME:
                return (entry, txid) in self._words

    def commits(self) -> tuple[str, ...]:
        """Every committed txid, oldest first."""
        return tuple(self._commits)

    def live_transfers(self, refund_id: str) -> frozenset[str]:
        """Journaled transfers that pay this refund: not VOID, and not returned by its order's processor."""
        return frozenset(self._live.get(refund_id, ()))

    def has_deposit(self, address: str) -> bool:
        """An order's deposit at this address was committed once, whatever became of it."""
        return address in self._deposits

    def revision_needed(self, refund_id: str) -> int:
        """The least revision that may be paid: an earlier one was amended, or its swap failed, they said. 0: any."""
        return self._revisions.get(refund_id, 0)

    def withdrawn(self, refund_id: str) -> dict[str, Any] | None:
        """What people took back last, and did not release since: `kind`, `who`, `at` and `number` of the event."""
        return self._withdrawn.get(refund_id)

    def pauses(self) -> tuple[dict[str, Any], ...]:
        """Pauses that were journaled and not lifted since: `scope`, `who`, `until` (ISO 8601, or None)."""
        return tuple(self._pauses.values())

    def cents(self, scope: str, day: str) -> int:
        """US cents that were committed under a counter (`payout/caps.py`) on a UTC day; of an address, today's only."""
        return self._cents.get((scope, day), 0) or self._addressed.get(day, {}).get(scope, 0)
