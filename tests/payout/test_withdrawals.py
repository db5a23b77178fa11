"""What people took back is remembered by the journal: anybody's word takes back, and only a genuine one lifts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory.journal import MemoryJournal
from payout.approval import Approved, Caps
from payout.audit.chain import AuditLine
from payout.audit.reader import mac_of
from payout.errors import WalletUnsafe
from payout.event import said
from payout.refund import RefundStatus
from payout.spend_journal import Entry, JournalView
from payout.withdrawals import STRANGE_MAX, read_history, taken_back
from tests.approvers import make_rules
from tests.factories import make_event, usd
from tests.payout.governed import govern
from tests.payout.hands import Hands, alarms, refund, status, tables
from tests.scenarios.world import World

MAC = "0" * 64
LATER = 60.0
OTHER = Caps(day=usd("400.00"))


def view(world: World) -> JournalView:
    return MemoryJournal(world.lines).view()


def read(world: World) -> JournalView:
    """A process that has just started reads; what its journal says then."""
    read_history(world.wallet())
    return view(world)


def plant(world: World, kind: str, **changes: Any) -> None:
    """A link that no program wrote, at the chain's end."""
    links = tables(world).links
    event = make_event(kind=kind, **{"who": "mallory", "at": world.clock.now(), **changes})
    links.append(AuditLine(number=len(links) + 1, event=event, mac=MAC))


def held() -> tuple[World, str]:
    """A refund that was approved, and then held by a person; the journal knows."""
    world = World()
    key = world.approved("E1")
    world.clock.pass_by(LATER)
    world.desk().hold(key, "alice", "odd")
    read(world)
    world.clock.pass_by(LATER)
    return world, key


def is_payable(world: World, key: str) -> bool:
    """By the approvals that it has."""
    row, now = refund(world, key), world.clock.now()
    found = world.approver.check(row, world.database.store.approvals([key]), now)
    return taken_back(view(world), row, found) is None


# ---------------------------------------------------------------- refunds


@pytest.mark.parametrize("act", ["hold", "reject", "cancel"])
def test_an_approval_from_before_it_was_taken_back_counts_no_more(act: str) -> None:
    world = World()
    key = world.approved("E1")
    world.clock.pass_by(LATER)
    getattr(world.desk(), act)(key, "alice", "odd")
    assert is_payable(world, key)
    read(world)
    assert not is_payable(world, key)
    taken = view(world).withdrawn(key)
    assert taken is not None
    assert taken["who"] == "alice"


def test_an_approval_from_after_it_counts() -> None:
    world, key = held()
    until = world.clock.now() + timedelta(days=7)
    newer = Approved(until=until, automatic=False, signers=("alice",))
    assert taken_back(view(world), refund(world, key), newer) is None


def test_a_release_lifts_it_and_a_planted_one_does_not() -> None:
    world, key = held()
    plant(world, "refund.released", refund_id=key)
    assert read(world).withdrawn(key) is not None
    tables(world).links.pop()
    world.desk().release(key, "alice")
    assert read(world).withdrawn(key) is None


def test_a_planted_word_takes_back_from_now_on_whatever_its_own_time_is() -> None:
    world = World()
    key = world.approved("E1")
    world.clock.pass_by(LATER)
    plant(world, "refund.held", refund_id=key, at=world.clock.now() - timedelta(days=3650))
    taken = read(world).withdrawn(key)
    assert taken is not None
    assert taken["at"] == world.clock.now().isoformat()


def test_a_word_is_journaled_once_however_often_it_is_read() -> None:
    world, key = held()
    plant(world, "refund.held", refund_id=key)
    lines = read(world).lines
    assert read(world).lines == lines
    wallet = world.wallet()
    read_history(wallet)
    read_history(wallet)
    assert view(world).lines == lines


def test_an_older_release_that_is_read_again_lifts_no_later_hold() -> None:
    world, key = held()
    world.desk().release(key, "alice")
    world.clock.pass_by(LATER)
    world.desk().hold(key, "alice", "again")
    assert read(world).withdrawn(key) is not None
    journal = MemoryJournal(world.lines)
    release = next(line for line in tables(world).links if line.event.kind == "refund.released")
    body = {"number": release.number, "kind": "refund.released", "who": "alice", "refund_id": key, "at": "-"}
    journal.append(Entry.RESTORE, f"{key}/{MAC}", world.clock.now(), body)
    assert view(world).withdrawn(key) is not None


def test_an_amendment_voids_older_revisions_for_ever_and_a_planted_one_does_not() -> None:
    world = World()
    key = world.approved("E1")
    plant(world, "refund.amended", refund_id=key, facts=said(revision="99"))
    assert read(world).revision_needed(key) == 0
    tables(world).links.pop()
    world.clock.pass_by(LATER)
    world.desk().amend(key, "elsewhere", None, "bob", "they moved")
    assert read(world).revision_needed(key) == 2
    world.clock.pass_by(LATER)
    world.desk().approve(key, "alice")
    after = read(world)
    assert (after.withdrawn(key), after.revision_needed(key)) == (None, 2)


def test_more_planted_words_than_anybody_would_say_stop_the_wallet_and_do_not_fill_the_disk() -> None:
    world = World()
    key = world.approved("E1")
    for number in range(STRANGE_MAX + 1):
        plant(world, "refund.held", refund_id=key, words=str(number))
    with pytest.raises(WalletUnsafe, match="floods"):
        read(world)
    assert view(world).lines == STRANGE_MAX


def test_what_cannot_be_journaled_is_read_again() -> None:
    world = World()
    key = world.approved("E1")
    world.desk().hold(key, "alice", "odd")
    wallet = world.wallet()
    full = replace(wallet, journal=Full())
    with pytest.raises(OSError, match="full"):
        read_history(full)
    read_history(replace(full, journal=wallet.journal))
    assert view(world).withdrawn(key) is not None


class Full(MemoryJournal):
    """Its disk is full."""

    def append(self, *_: Any, **__: Any) -> bool:
        raise OSError("the disk is full")


# ---------------------------------------------------------------- where reading begins


def test_a_process_that_starts_reads_on_behind_the_last_link_that_its_journal_names() -> None:
    world, key = held()
    known = view(world)
    assert (mac_of(world.database.store, known.read_to) or "").startswith(known.read_mac)
    reading = world.wallet()
    store = Asked(world.database.store)
    read_history(replace(reading, store=store))
    assert min(store.after) >= known.read_to - 1
    assert key


def test_a_database_that_goes_on_otherwise_is_read_from_its_beginning() -> None:
    world = World()
    key, wallet = world.approved("E1"), world.wallet()
    world.desk().hold(key, "alice", "odd")
    read_history(wallet)
    links = tables(world).links
    del links[-2:]
    world.desk().hold(key, "bob", "by another hand")
    world.desk().hold(world.approved("E2"), "bob", "and another")
    read_history(wallet)
    taken = view(world).withdrawn(key)
    assert taken is not None
    assert taken["who"] == "bob"


def test_a_planted_number_beyond_the_end_is_passed_over() -> None:
    world, key = held()
    store = Beyond(world.database.store, key)
    wallet = replace(world.wallet(), store=store)
    read_history(wallet)
    world.desk().release(key, "alice")
    read_history(wallet)
    assert view(world).withdrawn(key) is None


class Through:
    """A store, as it is."""

    def __init__(self, store: Any) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Asked(Through):
    """Keeps behind which number links were asked for."""

    def __init__(self, store: Any) -> None:
        super().__init__(store)
        self.after: list[int] = []

    def audit_lines(self, after: int, limit: int, **about: Any) -> tuple[AuditLine, ...]:
        self.after.append(after)
        lines: tuple[AuditLine, ...] = self._store.audit_lines(after, limit, **about)
        return lines


class Beyond(Through):
    """Somebody planted a hold with a number that no link has yet."""

    def __init__(self, store: Any, key: str) -> None:
        super().__init__(store)
        self._planted = AuditLine(number=2**40, event=make_event(kind="refund.held", refund_id=key), mac=MAC)

    def audit_lines(self, after: int, limit: int, **about: Any) -> tuple[AuditLine, ...]:
        return (*self._store.audit_lines(after, limit, **about), *([self._planted] if after < 2**40 else []))


# ---------------------------------------------------------------- other rules


def test_a_change_of_the_rules_takes_what_was_approved_back_to_the_queue_with_an_alarm() -> None:
    world = World()
    key = world.approved("E1")
    govern(world, make_rules({}, caps=OTHER))
    Hands(world).pay()
    assert status(world, key) == "REQUESTED"
    assert [alarm.kind for alarm in alarms(world)] == ["approval.outdated"]
    world.approve(key)
    Hands(world).pay()
    assert status(world, key) == "PAYING"


def test_a_change_of_the_rules_is_no_way_out_of_a_hold_that_the_journal_remembers() -> None:
    world, key = held()
    rows = tables(world)
    rows.refunds[key] = replace(rows.refunds[key], status=RefundStatus.APPROVED, hold_reason=None)
    govern(world, make_rules({}, caps=OTHER))
    Hands(world).pay()
    assert status(world, key) == "HELD"
