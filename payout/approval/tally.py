"""What approvals are worth, one by one: which count towards a row as it stands, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from payout.approval.approval import Approval


class Void(Exception):
    """It was a signature once, and does not count now; the words say why."""


class Outdated(Void):
    """It was given under other rules than those in force."""


class Forged(Exception):
    """It never was one of this row; the words say why."""


@dataclass(slots=True, kw_only=True)
class Tally:
    """What approvals are worth: those that count, and why the others do not."""

    people: dict[str, Approval] = field(default_factory=dict)
    machine: Approval | None = None
    void: list[str] = field(default_factory=list)
    outdated: bool = False
    """Some of those are void because the rules changed."""
    forged: list[str] = field(default_factory=list)
