"""
What every SpendJournal promises. A subclass gives the fixture `open_again`: each call opens the same journal anew,
as another process would.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any

from payout.caps import DAY_SCOPE
from payout.journal_body import commit_body
from payout.ports import SpendJournal
from payout.spend_journal import FIRST_HASH, Entry
from tests.factories import NOW, digest, make_approved, make_attempt, make_transfer, usd

Open = Callable[[], SpendJournal]


def body_of(name: str, *refunds: str, owed: str = "25.00") -> dict[str, Any]:
    """The body of a commit that pays these refunds, by external_id."""
    transfer = make_transfer(name)
    opened = [make_approved(refund, owed=usd(owed)).open_attempt() for refund in refunds]
    return commit_body(transfer, [(make_attempt(refund, transfer), refund) for refund in opened])


def write(journal: SpendJournal, name: str, *refunds: str) -> str:
    """Append the commit of a transfer; its txid."""
    txid = digest(name)
    journal.append(Entry.COMMIT, txid, NOW, body_of(name, *refunds))
    return txid


class JournalContract:
    def test_a_new_journal_is_empty(self, open_again: Open) -> None:
        journal = open_again()

        assert (journal.view().lines, journal.view().head) == (0, FIRST_HASH)
        assert list(journal.lines()) == []

    def test_a_line_comes_back_with_all_its_facts(self, open_again: Open) -> None:
        body = body_of("T-1", "Ünïcode 😀", "E-2")
        open_again().append(Entry.COMMIT, digest("T-1"), NOW, body)

        (line,) = open_again().lines()

        assert (line.seq, line.entry, line.txid) == (1, Entry.COMMIT, digest("T-1"))
        assert line.at == NOW.isoformat()
        assert line.body == body
        assert line.prev == FIRST_HASH

    def test_each_line_is_chained_to_the_one_before(self, open_again: Open) -> None:
        journal = open_again()
        for number in range(3):
            write(journal, f"T-{number}")

        lines = list(journal.lines())

        assert [line.seq for line in lines] == [1, 2, 3]
        assert [line.prev for line in lines] == [FIRST_HASH, lines[0].hash, lines[1].hash]
        assert journal.view().head == lines[2].hash

    def test_the_view_says_what_is_live_and_how_much_the_day_had(self, open_again: Open) -> None:
        journal = open_again()
        first, second = write(journal, "T-1", "E-1", "E-2"), write(journal, "T-2", "E-3")
        refund = make_approved("E-1")

        journal.append(Entry.VOID, first, NOW + timedelta(days=1), {})

        view = journal.view()
        assert view.commits() == (first, second)
        assert view.last_commit == second
        assert view.has(Entry.VOID, first)
        assert not view.has(Entry.VOID, second)
        assert view.live_transfers(refund.id) == frozenset()
        assert view.live_transfers(make_approved("E-3").id) == {second}
        assert view.cents(DAY_SCOPE, "2026-11-22") == 7_500

    def test_the_same_line_is_written_once(self, open_again: Open) -> None:
        journal = open_again()
        first = write(journal, "T-1", "E-1")

        write(journal, "T-1", "E-1")
        write(open_again(), "T-1", "E-1")
        journal.append(Entry.VOID, first, NOW, {})
        open_again().append(Entry.VOID, first, NOW, {})

        assert [line.entry for line in journal.lines()] == [Entry.COMMIT, Entry.VOID]

    def test_a_deposit_that_came_back_is_written_once_for_each_order(self, open_again: Open) -> None:
        first = write(open_again(), "T-1", "E-1", "E-2")
        refunds = [make_approved(name) for name in ("E-1", "E-2")]
        for refund in (*refunds, *refunds):
            back: dict[str, object] = {"refund_id": refund.id, "transfer_id": first, "return_txid": None, "units": "7"}
            open_again().append(Entry.RETURN, f"{refund.id}/o1", NOW, back)

        journal = open_again()
        assert [line.entry for line in journal.lines()] == [Entry.COMMIT, Entry.RETURN, Entry.RETURN]
        assert journal.view().live_transfers(refunds[0].id) == frozenset()
        assert journal.view().commits() == (first,)

    def test_a_wallet_is_adopted_once(self, open_again: Open) -> None:
        open_again().append(Entry.ADOPT, "hot", NOW, {"address": "4a", "height": 7})
        open_again().append(Entry.ADOPT, "hot", NOW, {"address": "4b", "height": 9})

        assert open_again().view().adopted == {"address": "4a", "height": 7}

    def test_two_processes_chain_to_each_others_lines(self, open_again: Open) -> None:
        mine, theirs = open_again(), open_again()
        names = [write(mine if number % 2 else theirs, f"T-{number}") for number in range(6)]

        assert mine.view().commits() == theirs.view().commits() == tuple(names)
        assert [line.seq for line in open_again().lines()] == [1, 2, 3, 4, 5, 6]

    def test_many_writers_at_once_leave_one_whole_chain(self, open_again: Open) -> None:
        def work(worker: int) -> None:
            journal = open_again()
            for number in range(8):
                write(journal, f"T-{number}" if worker % 2 else f"T-{worker}-{number}")

        writers = [Thread(target=work, args=(worker,)) for worker in range(4)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()

        lines = list(open_again().lines())
        assert len(lines) == len({line.txid for line in lines}) == 8 + 2 * 8

    def test_a_view_that_was_taken_grows_with_the_next_look(self, open_again: Open) -> None:
        mine, theirs = open_again(), open_again()
        write(theirs, "T-1", "E-1")
        assert mine.view().lines == 1

        second = write(theirs, "T-2", "E-2")

        assert mine.view().lines == 2
        assert mine.view().last_commit == second
