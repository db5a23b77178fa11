"""
The rules of approving: people, tiers, caps and the cooling-off. They lie outside the database and are signed for.

Everything that a rule says here is checked by the worker on the row that it commits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from payout.approval.people import Person, Role
from payout.canonical import canonical_json
from payout.money import Money
from payout.text import spoken

if TYPE_CHECKING:
    from payout.refund import Refund

HOUR = timedelta(hours=1)

LIMITS_ONLY = "limits"
"""The policy of an installation whose people file says nothing of tiers, caps or a cooling-off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """How many people must approve a refund of up to so many USD."""

    up_to: Money | None
    """USD; None: any amount. The tiers stand in rising order, and the last has None."""
    approvals: int
    """0: intake itself approves, within `Caps.automatic_day`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Ceilings in USD, each None where there is none. Those of payout.toml hold as well."""

    refund: Money | None = None
    automatic_day: Money | None = None
    """Of refunds that no person approved, in one UTC day."""
    destination_day: Money | None = None
    day: Money | None = None
    total: Money | None = None
    """Of all refunds that were ever paid."""
    wallet_day: Mapping[str, Money] = field(default_factory=dict)

    def said(self) -> dict[str, object]:
        """All of them, as they are signed for."""
        return {
            "refund": _said(self.refund),
            "automatic_day": _said(self.automatic_day),
            "destination_day": _said(self.destination_day),
            "day": _said(self.day),
            "total": _said(self.total),
            "wallet_day": {name: str(cap) for name, cap in sorted(self.wallet_day.items())},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CoolingOff:
    """A refund above this whose destination was changed is paid only after so long."""

    above: Money
    wait: timedelta

    def waits(self, refund: Refund, now: datetime) -> str | None:
        """Until when, and why, whoever may object is given time; None: it need not wait."""
        if refund.amended_at is None or refund.owed <= self.above or refund.amended_at + self.wait <= now:
            return None
        return (
            f"{spoken(refund.amended_at + self.wait)}: {refund.amended_by} changed its destination, "
            f"and so large a refund then waits {self.wait // HOUR} hours"
        )

    def said(self) -> list[object]:
        """As it is signed for."""
        return [str(self.above), int(self.wait.total_seconds())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All of the people file."""

    people: Mapping[str, Person] = field(default_factory=dict)
    tiers: tuple[Tier, ...] = (Tier(up_to=None, approvals=1),)
    caps: Caps = Caps()
    cooling_off: CoolingOff | None = None
    rp_id: str | None = None
    """The console's host name: passkeys are bound to it."""
    origin: str | None = None
    """The console's address, `https://...`."""

    @property
    def keyed(self) -> bool:
        """Somebody has a public key: from then on only such keys approve, and every change of the rules is signed."""
        return any(person.keys for person in self.people.values())

    def cooling(self, refund: Refund, now: datetime) -> str | None:
        """What a refund whose destination was changed still waits for; None: nothing."""
        return None if self.cooling_off is None else self.cooling_off.waits(refund, now)

    def approvals_for(self, owed: Money) -> int:
        """How many people must approve a refund of this amount, if nothing else asks for more."""
        return next(tier.approvals for tier in self.tiers if tier.up_to is None or owed <= tier.up_to)

    @property
    def most_approvals(self) -> int:
        """What the largest payment takes; a change of the rules takes as many."""
        return max(1, *(tier.approvals for tier in self.tiers))

    def holds(self, name: str, role: Role) -> bool:
        """This person has this role; where nobody is named, everybody has every role."""
        if not self.people:
            return True
        person = self.people.get(name)
        return person is not None and role in person.roles

    def policy(self) -> str:
        """What an approver agrees to besides the refund: a digest of tiers, caps and cooling-off, not of people."""
        if len(self.tiers) == 1 and self.caps == Caps() and self.cooling_off is None:
            return LIMITS_ONLY
        facts = {
            "tiers": [[_said(tier.up_to), tier.approvals] for tier in self.tiers],
            "caps": self.caps.said(),
            "cooling_off": self.cooling_off.said() if self.cooling_off else None,
        }
        return hashlib.sha256(canonical_json(facts).encode()).hexdigest()


def _said(cap: Money | None) -> str | None:
    return None if cap is None else str(cap)
