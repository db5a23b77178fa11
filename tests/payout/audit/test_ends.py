"""An end that only its row knows is found: by the history, which somebody without its key cannot write."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from payout.audit.chain import AuditLine
from payout.audit.ends import Ends
from payout.refund import RefundStatus
from tests.factories import make_event
from tests.payout.hands import Hands, refund, sent, tables
from tests.scenarios.world import World
from tests.stores import AUDIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from payout.ports import Store
    from payout.transfer import Transfer


def faults(world: World) -> list[str]:
    """What one whole look finds."""
    ends = Ends(world.database.store, AUDIT)
    while ends.step():
        pass
    return [fault.words for fault in ends.faults]


def put(world: World, key: str, status: RefundStatus) -> None:
    """Somebody edits the row."""
    tables(world).refunds[key] = replace(refund(world, key), status=status)


def paid() -> tuple[World, str, Hands]:
    world = World()
    key, hands = sent(world)
    world.mine(11)
    hands.track()
    assert refund(world, key).status is RefundStatus.PAID
    return world, key, hands


def test_ends_that_came_about_here_are_believed() -> None:
    world, _, _ = paid()
    world.desk().cancel(world.approved("E2"), "alice", "why")
    world.desk().reject(world.approved("E3"), "alice", "why")
    assert faults(world) == []


@pytest.mark.parametrize("status", ["PAID", "CANCELED", "REJECTED", "CREDITED", "PAID_OUTSIDE"])
def test_an_end_that_the_history_does_not_have_is_found(status: str) -> None:
    world = World()
    put(world, world.approved("E1"), RefundStatus(status))
    assert faults(world) == [f"refund E1 is {status}, and the history does not say so"]


def test_another_end_than_the_last_that_the_history_has_is_found() -> None:
    world = World()
    key = world.approved("E1")
    world.desk().cancel(key, "alice", "why")
    put(world, key, RefundStatus.PAID)
    assert faults(world) == ["refund E1 is PAID, and the history does not say so"]


def test_a_planted_word_of_the_end_is_none() -> None:
    world = World()
    key = world.approved("E1")
    put(world, key, RefundStatus.PAID)
    links = tables(world).links
    event = make_event(kind="refund.paid", refund_id=key)
    links.append(AuditLine(number=len(links) + 1, event=event, mac="0" * 64))
    assert faults(world) == ["refund E1 is PAID, and the history does not say so"]


def test_a_payment_that_a_reorganisation_undid_is_no_end() -> None:
    world, key, hands = paid()
    world.reorganise(12, drop=True)
    hands.track()
    assert refund(world, key).status is RefundStatus.PAYING
    put(world, key, RefundStatus.PAID)
    assert faults(world) == ["refund E1 is PAID, and the history does not say so"]


def test_what_is_being_paid_by_nothing_is_found() -> None:
    world = World()
    put(world, world.approved("E1"), RefundStatus.PAYING)
    assert faults(world) == ["refund E1 is PAYING, and no attempt to pay it is open"]


def test_a_payment_under_way_is_no_matter() -> None:
    world = World()
    sent(world)
    assert faults(world) == []


def test_a_payment_that_is_seen_during_the_look_is_no_matter() -> None:
    world = World()
    _, hands = sent(world)
    store = world.database.store
    world.mine(1)

    class Meanwhile:
        """The tracker notes a block between the look at the transfer and the look at what it spends."""

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def spending(self, key_images: Sequence[str]) -> tuple[Transfer, ...]:
            hands.track()
            return store.spending(key_images)

    ends = Ends(cast("Store", Meanwhile()), AUDIT)
    ends.step()
    assert ends.faults == []


def test_a_payment_whose_quote_is_gone_is_found() -> None:
    world, _, _ = paid()
    tables(world).quotes.clear()
    (words,) = faults(world)
    assert "of its payment is gone, or was changed" in words
