"""Reads `quorum` or `[[tiers]]`: how many people must approve a refund of up to so many dollars."""

from __future__ import annotations

from typing import Any, Final

from config.settings.table import Problems, Table
from payout.approval.rules import Tier
from payout.money import Money

APPROVALS_MAX: Final = 10
_ONE: Final = (Tier(up_to=None, approvals=1),)


def read_tiers(body: dict[str, Any], problems: Problems) -> tuple[Tier, ...]:
    """The tiers, in rising order; the last has no bound."""
    if "tiers" in body:
        if "quorum" in body:
            problems.add("quorum", "says the same as [[tiers]]: keep one of them")
        return _tiers(body["tiers"], problems)
    quorum = body.get("quorum", 1)
    if type(quorum) is not int or not 1 <= quorum <= APPROVALS_MAX:
        problems.add("quorum", f"must be a whole number from 1 to {APPROVALS_MAX}")
        return _ONE
    return (Tier(up_to=None, approvals=quorum),)


def _tiers(values: Any, problems: Problems) -> tuple[Tier, ...]:
    if not isinstance(values, list) or not values:
        problems.add("tiers", "must be a list of tables: write [[tiers]] and its keys below it")
        return _ONE
    found: list[Tier] = []
    for number, value in enumerate(values, start=1):
        table = Table(f"tiers {number}", value, problems)
        found.append(_tier(table, is_last=number == len(values)))
        table.done()
        if len(found) > 1:
            _check_order(table, found[-2], found[-1])
    return tuple(found)


def _tier(table: Table, *, is_last: bool) -> Tier:
    if not table.has("approvals"):
        table.fault("approvals", "is missing: how many people must approve, 0 for none")
    approvals = table.number("approvals", 1, 0, APPROVALS_MAX)
    up_to: Money | None = None
    if table.has("up_to_usd"):
        up_to = table.usd("up_to_usd", "25.00")
        if is_last:
            table.fault("up_to_usd", "does not belong into the last tier: what is above it could never be approved")
    else:
        table.asked.append("up_to_usd")
        if not is_last:
            table.fault("up_to_usd", "is missing: only the last tier has no bound")
    return Tier(up_to=None if is_last else up_to, approvals=approvals)


def _check_order(table: Table, before: Tier, this: Tier) -> None:
    if before.up_to is not None and this.up_to is not None and this.up_to <= before.up_to:
        table.fault("up_to_usd", f"is not above the tier before it, {before.up_to}")
    if this.approvals < before.approvals:
        table.fault("approvals", f"is less than the {before.approvals} of the tier before it: larger refunds need more")
