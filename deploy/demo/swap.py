"""One swap of the demo: a deposit to a processor, what it was worth, and what came back of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from deploy.demo.accounts import Accounts
from deploy.demo.units import XMR_DECIMALS, units_of
from deploy.sandbox import XMR

Rates = Sequence[tuple[datetime, Decimal]]
"""USD for one XMR by our own sources, and since when; oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A deposit that was paid. Amounts in piconero."""

    processor: str
    number: int
    status: str
    recorded: int
    """What our database says that it sent."""
    deposited: int
    """What the processor's own wallet says that it got."""
    returned: int
    """What our own wallet says that it got back."""
    rate: Decimal

    @property
    def spent(self) -> int:
        return self.deposited - self.returned

    @property
    def spent_usd(self) -> Decimal:
        return Decimal(self.spent) / XMR * self.rate


def swaps_of(orders: Sequence[Mapping[str, Any]], accounts: Accounts, rates: Rates) -> dict[str, tuple[Swap, ...]]:
    """The funded orders of each refund, by its external id, oldest first."""
    found: dict[str, list[Swap]] = {}
    for order in sorted(orders, key=lambda each: each["asked_at"]):
        if order["deposit_tx_id"] is None:
            continue  # It was never paid for.
        before = found.setdefault(order["external_id"], [])
        before.append(
            Swap(
                processor=order["processor"],
                number=len(before) + 1,
                status=order["status"],
                recorded=units_of(order["deposit"], XMR_DECIMALS),
                deposited=accounts.deposits.get(order["deposit_address"], 0),
                returned=accounts.incoming.get(order["return_address"], 0),
                rate=_rate_at(rates, datetime.fromisoformat(order["asked_at"])),
            )
        )
    return {name: tuple(swaps) for name, swaps in found.items()}


def _rate_at(rates: Rates, at: datetime) -> Decimal:
    """The last one before; the first one for whatever came before all."""
    return [rate for since, rate in rates if since <= at or since is rates[0][0]][-1]
