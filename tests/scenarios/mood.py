"""The mood of one run: how likely each trouble is. Each run draws its own, so that some are made of one alone."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

LEVELS = (0.0, 0.0, 0.2, 1.0, 1.0)
"""In two of five runs a trouble is absent, in one it is rare, and in two frequent."""


@dataclass(slots=True)
class Mood:
    """The likelihood of each trouble where it is frequent: at each boundary, deed, or round."""

    # At a boundary.
    hand_over: float = 0.06
    sleep: float = 0.003
    crash: float = 0.003
    rail_fails: float = 0.03
    store_fails: float = 0.01
    # At a commit, a line, a deed.
    acted_midway: float = 0.3
    """How often a person acts while a transfer is being signed."""
    commit_unknown: float = 0.15
    journal_fails: float = 0.05
    deed_lost: float = 0.9
    deed_late: float = 0.4
    deed_twice: float = 0.3
    # At a round.
    node_down: float = 0.10
    node_behind: float = 0.10
    wallet_killed: float = 0.15
    pool_flushed: float = 0.3
    empty: float = 0.7
    """Of blocks: how many leave our transactions in the pool."""
    reorganised: float = 0.20
    deep: float = 0.6
    """Of reorganisations: how many are of up to eleven blocks, and drop what they undo."""
    final_undone: float = 0.15
    """A reorganisation that takes back the newest transfer that is final."""
    ring_lost: float = 0.5
    """Whether a deep one makes bytes invalid for ever; drawn once a run."""
    fee_spike: float = 0.08
    price_moves: float = 0.3
    rates_refused: float = 0.10
    poor: float = 0.6
    """Whether the wallet starts with too little; drawn once a run."""
    small_cap: float = 0.4
    """Whether the day's cap is too small for all; drawn once a run."""
    thief: float = 0.02
    intruder: float = 0.05
    """Someone who can write to the database, where it is in memory."""
    store_down: float = 0.05
    halted: float = 0.05
    meddled: float = 0.4
    """How often people do more than approve."""
    days_pass: float = 0.02

    @classmethod
    def draw(cls, dice: Random) -> Mood:
        """One run's mood."""
        mood = cls()
        for trouble in fields(cls):
            setattr(mood, trouble.name, getattr(mood, trouble.name) * dice.choice(LEVELS))
        return mood
