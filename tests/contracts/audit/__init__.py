"""
The promise of the audit trail, on every store: whatever is done to its rows, `verify` finds it, and says where.

Somebody who can write to the database is played by a Vandal, who puts rows there as they like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from typing import Any, Protocol

import pytest

from payout.audit.chain import AuditKey, AuditLine
from payout.audit.checkpoint import Checkpoint
from payout.audit.verdict import FaultKind, Verdict
from payout.audit.verify import verify
from payout.change import Change
from payout.event import Event
from payout.ports import Store
from tests.factories import NOW, make_event
from tests.stores import AUDIT

LINKS = 7
OTHER_KEY = AuditKey(b"the key of somebody else, thirty-two")
EDITS: dict[str, Any] = {
    "at": NOW + timedelta(microseconds=1),
    "kind": "refund.paid",
    "words": "nothing happened",
    "who": "mallory",
    "refund_id": "rf_1",
    "transfer_id": "a transfer",
    "order_id": "an order",
    "wallet": "cold",
    "alarm": True,
}


class Vandal(Protocol):
    """Who can write to the database, and has no key."""

    store: Store

    def put(self, lines: Sequence[AuditLine]) -> None:
        """Make these all the numbered rows that there are."""
        ...


def written(store: Store, count: int = LINKS) -> tuple[AuditLine, ...]:
    """So many events, in two commits."""
    events = tuple(make_event(f"event {number}") for number in range(1, count + 1))
    store.commit(Change(events=events[: count // 2]))
    store.commit(Change(events=events[count // 2 :]))
    return store.audit_lines(0, count + 1)


def checkpoint(line: AuditLine) -> Checkpoint:
    return Checkpoint(instance="test", number=line.number, mac=line.mac, at=NOW)


def restamped(lines: Sequence[AuditLine], key: AuditKey, before: int = 0) -> tuple[AuditLine, ...]:
    """The same events in a chain that is sound in itself."""
    prev, made = key.first(before), []
    for number, line in enumerate(lines, 1):
        prev = key.link(prev, number, line.event)
        made.append(AuditLine(number=number, event=line.event, mac=prev))
    return tuple(made)


def numbered(lines: Sequence[AuditLine]) -> tuple[AuditLine, ...]:
    """The same with numbers that leave no gap."""
    return tuple(replace(line, number=number) for number, line in enumerate(lines, 1))


def forged(number: int, words: str = "mallory was here") -> AuditLine:
    return AuditLine(number=number, event=make_event(words), mac="0" * 64)


def found(verdict: Verdict) -> list[tuple[FaultKind, int | None]]:
    return [(fault.kind, fault.number) for fault in verdict.faults]


class AuditTrailContract:
    """`vandal` is a fixture of each subclass, at an empty store."""

    @pytest.fixture
    def lines(self, vandal: Vandal) -> tuple[AuditLine, ...]:
        return written(vandal.store)

    def test_an_untouched_chain_is_sound(self, vandal: Vandal, lines: tuple[AuditLine, ...]) -> None:
        said: list[tuple[int, int]] = []

        marks = [checkpoint(line) for line in lines]
        verdict = verify(vandal.store, AUDIT, marks, progress=lambda done, of: said.append((done, of)))

        assert (verdict.sound, verdict.links, verdict.checkpoints) == (True, LINKS, LINKS)
        assert said == [(LINKS, LINKS)]

    def test_an_empty_chain_is_sound(self, vandal: Vandal) -> None:
        assert verify(vandal.store, AUDIT).sound

    def test_each_column_of_each_link_that_is_edited_is_found_alone(
        self, vandal: Vandal, lines: tuple[AuditLine, ...]
    ) -> None:
        for place, line in enumerate(lines):
            for name, value in EDITS.items():
                edited = replace(line, event=replace(line.event, **{name: value}))
                vandal.put((*lines[:place], edited, *lines[place + 1 :]))

                assert found(verify(vandal.store, AUDIT)) == [(FaultKind.EDITED, line.number)], (name, place)

    def test_each_mac_that_is_edited_is_found(self, vandal: Vandal, lines: tuple[AuditLine, ...]) -> None:
        for place, line in enumerate(lines):
            vandal.put((*lines[:place], replace(line, mac="f" * 64), *lines[place + 1 :]))

            verdict = verify(vandal.store, AUDIT)
            assert (FaultKind.EDITED, line.number) in found(verdict), place
            if line is not lines[-1]:
                assert len(verdict.faults) == 1
                assert "what it says is as it was written" in verdict.faults[0].words

    def test_each_number_that_is_changed_is_found(self, vandal: Vandal, lines: tuple[AuditLine, ...]) -> None:
        for place, line in enumerate(lines):
            for number in (-5, 0, LINKS + 1, 1000):
                vandal.put((*lines[:place], *lines[place + 1 :], replace(line, number=number)))

                assert not verify(vandal.store, AUDIT, [checkpoint(lines[-1])]).sound, (place, number)

    def test_each_link_that_is_deleted_is_found(self, vandal: Vandal, lines: tuple[AuditLine, ...]) -> None:
        for place, line in enumerate(lines[:-1]):
            vandal.put((*lines[:place], *lines[place + 1 :]))

            verdict = verify(vandal.store, AUDIT)
            assert found(verdict) == [(FaultKind.DELETED, line.number)]
            assert f"event {line.number} is missing" in verdict.faults[0].words

    def test_each_link_that_is_deleted_is_found_where_the_rest_is_numbered_anew(
        self, vandal: Vandal, lines: tuple[AuditLine, ...]
    ) -> None:
        for place in range(LINKS - 1):
            vandal.put(numbered((*lines[:place], *lines[place + 1 :])))

            kinds = found(verify(vandal.store, AUDIT, [checkpoint(lines[-1])]))
            if place < LINKS - 2:
                assert (FaultKind.DELETED, place + 1) in kinds, place
            assert kinds, place

    def test_a_link_put_between_any_two_is_found(self, vandal: Vandal, lines: tuple[AuditLine, ...]) -> None:
        for place in range(LINKS):
            vandal.put(numbered((*lines[:place], forged(0), *lines[place:])))

            assert (FaultKind.INSERTED, place + 1) in found(verify(vandal.store, AUDIT)), place

    def test_a_link_put_at_the_end_is_found(self, vandal: Vandal, lines: tuple[AuditLine, ...]) -> None:
        vandal.put((*lines, forged(LINKS + 1)))

        assert LINKS + 1 in [number for _, number in found(verify(vandal.store, AUDIT))]

    def test_a_link_put_in_front_of_the_first_is_found(self, vandal: Vandal, lines: tuple[AuditLine, ...]) -> None:
        for number in (0, -7):
            vandal.put((forged(number), *lines))

            assert found(verify(vandal.store, AUDIT)) == [(FaultKind.INSERTED, number)]

    def test_a_copy_of_any_link_is_found(self, vandal: Vandal, lines: tuple[AuditLine, ...]) -> None:
        for line in lines:
            vandal.put((*lines, replace(line, number=LINKS + 1)))

            assert not verify(vandal.store, AUDIT).sound

    def test_any_two_links_that_change_places_are_found(self, vandal: Vandal, lines: tuple[AuditLine, ...]) -> None:
        for one, other in combinations(range(LINKS), 2):
            swapped = list(lines)
            swapped[one], swapped[other] = lines[other], lines[one]
            vandal.put(numbered(swapped))

            verdict = verify(vandal.store, AUDIT)
            moved = {number for kind, number in found(verdict) if kind is FaultKind.REORDERED}
            assert moved == {one + 1, other + 1}, (one, other, verdict.faults)

    def test_any_two_events_that_change_places_under_their_macs_are_found(
        self, vandal: Vandal, lines: tuple[AuditLine, ...]
    ) -> None:
        for one, other in combinations(range(LINKS), 2):
            swapped = list(lines)
            swapped[one] = replace(lines[one], event=lines[other].event)
            swapped[other] = replace(lines[other], event=lines[one].event)
            vandal.put(swapped)

            moved = {(FaultKind.REORDERED, one + 1), (FaultKind.REORDERED, other + 1)}
            assert set(found(verify(vandal.store, AUDIT))) == moved, (one, other)

    def test_every_truncation_is_found_by_a_checkpoint(self, vandal: Vandal, lines: tuple[AuditLine, ...]) -> None:
        for left in range(LINKS):
            vandal.put(lines[:left])

            verdict = verify(vandal.store, AUDIT, [checkpoint(lines[-1])])
            assert (FaultKind.TRUNCATED, left + 1) in found(verdict), left

    def test_a_chain_that_was_written_anew_with_the_key_itself_is_found_by_every_checkpoint_behind_the_change(
        self, vandal: Vandal, lines: tuple[AuditLine, ...]
    ) -> None:
        changed = replace(lines[3], event=replace(lines[3].event, words="another"))
        vandal.put(restamped((*lines[:3], changed, *lines[4:]), AUDIT))

        for line in lines[3:]:
            assert (FaultKind.RESTAMPED, line.number) in found(verify(vandal.store, AUDIT, [checkpoint(line)]))

    def test_a_chain_that_was_written_anew_with_another_key_fits_none_of_ours(
        self, vandal: Vandal, lines: tuple[AuditLine, ...]
    ) -> None:
        vandal.put(restamped(lines, OTHER_KEY))

        assert FaultKind.KEY in [kind for kind, _ in found(verify(vandal.store, AUDIT))]

    def test_of_very_many_faults_some_are_told_and_all_are_counted(self, vandal: Vandal) -> None:
        lines = written(vandal.store, 120)
        vandal.put(
            [replace(line, event=replace(line.event, who="mallory")) for line in lines[:110]] + list(lines[110:])
        )

        verdict = verify(vandal.store, AUDIT)

        assert len(verdict.faults) + verdict.more == 110
        assert len(verdict.faults) == 100

    def test_what_is_written_after_a_fault_is_checked_all_the_same(
        self, vandal: Vandal, lines: tuple[AuditLine, ...]
    ) -> None:
        vandal.put((*lines[:2], replace(lines[2], event=replace(lines[2].event, words="changed")), *lines[3:]))
        vandal.store.commit(Change(events=(make_event("later"),)))

        verdict = verify(vandal.store, AUDIT)

        assert (found(verdict), verdict.links) == ([(FaultKind.EDITED, 3)], LINKS + 1)

    def test_events_that_say_all_that_an_event_can_are_read_back_as_they_were_signed(self, vandal: Vandal) -> None:
        odd = Event(
            at=NOW.replace(microsecond=0),
            kind="refund.held",
            words="naïve ☂ \u2028 \\ \" 'quoted'\nand a line more",
            who="zoë",
            refund_id="rf_1",
            transfer_id="t",
            order_id="rf_1/o1",
            wallet="hot",
            alarm=True,
        )
        vandal.store.commit(Change(events=(odd, replace(odd, alarm=False))))

        assert verify(vandal.store, AUDIT).sound
