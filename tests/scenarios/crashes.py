"""
Crashes: the boundaries of a script, taken from a recorded play of it, and a play that dies at one of them.

Nothing here lists boundaries: a port call that is added tomorrow is crashed tomorrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.scenarios.boundary import Fuse, Record
from tests.scenarios.database import MemoryDatabase
from tests.scenarios.scripts import OUTPUTS
from tests.scenarios.stage import Stage
from tests.scenarios.violation import Violation
from tests.scenarios.world import COIN, World

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from payout.ports import Clock
    from tests.scenarios.database import Database

    Script = Callable[[Stage], None]


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
    outputs, units = OUTPUTS.get(script, (20, COIN))
    world = World(outputs=outputs, units=units, database=database)
    stage = Stage(world, fuse or Fuse(), amnesia=amnesia, second=second)
    try:
        script(stage)
    finally:
        world.database.close()
    return stage


def record(script: Script) -> Record:
    """Play a script without a crash, and write its boundaries down."""
    outputs, units = OUTPUTS.get(script, (20, COIN))
    world = World(outputs=outputs, units=units)

    def left_behind() -> Hashable:
        chain, purse = world.chain, world.purse
        deep = tuple(chain.tip - height >= world.rules.confirmations for height in chain.mined.values())
        book = (frozenset(purse._book.marked), frozenset(purse._saved.marked), frozenset(purse._book.keyed))
        return (_versions(world), len(world.lines), tuple(chain.pool), tuple(chain.mined), deep, book, purse.is_open)

    fuse = Record(left_behind)
    script(Stage(world, fuse))
    return fuse


def _versions(world: World) -> Hashable:
    database = world.database
    if not isinstance(database, MemoryDatabase):
        raise TypeError("a script is recorded on the store in memory")
    return database.versions()


def crash_everywhere(script: Script, recorded: Record, *, every: bool = False) -> int:
    """
    Play a script once for each case, with the wallet's cache lost at every other one; returns the number of plays.

    `every`: for each boundary, and both with the wallet's cache and without it.

    Raises:
        Violation: says where the process had died.
    """
    plays = [(at, number % 2 == 0) for number, at in enumerate(recorded.cases.values())]
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
