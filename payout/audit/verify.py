"""
Verifying the chain: every link is made again with the key and compared, in pieces, and then the end with the head.

Each link is held against the one that stands before it, never against a recomputed one, so that one wrong link does
not make all that follow it look wrong.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from payout.api_key import ADDED, REVOKED
from payout.audit.chain import AuditHead
from payout.audit.ends import Ends
from payout.audit.suspects import Suspect, Suspects
from payout.audit.verdict import FAULTS_MAX, Fault, FaultKind, Verdict
from payout.errors import StoreError, StoreUnavailable
from payout.text import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from payout.audit.chain import AuditKey, AuditLine
    from payout.audit.checkpoint import Checkpoint
    from payout.ports import Store

    Progress = Callable[[int, int], None]
    """Told after each piece: links that were looked at, and how many there are."""

PIECE: Final = 1000
"""Links of one question to the database."""

BELOW_ALL: Final = -(2**62)
"""A planted row may have a number that no link can have; it is to be seen too."""

ENDS_STEPS: Final = 200
"""Pieces of refunds that have ended: 20,000, half a minute of one core. The daemon looks at more of them each day."""

STRANGE_MIN: Final = 3
"""So many links, and none that fits the key: then it is the key."""


def verify(
    store: Store, key: AuditKey, checkpoints: Iterable[Checkpoint] = (), *, progress: Progress | None = None
) -> Verdict:
    """
    Walk the whole chain; where it is sound, hold the newest refunds that ended against it.

    Raises:
        StoreUnavailable: the database did not answer.
    """
    walk = Walk(store, key, checkpoints)
    while walk.step():
        if progress is not None:
            progress(walk.links, walk.total)
    verdict = walk.verdict()
    if not verdict.sound:
        return verdict
    ends = Ends(store, key)
    for _ in range(ENDS_STEPS):
        if not ends.step():
            break
    return replace(verdict, faults=tuple(ends.faults))


class Walk:
    """One walk, a piece at a time. `start`: a checkpoint whose link is believed; what lies before it is left out."""

    def __init__(
        self, store: Store, key: AuditKey, checkpoints: Iterable[Checkpoint] = (), start: Checkpoint | None = None
    ) -> None:
        self._store, self._key = store, key
        self._faults: list[Fault] = []
        self._more = 0
        self._head = self._read_head()
        self._marks: dict[int, dict[str, Checkpoint]] = {}
        self.checkpoints = 0
        for each in (*checkpoints, *([start] if start else [])):
            self.checkpoints += 1
            self._marks.setdefault(each.number, {}).setdefault(each.mac, each)
        self._unread = ""
        self._checked = self._fitting = 0
        self._whole = start is None
        self.links = 0
        self._suspects = Suspects(key)
        self._shift = 0  # What was added to the numbers of the links that are read now, with the sign reversed.
        self._prev: str | None = None  # The MAC of the link before; None: unknown, since that link is missing.
        self._asked: dict[str, int] = {}  # Refunds of this piece that were handed in, and their links.
        self._keys: dict[str, str] = {}  # Of API keys: what each may do, and what was done to it last.
        self._after, self._last = BELOW_ALL, 0
        self._last_mac = ""
        if start is not None and start.number > 0:
            self._after = self._last = start.number - 1
        else:
            self._prev = self._last_mac = key.first(self._head.before)

    @property
    def total(self) -> int:
        """Where the head stood when the walk began."""
        return self._head.number

    def step(self, limit: int = PIECE) -> bool:
        """Look at the next links; False: there are none."""
        try:
            lines = self._store.audit_lines(self._after, limit)
        except StoreUnavailable:
            raise
        except StoreError as error:  # A row that nobody can have written by this program: find it, alone.
            return self.step(1) if limit > 1 else self._pass_over(error)
        for line in lines:
            self._take(line)
        self._check_there()
        return bool(lines)

    def verdict(self) -> Verdict:
        """All that was found; only once there are no more links."""
        if self._whole:
            self._check_keys()
        self._check_end()
        for fault in self._suspects.faults():
            self._tell(fault)
        faults, more = self._faults, self._more
        if self._whole and self._checked >= STRANGE_MIN and not self._fitting:
            faults = [fault for fault in faults if fault.kind is not FaultKind.EDITED]
            faults.append(Fault(FaultKind.KEY, None, f"none of {self._checked} links fits this audit key"))
            more = 0
        return Verdict(
            links=self.links,
            head=self._head,
            checkpoints=self.checkpoints,
            faults=tuple(sorted(faults, key=lambda fault: fault.number or 0)),
            more=more,
        )

    def _read_head(self) -> AuditHead:
        try:
            return self._store.audit_head()
        except StoreUnavailable:
            raise
        except StoreError as error:
            self._tell(Fault(FaultKind.HEAD, None, f"the head of the chain cannot be read ({error})"))
            return AuditHead(number=0, mac="", before=self._store.unchained())

    def _pass_over(self, error: StoreError) -> bool:
        """A row that cannot be read; False where it is not the next one, and so cannot be stepped over."""
        if str(error) == self._unread:
            self._tell(Fault(FaultKind.EDITED, self._after + 1, "what follows it could not be looked at"))
            return False
        self._unread = str(error)
        self._after = self._last = max(self._after, self._last) + 1
        self._tell(Fault(FaultKind.EDITED, self._after, f"event {self._after} cannot be read ({error})"))
        self._prev = None
        return True

    def _take(self, line: AuditLine) -> None:
        self._after = line.number
        self.links += 1
        if line.number < 1:
            self._tell(Fault(FaultKind.INSERTED, line.number, f"an event has the number {line.number}, which none has"))
            return
        if line.number > self._last + 1:
            self._gap(line)
        fitting = self._fitting
        follows = self._check_link(line)
        if self._fitting > fitting:
            self._remember(line)
        self._check_marks(line.number, line.mac)
        if line.number == self._head.number and line.mac != self._head.mac:
            words = f"the head has another MAC than event {line.number}, where it stands"
            self._tell(Fault(FaultKind.HEAD, line.number, words))
        self._last, self._last_mac, self._prev = line.number, line.mac, follows

    def _gap(self, line: AuditLine) -> None:
        """Numbers are missing in front of this link: either its events are, or it was given a higher number."""
        missing = line.number - self._last - 1
        shift = self._shift - missing
        if self._prev is not None and self._fits(line, self._prev, shift):
            words = f"event {line.number + shift} and those after it have numbers that are {missing} too high"
            self._tell(Fault(FaultKind.REORDERED, line.number, words))
            self._shift = shift
            return
        self._tell(Fault(FaultKind.DELETED, self._last + 1, f"{_those(self._last + 1, line.number - 1)} missing"))
        self._prev = None

    def _check_link(self, line: AuditLine) -> str:
        """Returns the MAC that the next link was made to follow."""
        if self._prev is None:
            return line.mac  # What it follows is missing, so nobody can say whether it is as it was.
        self._checked += 1
        if self._fits(line, self._prev, self._shift):
            self._fitting += 1
            self._suspects.good()
            return line.mac
        if line.number == 1 and self._counted_anew(line):
            return line.mac
        found = self._suspects.take(Suspect(line=line, prev=self._prev, shift=self._shift))
        self._shift = found.shift
        self._fitting += found.fits
        for fault in found.faults:
            self._tell(fault)
        return found.mac or line.mac

    def _counted_anew(self, line: AuditLine) -> bool:
        """The first link fits another number of older events than the head gives."""
        older = self._store.unchained()
        if not self._fits(line, self._key.first(older), 0):
            return False
        words = f"the head says that {self._head.before} events are older than the chain, and {older} were"
        self._tell(Fault(FaultKind.HEAD, None, words))
        self._fitting += 1
        return True

    def _fits(self, line: AuditLine, prev: str, shift: int) -> bool:
        return self._key.link(prev, line.number + shift, line.event) == line.mac

    def _check_marks(self, number: int, mac: str) -> None:
        for said, mark in self._marks.pop(number, {}).items():
            if said != mac:
                words = f"event {number} is not the one that the checkpoint of {iso(mark.at)} names"
                self._tell(Fault(FaultKind.RESTAMPED, number, words))

    def _check_end(self) -> None:
        head = self._read_head()
        if not self.links:  # Where it began is only what a checkpoint says.
            self._last = min(self._last, head.number)
        if self._last < self._head.number:
            words = f"{_those(self._last + 1, self._head.number)} missing at the end"
            self._tell(Fault(FaultKind.TRUNCATED, self._last + 1, words))
        elif self._last > head.number:
            words = f"the head stands at event {head.number}, and there are events up to {self._last}"
            self._tell(Fault(FaultKind.HEAD, head.number, words))
        elif self._last == head.number != self._head.number and head.mac != self._last_mac:
            self._tell(Fault(FaultKind.HEAD, head.number, f"the head has another MAC than event {head.number}"))
        self._check_cut(self._last)
        self._check_older(head)

    def _check_cut(self, last: int) -> None:
        """Checkpoints beyond the end: it was cut off, and the head set back to suit."""
        beyond = [mark for number, marks in self._marks.items() if number > last for mark in marks.values()]
        if beyond:
            mark = max(beyond, key=lambda each: each.number)
            words = (
                f"{_those(last + 1, mark.number)} missing at the end: the checkpoint of {iso(mark.at)} names the last"
            )
            self._tell(Fault(FaultKind.TRUNCATED, last + 1, words))

    def _remember(self, line: AuditLine) -> None:
        """What rows are to say, by a link that is as it was written."""
        event = line.event
        if event.kind in (ADDED, REVOKED):
            self._keys[event.facts] = event.kind
        elif event.kind == "refund.requested" and event.refund_id is not None:
            self._asked[event.refund_id] = line.number

    def _check_there(self) -> None:
        """What was handed in has a row for ever."""
        rows = self._store.refunds(list(self._asked)) if self._asked else ()
        for refund_id in self._asked.keys() - {refund.id for refund in rows}:
            words = f"refund {refund_id} was handed in, and its row is gone"
            self._tell(Fault(FaultKind.ROW, self._asked[refund_id], words))
        self._asked.clear()

    def _check_keys(self) -> None:
        """API keys that nobody made as they are, or that were revoked."""
        found = self._store.api_keys()
        while self.step():  # Whatever was done to them before they were read has its link by now.
            pass
        still = self._store.api_keys() if found else ()
        for key in found:
            # A row that moved while it was looked at is another one by now.
            if self._keys.get(key.powers) != (REVOKED if key.revoked_at else ADDED) and key in still:
                words = f"the row of API key {key.id} ({key.name}) says what the history does not"
                self._tell(Fault(FaultKind.ROW, None, words))

    def _check_older(self, head: AuditHead) -> None:
        older = self._store.unchained()
        if older > head.before:
            words = f"{older - head.before} events have no place in the chain, and were not there before it"
            self._tell(Fault(FaultKind.UNCHAINED, None, words))
        elif older < head.before:
            words = f"{head.before - older} of {head.before} events from before the chain are missing"
            self._tell(Fault(FaultKind.DELETED, None, words))

    def _tell(self, fault: Fault) -> None:
        if fault in self._faults:
            return
        if len(self._faults) >= FAULTS_MAX:
            self._more += 1
            return
        self._faults.append(fault)


def _those(first: int, last: int) -> str:
    return f"event {first} is" if first >= last else f"events {first} to {last} are"
