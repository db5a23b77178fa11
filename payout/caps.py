"""
Caps: which counters a payout raises, and how far each may go. Pure.

One table serves the look before (`payout/vetting.py`), the commit, the spend journal's own sums and a preview: a cap
that only one of them knew would be no cap.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.asset import USD
from payout.limits import DAY_SCOPE, UNCAPPED, CapUse, utc_day
from payout.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payout.approval import Caps
    from payout.limits import Limits
    from payout.refund import Refund

AUTOMATIC_SCOPE = "automatic"
"""What no person approved, in a UTC day."""
TOTAL_SCOPE = "total"
"""All that was ever paid; its day is EVER."""
EVER = "ever"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """One counter that paying a refund raises, by the USD owed."""

    scope: str
    day: str
    cap: Money | None
    """None: it is counted all the same."""
    setting: str
    """What to raise where it is too low."""

    @property
    def cap_units(self) -> int:
        """In US cents."""
        return UNCAPPED if self.cap is None else self.cap.units

    def left(self, used_units: int) -> Money:
        """What may still leave."""
        return Money(max(0, self.cap_units - used_units), USD)

    def wait(self, left: Money) -> str:
        """What a refund waits for that it leaves no room for."""
        tomorrow = "" if self.day == EVER else "tomorrow (UTC), or "
        other = f"a higher {self.setting}"
        if self.scope == AUTOMATIC_SCOPE:
            other = f"a person who approves it, as {self.setting} is used up"
        return f"{tomorrow}{other}: {left} USD of {self.cap} is left{'' if self.day == EVER else ' today'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapBook:
    """The caps of one wallet: those of payout.toml and those of the people file, whichever is lower."""

    limits: Limits
    caps: Caps
    wallet: str

    def ceilings(self, refund: Refund, now: datetime, *, automatic: bool) -> tuple[Ceiling, ...]:
        """All counters that paying this refund raises."""
        day = utc_day(now)
        found = [day_ceiling(self.limits, self.caps, day), self._wallet(day), self._total()]
        if automatic:
            found.append(
                Ceiling(
                    scope=AUTOMATIC_SCOPE,
                    day=day,
                    cap=self.caps.automatic_day or Money(0, USD),
                    setting="caps.automatic_day_usd",
                )
            )
        if self.caps.destination_day is not None:
            scope = destination_scope(refund.asset.key, refund.destination)
            setting = "caps.destination_day_usd"
            found.append(Ceiling(scope=scope, day=day, cap=self.caps.destination_day, setting=setting))
        return tuple(found)

    def uses(self, paid: Iterable[tuple[Refund, bool]], now: datetime) -> tuple[CapUse, ...]:
        """What a transfer that pays these refunds raises, each with whether it is automatic; sorted, as locks need."""
        units: dict[tuple[str, str], int] = {}
        caps: dict[tuple[str, str], int] = {}
        for refund, automatic in paid:
            for ceiling in self.ceilings(refund, now, automatic=automatic):
                key = (ceiling.scope, ceiling.day)
                units[key] = units.get(key, 0) + refund.owed.units
                caps[key] = ceiling.cap_units
        return tuple(CapUse(scope=key[0], day=key[1], units=units[key], cap=caps[key]) for key in sorted(units))

    def _wallet(self, day: str) -> Ceiling:
        setting = f"caps.wallet_day_usd.{self.wallet}"
        cap = self.caps.wallet_day.get(self.wallet)
        return Ceiling(scope=wallet_scope(self.wallet), day=day, cap=cap, setting=setting)

    def _total(self) -> Ceiling:
        return Ceiling(scope=TOTAL_SCOPE, day=EVER, cap=self.caps.total, setting="caps.total_usd")


def day_ceiling(limits: Limits, caps: Caps, day: str) -> Ceiling:
    """What may leave in all on a UTC day."""
    cap = caps.day
    if cap is None or limits.day_max <= cap:
        return Ceiling(scope=DAY_SCOPE, day=day, cap=limits.day_max, setting="limits.day_max_usd")
    return Ceiling(scope=DAY_SCOPE, day=day, cap=cap, setting="caps.day_usd")


def wallet_scope(name: str) -> str:
    """The counter of one wallet's payouts."""
    return f"wallet:{name}"


def processor_scope(name: str) -> str:
    """The counter of deposits to one processor."""
    return f"processor:{name}"


def destination_scope(asset: tuple[str, str], destination: str) -> str:
    """The counter of one address of an asset (code, network), whatever the memo is; short, as addresses may be long."""
    text = f"{asset[0]}/{asset[1]}/{destination}"
    return f"destination:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
