"""How the history is watched over: the files of checkpoints, and the round that the daemon makes."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.checkpoints import CheckpointFiles
    from config.wiring import House
    from payout.audit.watch import AuditWatch


class AuditParts:
    """Parts of a house, made when they are first asked for."""

    def __init__(self, house: House) -> None:
        self._house = house

    @cached_property
    def files(self) -> CheckpointFiles:
        """Reads and signs checkpoints."""
        from adapters.checkpoints import CheckpointFiles, CheckpointKey

        given = self._house.settings
        return CheckpointFiles(
            instance=given.instance.id,
            files=given.audit.checkpoint_files,
            key=CheckpointKey.from_seed(self._house.checkpoint_seed),
        )

    def watch(self) -> AuditWatch:
        """Verifies, and writes checkpoints."""
        from payout.audit.watch import AuditWatch

        house = self._house
        return AuditWatch(house.store, house.clock, house.audit_key, self.files)
