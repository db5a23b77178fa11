"""The schedule: on time, never twice at once, undisturbed by a broken tick, and never waiting for a hung one."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from adapters.schedule import Schedule, Tick

PATIENCE_SECONDS = 20


class Counter:
    """A tick that counts its calls, and says when there were enough."""

    def __init__(self, enough: int) -> None:
        self.calls = 0
        self.enough = threading.Event()
        self._wanted = enough

    def __call__(self) -> None:
        self.calls += 1
        if self.calls >= self._wanted:
            self.enough.set()


def running(schedule: Schedule) -> tuple[threading.Thread, list[bool]]:
    ended: list[bool] = []
    thread = threading.Thread(target=lambda: ended.append(schedule.run()), daemon=True)
    thread.start()
    return thread, ended


def test_every_tick_is_called_again_and_again_until_it_is_stopped() -> None:
    first, second = Counter(3), Counter(2)
    schedule = Schedule(
        [
            Tick(name="first", call=first, every_seconds=0.05),
            Tick(name="second", call=second, every_seconds=0.05, first_seconds=0.1),
        ]
    )
    thread, ended = running(schedule)
    assert first.enough.wait(PATIENCE_SECONDS)
    assert second.enough.wait(PATIENCE_SECONDS)

    schedule.stop()
    thread.join(PATIENCE_SECONDS)

    assert ended == [True]


def test_a_tick_that_breaks_is_logged_and_called_again(caplog: pytest.LogCaptureFixture) -> None:
    counter = Counter(2)

    def broken() -> None:
        counter()
        raise ZeroDivisionError("a mistake")

    schedule = Schedule([Tick(name="broken", call=broken, every_seconds=0.05)])
    with caplog.at_level(logging.ERROR):
        thread, _ = running(schedule)
        assert counter.enough.wait(PATIENCE_SECONDS)
        schedule.stop()
        thread.join(PATIENCE_SECONDS)

    assert "tick.broken" in caplog.text


def test_a_slow_tick_is_never_begun_twice_at_once() -> None:
    inside, most, slow = 0, 0, Counter(3)
    lock = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        threading.Event().wait(0.12)
        with lock:
            inside -= 1
        slow()

    schedule = Schedule([Tick(name="slow", call=work, every_seconds=0.02)])
    thread, _ = running(schedule)
    assert slow.enough.wait(PATIENCE_SECONDS)
    schedule.stop()
    thread.join(PATIENCE_SECONDS)

    assert most == 1


def test_stopping_waits_for_a_tick_that_ends_but_not_for_one_that_hangs(caplog: pytest.LogCaptureFixture) -> None:
    begun, free = threading.Event(), threading.Event()

    def hang() -> None:
        begun.set()
        free.wait(PATIENCE_SECONDS)

    for stop_seconds, expected in ((0.1, False), (PATIENCE_SECONDS, True)):
        begun.clear()
        free.clear()
        schedule = Schedule([Tick(name="hang", call=hang, every_seconds=5)], stop_seconds=stop_seconds)
        thread, ended = running(schedule)
        assert begun.wait(PATIENCE_SECONDS)
        schedule.stop()
        if expected:
            free.set()
        thread.join(PATIENCE_SECONDS)
        free.set()
        assert ended == [expected]
    assert "ticks.abandoned" in caplog.text


def test_a_stop_before_the_start_ticks_nothing() -> None:
    counter = Counter(1)
    schedule = Schedule([Tick(name="late", call=counter, every_seconds=1, first_seconds=5)])
    schedule.stop()

    assert schedule.run()
    assert counter.calls == 0


SIGNALED_ELSEWHERE = """
import signal, threading
from adapters.schedule import Schedule, Tick

def tell_this_thread():
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

schedule = Schedule([Tick(name="signal", call=tell_this_thread, every_seconds=60, first_seconds=0.5)])
schedule.stop_on_signals()
print("ended" if schedule.run() else "abandoned")
"""


def test_a_signal_that_the_system_hands_to_another_thread_stops_it_too() -> None:
    """In a process of its own: Python acts on a signal in the main thread, and only when that one runs."""
    done = subprocess.run(
        [sys.executable, "-c", SIGNALED_ELSEWHERE],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "ended\n", done.stderr
