"""Errands: side by side, within bounds, and none delays those of another lane."""

from __future__ import annotations

import logging
import threading

import pytest

from payout.swaps.errands import ThreadErrands

PATIENCE = 20.0
"""Seconds, of which a test that passes needs none."""


class Slow:
    """Work that goes on until a test lets it end."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.over = threading.Event()
        self.count = 0

    def __call__(self) -> None:
        self.count += 1
        self.begun.release()
        self.over.wait(PATIENCE)


def test_a_lane_that_hangs_delays_no_other() -> None:
    errands, slow, quick = ThreadErrands(width=1), Slow(), threading.Event()
    errands.begin("slow", "a", slow)
    assert slow.begun.acquire(timeout=PATIENCE)
    errands.begin("quick", "b", quick.set)
    assert quick.wait(PATIENCE)
    slow.over.set()
    assert errands.wait(PATIENCE)


def test_a_lane_has_no_more_threads_than_its_width() -> None:
    errands, slow = ThreadErrands(width=2), Slow()
    for key in "abcde":
        errands.begin("lane", key, slow)
    for _ in range(2):
        assert slow.begun.acquire(timeout=PATIENCE)
    assert not slow.begun.acquire(timeout=0.05)
    slow.over.set()
    assert errands.wait(PATIENCE)
    assert slow.count == 5


def test_an_errand_that_is_not_done_is_not_begun_again() -> None:
    errands, slow = ThreadErrands(), Slow()
    assert errands.begin("lane", "a", slow)
    assert not errands.begin("lane", "a", slow)
    slow.over.set()
    assert errands.wait(PATIENCE)
    assert errands.begin("lane", "a", slow)
    assert errands.wait(PATIENCE)
    assert slow.count == 2


def fail() -> None:
    raise ValueError("as planned")


def test_an_errand_that_fails_is_logged_and_its_lane_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    errands, done = ThreadErrands(width=1), threading.Event()
    with caplog.at_level(logging.ERROR):
        errands.begin("lane", "a", fail)
        errands.begin("lane", "b", done.set)
        assert errands.wait(PATIENCE)
    assert done.is_set()
    assert "errand.failed" in caplog.text
