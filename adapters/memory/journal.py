"""
The SpendJournal in memory: the lines of a file, in a list.

Pass one list to several journals and they are several processes with one file, each with its own view of it.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from payout.spend_journal import JournalView, decode, encode, seal_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from payout.spend_journal import Entry, Line

_one_writer = threading.RLock()


class MemoryJournal:
    """One wallet's journal. `file` holds one encoded line an item."""

    def __init__(self, file: list[str] | None = None) -> None:
        self.file: list[str] = [] if file is None else file
        self._view = JournalView()

    def view(self) -> JournalView:
        with _one_writer:
            for text in self.file[self._view.lines :]:
                self._view.take(decode(text, seq=self._view.lines + 1, prev=self._view.head))
            return self._view

    def append(self, entry: Entry, txid: str, at: datetime, body: dict[str, Any]) -> bool:
        with _one_writer:
            view = self.view()
            if view.has(entry, txid):
                return False
            line = seal_line(view.lines + 1, view.head, entry=entry, txid=txid, at=at.isoformat(), body=body)
            self.file.append(encode(line))
            view.take(line)
            return True

    def lines(self) -> Iterator[Line]:
        view = JournalView()
        for text in self.file.copy():
            line = decode(text, seq=view.lines + 1, prev=view.head)
            view.take(line)
            yield line
