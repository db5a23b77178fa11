"""Readings: what a processor said, for as long as it is fresh, and only to the process that heard it."""

from __future__ import annotations

import threading
from datetime import timedelta

from payout.swaps.readings import Reading, Readings
from tests.factories import NOW, xmr
from tests.payout.swaps.brokering import make_order, make_said

MINUTE = timedelta(seconds=60)


def test_a_reading_is_fresh_for_as_long_as_it_may_be_old_and_no_longer() -> None:
    readings, order, said = Readings(), make_order(), make_said()
    readings.take("alpha", said, NOW)
    assert readings.fresh(order, NOW, MINUTE) == said
    assert readings.fresh(order, NOW + MINUTE, MINUTE) == said
    assert readings.fresh(order, NOW + MINUTE + timedelta(milliseconds=1), MINUTE) is None


def test_a_reading_from_the_future_is_not_fresh_as_a_clock_was_set_back() -> None:
    readings = Readings()
    readings.take("alpha", make_said(), NOW)
    assert readings.fresh(make_order(), NOW - timedelta(seconds=1), MINUTE) is None


def test_a_later_answer_replaces_an_earlier_one_and_never_the_other_way_round() -> None:
    readings, old, new = Readings(), make_said(), make_said(deposit=xmr("0.3"))
    readings.take("alpha", new, NOW + timedelta(seconds=5))
    readings.take("alpha", old, NOW)
    assert readings.latest("alpha", "alpha-1") == Reading(said=new, at=NOW + timedelta(seconds=5))


def test_two_processors_may_use_one_id() -> None:
    readings, order = Readings(), make_order()
    readings.take("beta", make_said(), NOW)
    assert readings.fresh(order, NOW, MINUTE) is None
    assert readings.latest("beta", "alpha-1") is not None


def test_an_order_without_an_id_has_no_reading() -> None:
    assert Readings().fresh(make_order(processor_id=None), NOW, MINUTE) is None


def test_what_is_forgotten_is_gone_and_may_be_forgotten_twice() -> None:
    readings = Readings()
    readings.take("alpha", make_said(), NOW)
    readings.forget("alpha", "alpha-1")
    readings.forget("alpha", "alpha-1")
    assert readings.latest("alpha", "alpha-1") is None


def test_threads_may_read_and_write_at_once() -> None:
    readings, order = Readings(), make_order()

    def work() -> None:
        for step in range(300):
            readings.take("alpha", make_said(), NOW + timedelta(seconds=step))
            readings.fresh(order, NOW, MINUTE)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    latest = readings.latest("alpha", "alpha-1")
    assert latest is not None
    assert latest.at == NOW + timedelta(seconds=299)
