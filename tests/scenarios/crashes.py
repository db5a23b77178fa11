"""
Crashes: the boundaries of a script, taken from a recorded play of it, and a play that dies at one of them.

Nothing here lists boundaries: a port call that is added tomorrow is crashed tomorrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.scenarios.boundary import Fuse, Record
from tests.scenarios.database import MemoryDatabase
from tests.scenarios.scripts import OUTPUTS
from tests.scenarios.stage import Stage
from tests.scenarios.swaps.swap_scripts import SWAP_SCRIPTS
from tests.scenarios.swaps.swap_stage import SwapStage
from tests.scenarios.swaps.swap_world import SwapWorld
from tests.scenarios.violation import Violation
from tests.scenarios.world import COIN, World

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from payout.ports import Clock
    from tests.scenarios.database import Database

    Script = Callable[[Any], None]
    """Of a Stage, or of a SwapStage."""


def play(
    script: Script,
    fuse: Fuse | None = None,
    *,
    amnesia: bool = False,
    second: int | None = None,
    database: Callable[[Clock], Database] = MemoryDatabase,
) -> Stage:
    """
    Play a script to its end, with a crash where the fuse says; `second` is the boundary after the restart to die at.

    Raises:
        Violation: a refund was not paid exactly once.
    """
    stage = raised(script, fuse or Fuse(), database=database, amnesia=amnesia, second=second)
    try:
        script(stage)
    finally:
        stage.world.database.close()
    return stage


def raised(
    script: Script, fuse: Fuse, *, database: Callable[[Clock], Database] = MemoryDatabase, **crash: Any
) -> Stage:
    """The stage that a script is written for."""
    outputs, units = OUTPUTS.get(script, (20, COIN))
    facts: dict[str, Any] = {"outputs": outputs, "units": units, "database": database}
    if script in SWAP_SCRIPTS:
        return SwapStage(SwapWorld(**facts), fuse, **crash)
    return Stage(World(**facts), fuse, **crash)


def record(script: Script) -> Record:
    """Play a script without a crash, and write its boundaries down."""

    def left_behind() -> Hashable:
        world = stage.world
        chain, purse = world.chain, world.purse
        deep = tuple(chain.tip - height >= world.rules.confirmations for height in chain.mined.values())
        book = (frozenset(purse._book.marked), frozenset(purse._saved.marked), frozenset(purse._book.keyed))
        return (
            _versions(world),
            len(world.lines),
            tuple(chain.pool),
            tuple(chain.mined),
            deep,
            book,
            purse.is_open,
            world.traces(),
        )

    fuse = Record(left_behind)
    stage = raised(script, fuse)
    script(stage)
    return fuse


def _versions(world: World) -> Hashable:
    database = world.database
    if not isinstance(database, MemoryDatabase):
        raise TypeError("a script is recorded on the store in memory")
    return database.versions()


def crash_everywhere(script: Script, recorded: Record, *, every: bool = False, most: int | None = None) -> int:
    """
    Play a script once for each case, with the wallet's cache lost at every other one; returns the number of plays.

    `every`: for each boundary, and both with the wallet's cache and without it. `most`: so many cases, spread evenly
    over the script, are enough.

    Raises:
        Violation: says where the process had died.
    """
    cases = tuple(recorded.cases.values())
    if most is not None and len(cases) > most:
        cases = tuple(cases[number * len(cases) // most] for number in range(most))
    plays = [(at, number % 2 == 0) for number, at in enumerate(cases)]
    if every:
        plays = [(at, amnesia) for at in range(recorded.passed) for amnesia in (False, True)]
    for at, amnesia in plays:
        try:
            play(script, Fuse(at), amnesia=amnesia)
        except Exception as error:
            where = f"{script.__name__} died at boundary {at} of {recorded.passed}"
            cache = "the wallet's cache lost" if amnesia else "the wallet's cache kept"
            raise Violation(f"{where}, {cache}: {error}") from error
    return len(plays)
