"""Where checkpoints of the audit chain are kept: outside the database, which they are to contradict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from payout.audit.checkpoint import Checkpoint
    from payout.audit.verdict import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What checkpoint files say. `torn`: a last line was never finished, which is no fault."""

    checkpoints: tuple[Checkpoint, ...] = ()
    faults: tuple[Fault, ...] = ()
    torn: bool = False


class CheckpointBook(Protocol):
    """The files of one installation."""

    @property
    def instance(self) -> str:
        """Whose checkpoints these are."""
        ...

    def append(self, checkpoint: Checkpoint) -> tuple[Checkpoint, tuple[str, ...]]:
        """Sign it and keep it durably; returns it signed, and in words where that failed."""
        ...

    def read(self) -> Contents:
        """All of them, by rising numbers, each verified."""
        ...

    def newest(self) -> Checkpoint | None:
        """The verified one with the highest number."""
        ...
