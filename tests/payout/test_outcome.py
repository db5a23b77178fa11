"""Outcomes: one change for a transfer, its attempts and its refunds together; none is written here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from payout.change import Change
from payout.outcome import final, reopened, voided
from payout.refund import AttemptStatus
from payout.transfer import Place, Sighting
from tests.payout.hands import Hands, payout, tables
from tests.scenarios.world import World

MINED = Sighting(place=Place.MINED, height=40, block_hash="b40", depth=10, tip=50)


class Paying:
    """One transfer pays two refunds; with `settled`, it is final."""

    def __init__(self, *, settled: bool = False) -> None:
        self.world = World()
        self.keys = [self.world.approved("E1"), self.world.approved("E2")]
        self.hands = Hands(self.world)
        self.hands.pay()
        if settled:
            self.world.mine(10)
            self.hands.track()
        self.lease = self.hands.lease()

    def final(self) -> Change:
        return final(self.hands.wallet, payout(self.world), MINED, self.lease)

    def reopened(self) -> Change:
        return reopened(self.hands.wallet, payout(self.world), Sighting(tip=50), self.lease)

    def voided(self) -> Change:
        return voided(self.hands.wallet, payout(self.world), "its input is spent", self.lease)


def statuses(change: Change) -> tuple[set[str], set[str], set[str]]:
    """Of its transfers, attempts and refunds."""
    return (
        {each.status.value for each in change.transfers},
        {each.status.value for each in change.attempts},
        {each.status.value for each in change.refunds},
    )


def test_final_settles_every_attempt_and_pays_every_refund() -> None:
    paying = Paying()
    change = paying.final()
    assert statuses(change) == ({"FINAL"}, {"SETTLED"}, {"PAID"})
    assert {each.id for each in change.refunds} == set(paying.keys)
    assert {each.paid_at for each in change.refunds} == {paying.world.clock.now()}
    assert (change.transfers[0].height, change.transfers[0].block_hash) == (40, "b40")


def test_final_tells_each_refund_what_it_got() -> None:
    words = [event.words for event in Paying().final().events if event.kind == "refund.paid"]
    assert words == ["0.152933259925 XMR is final in block 40, 10 deep"] * 2


def test_what_is_reopened_opens_every_attempt_and_alarms_for_the_transfer_and_each_refund() -> None:
    change = Paying(settled=True).reopened()
    assert statuses(change) == ({"OPEN"}, {"OPEN"}, {"PAYING"})
    assert {each.paid_at for each in change.refunds} == {each.closed_at for each in change.attempts} == {None}
    assert [event.alarm for event in change.events] == [True] * 3


def test_what_is_void_fails_every_attempt_and_frees_every_refund_without_alarm() -> None:
    change = Paying().voided()
    assert statuses(change) == ({"VOID"}, {"FAILED"}, {"APPROVED"})
    assert not any(event.alarm for event in change.events)


def test_a_hold_outlives_the_attempt_and_alarms() -> None:
    paying = Paying()
    paying.world.desk().hold(paying.keys[0], "bob", "fraud")
    change = paying.voided()
    held, free = sorted(change.refunds, key=lambda each: each.external_id)
    assert (held.status.value, held.hold_reason, free.status.value) == ("HELD", "bob: fraud", "APPROVED")
    assert [event.refund_id for event in change.events if event.alarm] == [held.id]


def test_an_attempt_that_has_ended_is_left_as_it_is() -> None:
    paying = Paying()
    rows = tables(paying.world)
    ended = next(iter(rows.attempts.values()))
    rows.attempts[ended.id] = replace(ended, status=AttemptStatus.FAILED)
    for change in (paying.final(), paying.voided()):
        assert ended.refund_id not in {each.id for each in change.refunds}
        assert len(change.attempts) == 1


def test_what_never_began_needs_no_watching_and_what_began_does() -> None:
    paying = Paying()
    begun = paying.voided().transfers[0]
    rows = tables(paying.world)
    row = payout(paying.world)
    rows.transfers[row.id] = row.to(row.status, begun_at=None)
    assert (begun.watched, paying.voided().transfers[0].watched) == (False, True)


def test_voiding_is_added_to_another_outcome_in_one_change() -> None:
    paying = Paying()
    other = Change(lease=paying.lease, resume=("hot",))
    change = voided(paying.hands.wallet, payout(paying.world), "spent", paying.lease, onto=other)
    assert (change.lease, change.resume, len(change.refunds)) == (paying.lease, ("hot",), 2)


@pytest.mark.parametrize("outcome", [Paying.final, Paying.voided])
def test_an_outcome_writes_nothing_and_is_written_under_the_lease(outcome: Callable[[Paying], Change]) -> None:
    paying = Paying()
    before = paying.world.database.rows()
    assert outcome(paying).lease == paying.lease
    assert paying.world.database.rows() == before
