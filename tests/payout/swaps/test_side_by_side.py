"""Calls side by side: a slow service holds up its own calls, and no error is lost."""

from __future__ import annotations

import threading
from functools import partial

import pytest

from payout.swaps.side_by_side import SideBySide


@pytest.mark.parametrize("width", [1, 4])
def test_answers_come_in_the_order_of_the_calls(width: int) -> None:
    calls = SideBySide(("alpha", "beta"), width)
    jobs = [(name, partial(pow, number, 2)) for number in range(10) for name in ("alpha", "beta")]
    assert calls.run(jobs) == [number**2 for number in range(10) for _ in range(2)]
    calls.close()


def test_a_service_that_hangs_does_not_keep_another_from_being_asked() -> None:
    calls = SideBySide(("slow", "quick"), 2)
    answered = threading.Event()
    # Both lanes of the slow one wait until the quick one was asked, however many calls were before it.
    jobs = [("slow", partial(answered.wait, 30))] * 2 + [("quick", partial(_set, answered))]
    assert calls.run(jobs) == [True, True, True]
    calls.close()


@pytest.mark.parametrize("width", [1, 2])
def test_the_first_error_is_raised(width: int) -> None:
    calls = SideBySide(("alpha",), width)
    with pytest.raises(ZeroDivisionError):
        calls.run([("alpha", partial(divmod, 1, 0)), ("alpha", partial(int, "x"))])
    calls.close()


def test_every_call_was_made_when_an_error_is_raised() -> None:
    calls = SideBySide(("alpha",), 2)
    made: list[int] = []
    with pytest.raises(ZeroDivisionError):
        calls.run([("alpha", partial(divmod, 1, 0)), *(("alpha", partial(made.append, n)) for n in range(5))])
    assert sorted(made) == [0, 1, 2, 3, 4]
    calls.close()


def _set(event: threading.Event) -> bool:
    event.set()
    return True
