"""
Links that do not fit what stands before them: what was done to each, told from its neighbours.

One wrong link proves only that something was done; whether it was edited, put there, moved, or whether another one
in front of it is gone, shows in which link the next ones were made to follow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from payout.audit.verdict import Fault, FaultKind

if TYPE_CHECKING:
    from payout.audit.chain import AuditKey, AuditLine

SHIFT_MAX: Final = 8
"""By so many the numbers are tried to be off at once."""

COMPARED_MAX: Final = 64
"""Each of these is held against each other; the rest are only said not to fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A link that does not follow the one before it, whose MAC is `prev`. Its number, with `shift`, is the true one."""

    line: AuditLine
    prev: str
    shift: int

    @property
    def place(self) -> int:
        """The number by which it was made, as far as known."""
        return self.line.number + self.shift


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one suspect showed: it fits after all if its numbers are shifted, or if another link is the wrong one."""

    shift: int
    fits: bool = False
    faults: tuple[Fault, ...] = ()
    mac: str | None = None
    """What the next link follows, where that is not the MAC of this one."""


@dataclass(slots=True)
class Suspects:
    """All of one walk, handed in by rising numbers."""

    key: AuditKey
    _held: list[Suspect] = field(default_factory=list)
    _edited: list[Fault] = field(default_factory=list)
    _told: set[int] = field(default_factory=set)
    _before: Suspect | None = None
    """The link just before, if it was one."""

    def good(self) -> None:
        """A link fits: what comes after it is no neighbour of the last suspect."""
        self._before = None

    def take(self, suspect: Suspect) -> Found:
        """A link that does not fit."""
        before, self._before = self._before, None
        found = self._behind(before, suspect) if before is not None else None
        found = found or self._moved(suspect)
        if found is not None:
            return found
        self._before = suspect
        if len(self._held) < COMPARED_MAX:
            self._held.append(suspect)
        else:
            self._edited.append(_edited(suspect))
        return Found(shift=suspect.shift)

    def faults(self) -> list[Fault]:
        """What is left: events at each other's places, and those that were edited."""
        true: dict[int, str] = {}
        faults = list(self._edited)
        for suspect in self._held:
            if suspect.line.number in self._told:
                continue
            other, mac = self._belonging(suspect, true)
            if other is None:
                faults.append(_edited(suspect))
                continue
            true[suspect.place] = mac
            if other is not suspect:
                faults.append(_reordered(other.line.number, suspect.place))
        return faults

    def _belonging(self, place: Suspect, true: dict[int, str]) -> tuple[Suspect | None, str]:
        """Which of the suspects was made for this place, and with which MAC."""
        prevs = {place.prev, true.get(place.place - 1, place.prev)}
        for other in self._held:
            for prev in prevs:
                mac = self.key.link(prev, place.place, other.line.event)
                if mac in (other.line.mac, place.line.mac):
                    return other, mac
        return None, ""

    def _behind(self, before: Suspect, suspect: Suspect) -> Found | None:
        """It fits if the link before it is taken out, or has the MAC that it should have."""
        place, event, mac = suspect.place, suspect.line.event, suspect.line.mac
        made = self.key.link(before.prev, before.place, before.line.event)
        if self.key.link(made, place, event) == mac:
            words = f"the MAC of event {before.line.number} was changed; what it says is as it was written"
            return self._settled(before, Fault(FaultKind.EDITED, before.line.number, words), suspect.shift)
        if self.key.link(before.prev, place - 1, event) == mac:
            if self.key.link(mac, place, before.line.event) == before.line.mac:
                self._told.add(before.line.number)
                faults = (_reordered(suspect.line.number, place - 1), _reordered(before.line.number, place))
                return Found(shift=suspect.shift, fits=True, faults=faults, mac=before.line.mac)
            words = f"event {before.line.number} was put there, and those after it were given higher numbers"
            return self._settled(before, Fault(FaultKind.INSERTED, before.line.number, words), suspect.shift - 1)
        if self.key.link(before.prev, place, event) == mac:
            words = f"event {before.line.number} was put there"
            return self._settled(before, Fault(FaultKind.INSERTED, before.line.number, words), suspect.shift)
        for off in range(1, SHIFT_MAX + 1):
            if self.key.link(suspect.prev, place + off, event) == mac:
                gone = "an event was" if off == 1 else f"{off} events were"
                words = f"{gone} deleted in front of event {before.line.number}, and those after given lower numbers"
                return self._settled(before, Fault(FaultKind.DELETED, before.line.number, words), suspect.shift + off)
        return None

    def _moved(self, suspect: Suspect) -> Found | None:
        """It follows the one before it, under another number."""
        for off in (*range(-SHIFT_MAX, 0), *range(1, SHIFT_MAX + 1)):
            if self.key.link(suspect.prev, suspect.place + off, suspect.line.event) == suspect.line.mac:
                words = f"event {suspect.place + off} and those after it have the numbers of others"
                fault = Fault(FaultKind.REORDERED, suspect.line.number, words)
                return Found(shift=suspect.shift + off, fits=True, faults=(fault,))
        return None

    def _settled(self, before: Suspect, fault: Fault, shift: int) -> Found:
        self._told.add(before.line.number)
        return Found(shift=shift, fits=True, faults=(fault,))


def _reordered(number: int, place: int) -> Fault:
    return Fault(FaultKind.REORDERED, number, f"event {number} belongs at place {place}: it was moved")


def _edited(suspect: Suspect) -> Fault:
    number = suspect.line.number
    words = f"event {number} ({suspect.line.event.kind}) does not fit its MAC: it was changed, or somebody put it there"
    return Fault(FaultKind.EDITED, number, words)
