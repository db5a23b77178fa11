"""The SpendJournal in memory keeps the whole contract."""

from __future__ import annotations

import pytest

from adapters.memory.journal import MemoryJournal
from payout.errors import JournalBroken
from tests.contracts.journal import JournalContract, Open, write


@pytest.fixture
def open_again() -> Open:
    file: list[str] = []
    return lambda: MemoryJournal(file)


class TestMemoryJournal(JournalContract):
    """All of the contract."""


def test_an_altered_line_is_found_by_whoever_reads_it_next() -> None:
    journal = MemoryJournal()
    for number in range(3):
        write(journal, f"T-{number}")
    journal.file[1] = journal.file[1].replace("commit", "c0mmit")

    with pytest.raises(JournalBroken, match="line 2"):
        MemoryJournal(journal.file).view()
    with pytest.raises(JournalBroken, match="line 2"):
        list(journal.lines())
