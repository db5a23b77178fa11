"""
The doctor: looks at everything that a payment needs, and says what to do about the rest.

It only looks. Each check stands alone, so that one that fails never hides another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from config.doctor import audit, files, rates, records, swaps, telling, wallets
from config.doctor.check import Check, State, fail
from config.wiring import House
from payout.errors import PayoutError, SettingsError

__all__ = ["Check", "State", "examine", "fail"]

Examination = Callable[[House], Iterator[Check]]
EXAMINATIONS: tuple[tuple[str, Examination], ...] = (
    ("files", files.examine),
    ("database", records.examine),
    ("audit", audit.examine),
    ("rates", rates.examine),
    ("wallets", wallets.examine),
    ("swaps", swaps.examine),
    ("telling", telling.examine),
)


def examine(house: House) -> Iterator[Check]:
    """Every check, as soon as it is made."""
    for name, examination in EXAMINATIONS:
        try:
            yield from examination(house)
        except SettingsError as error:
            for problem in error.problems:
                yield fail(name, problem, "correct it, then run `payout doctor` again")
        except PayoutError as error:
            yield fail(name, str(error), "see above")
