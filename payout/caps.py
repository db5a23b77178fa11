"""
Caps: which counters a payout raises, and how far each may go. Pure.

One table (`counters`) serves the look before (`payout/vetting.py`), the commit, the spend journal's own sums and a
preview: a cap that only one of them knew would be no cap.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.asset import USD
from payout.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from payout.approval import Caps
    from payout.limits import Limits
    from payout.refund import Refund

DAY_SCOPE = "day"
"""What leaves in a UTC day, by all wallets."""
AUTOMATIC_SCOPE = "automatic"
"""What no person approved, in a UTC day."""
TOTAL_SCOPE = "total"
"""All that was ever paid; its day is EVER."""
EVER = "ever"

UNCAPPED = 2**63 - 1
"""Counted, and never refused."""


def utc_day(now: datetime) -> str:
    """The UTC day that a commit counts for, as `2026-11-22`."""
    return now.date().isoformat()


def counters(
    wallet: str, day: str, *, automatic: bool, address: str | None = None, processor: str | None = None
) -> list[tuple[str, str]]:
    """The counters, by (scope, day), that paying a refund raises by the USD owed. `address` is a scope already."""
    found = [(DAY_SCOPE, day), (wallet_scope(wallet), day), (TOTAL_SCOPE, EVER)]
    if automatic:
        found.append((AUTOMATIC_SCOPE, day))
    if address is not None:
        found.append((address, day))
    if processor is not None:
        found.append((processor_scope(processor), day))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CapUse:
    """Raise the counter (scope, day) by `units` US cents, and refuse the whole commit if it would pass `cap`."""

    scope: str
    day: str
    units: int
    cap: int


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
        """All counters that paying this refund raises. An address is counted only where it has a cap."""
        day, caps = day_ceiling(self.limits, self.caps, utc_day(now)), self.caps
        address = None if caps.destination_day is None else destination_scope(refund.asset.key, refund.destination)
        known = {
            DAY_SCOPE: (day.cap, day.setting),
            wallet_scope(self.wallet): (caps.wallet_day.get(self.wallet), f"caps.wallet_day_usd.{self.wallet}"),
            TOTAL_SCOPE: (caps.total, "caps.total_usd"),
            AUTOMATIC_SCOPE: (caps.automatic_day or Money(0, USD), "caps.automatic_day_usd"),
            address: (caps.destination_day, "caps.destination_day_usd"),
        }
        return tuple(
            Ceiling(scope=scope, day=counted, cap=known[scope][0], setting=known[scope][1])
            for scope, counted in counters(self.wallet, day.day, automatic=automatic, address=address)
        )

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
    """
    The counter of one address of an asset (code, network), whatever the memo is; short, as addresses may be long.

    In whatever case it is written: 0xAB and 0xab are one address, and no two people's differ in that alone.
    """
    text = f"{asset[0]}/{asset[1]}/{destination.casefold()}"
    return f"destination:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
