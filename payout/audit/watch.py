"""
The watch over the audit chain: what the daemon does every few minutes, beside all payments.

Each round verifies what is new since the last checkpoint, writes the next one, and goes a bounded piece on with the
whole chain, which begins at the start and again every day, and then with what has ended. What it finds is an alarm and
stops no payment: each wallet reads for itself what its payments must know of the history (`payout/withdrawals.py`).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from payout.audit.checkpoint import Checkpoint
from payout.audit.ends import Ends
from payout.audit.verify import Walk
from payout.change import Change
from payout.event import Event

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payout.audit.chain import AuditKey
    from payout.audit.verdict import Fault, Verdict
    from payout.ports import Clock, Store
    from payout.ports.checkpoints import CheckpointBook

log = logging.getLogger(__name__)

WHOLE_EVERY: Final = timedelta(days=1)
STEPS_MAX: Final = 200
"""Pieces of a walk in one round: 200,000 links, some ten seconds of one core."""

ENDS_STEPS_MAX: Final = 10
"""Of those that have ended: 1,000 refunds, a second or two."""

TOLD_MAX: Final = 3
"""Faults that an alarm names; `payout audit verify` names them all."""

BROKEN: Final = "audit.broken"
UNWRITTEN: Final = "audit.checkpoint_failed"


class AuditWatch:
    """Of one process. Several of them only write more checkpoints."""

    def __init__(self, store: Store, clock: Clock, key: AuditKey, book: CheckpointBook) -> None:
        self._store, self._clock, self._key, self._book = store, clock, key, book
        self._mark = book.newest()
        self._recent: Walk | None = None
        self._whole: Walk | None = None
        self._whole_at: datetime | None = None
        self._ends: Ends | None = None
        self._said: set[Fault] = set()
        self._failed: tuple[str, ...] = ()

    def tick(self) -> None:
        """
        One round.

        Raises:
            StoreError: the database did not answer, or refused the alarm.
        """
        self._look_at_recent()
        self._write()
        self._go_on_with_whole()
        self._go_on_with_ends()

    def _look_at_recent(self) -> None:
        if self._mark is None:
            return  # Nothing is known of it yet: the whole walk sees it.
        self._recent = self._recent or Walk(self._store, self._key, start=self._mark)
        verdict = _advanced(self._recent)
        if verdict is not None:
            self._recent = None
            self._alarm(verdict.faults, verdict)

    def _write(self) -> None:
        head = self._store.audit_head()
        if head.number == 0 or (self._mark and (self._mark.number, self._mark.mac) == (head.number, head.mac)):
            return
        made = Checkpoint(instance=self._book.instance, number=head.number, mac=head.mac, at=self._clock.now())
        signed, failed = self._book.append(made)
        if self._recent is None:
            self._mark = signed
        # The log is one more place where it lies, often on another machine.
        log.info("audit.checkpoint", extra={"checkpoint": signed.line()})
        if failed and failed != self._failed:
            words = (
                f"a checkpoint of the audit chain could not be written ({'; '.join(failed)}): make the file writable"
            )
            self._store.commit(Change(events=(self._event(UNWRITTEN, words),)))
        self._failed = failed

    def _go_on_with_whole(self) -> None:
        now = self._clock.now()
        if self._whole is None:
            # A clock that was ahead and was set back begins it anew, rather than not for a long time.
            if self._whole_at is not None and timedelta(0) <= now - self._whole_at < WHOLE_EVERY:
                return
            if self._whole_at is not None:
                self._said.clear()
            self._whole_at = now
            contents = self._book.read()
            self._alarm(contents.faults)
            self._whole = Walk(self._store, self._key, contents.checkpoints)
        verdict = _advanced(self._whole)
        if verdict is not None:
            self._whole = None
            log.info("audit.verified", extra={"links": verdict.links, "sound": verdict.sound})
            self._alarm(verdict.faults, verdict)
            # Rows are held against a history that can be believed.
            self._ends = Ends(self._store, self._key) if verdict.sound else None

    def _go_on_with_ends(self) -> None:
        ends = self._ends
        for _ in range(ENDS_STEPS_MAX):
            if ends is None or not ends.step():
                self._ends = None
                break
        if ends is not None:
            self._alarm(ends.faults)

    def _alarm(self, faults: Iterable[Fault], verdict: Verdict | None = None) -> None:
        """Each fault once a day."""
        new = [fault for fault in faults if fault not in self._said]
        if not new:
            return
        self._said.update(new)
        more = len(new) - TOLD_MAX + (verdict.more if verdict else 0)
        words = "; ".join(fault.words for fault in new[:TOLD_MAX]) + (f"; and {more} more" if more > 0 else "")
        said = f"the audit trail was tampered with: {words}. Run `payout audit verify`"
        self._store.commit(Change(events=(self._event(BROKEN, said),)))

    def _event(self, kind: str, words: str) -> Event:
        return Event(at=self._clock.now(), kind=kind, words=words, alarm=True)


def _advanced(walk: Walk) -> Verdict | None:
    """Some pieces further; the verdict where it has come to the end."""
    for _ in range(STEPS_MAX):
        if not walk.step():
            return walk.verdict()
    return None
