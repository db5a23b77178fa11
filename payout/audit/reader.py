"""
Reading what is new in the chain, and which of it is genuine.

Rows can be planted, under any number, and a whole older database may be there at the next look: nothing beyond the
chain's end is read, and where the chain does not go on from the last link that was read, reading begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from payout.audit.genuine import is_genuine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from payout.audit.chain import AuditKey, AuditLine
    from payout.ports import Store

PAGE: Final = 1000

Choice = TypeVar("Choice")


@dataclass(slots=True)
class ChainReader:
    """How far a process has read the chain for one purpose, and the key that tells its links from planted ones."""

    key: AuditKey
    place: tuple[int, str] | None = None
    """Number and MAC of the last link that was read. One value: ticks of one process may read at the same time."""

    def news(
        self, store: Store, choose: Callable[[AuditLine], Choice | None], start: Callable[[int], int]
    ) -> Iterator[tuple[AuditLine, Choice, bool]]:
        """
        Links of which `choose` makes something, with what it made, and whether each is genuine.

        `start`: behind which number to begin, given the chain's end. A link counts as read once the next is asked for:
        whoever fails on one sees it again.
        """
        head = store.audit_head()
        place = self.place
        if place == (head.number, head.mac):
            return
        if place is None or place[0] > head.number or mac_of(store, place[0]) != place[1]:
            place = start(head.number), ""
        while place[0] < head.number:
            lines = [line for line in store.audit_lines(place[0], PAGE) if line.number <= head.number]
            if not lines:
                return
            for line in lines:
                choice = choose(line)
                if choice is not None:
                    before = place[1] if place[0] == line.number - 1 else ""
                    yield line, choice, is_genuine(store, self.key, line, before)
                place = self.place = (line.number, line.mac)


def mac_of(store: Store, number: int) -> str | None:
    """The MAC of the link of this number; None where there is none."""
    found = store.audit_lines(number - 1, 1)
    return found[0].mac if found and found[0].number == number else None
