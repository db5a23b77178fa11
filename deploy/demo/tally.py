"""
The tally: what each recipient received, beside what was owed and what is on record.

It trusts neither the daemon nor its database: amounts are computed again from the rates, payments are read from the
recipients' own wallets and chains, and the merchant's balance must have fallen by exactly what all that explains.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from deploy.demo.accounts import Accounts
from deploy.demo.cast import Owed
from deploy.demo.swap import Swap
from deploy.demo.units import DECIMALS, XMR_DECIMALS, coins, places, units_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One refund, from what was owed to what arrived. Amounts in its coin's smallest unit."""

    owed: Owed
    status: str
    rate: Decimal
    recorded: int
    received: int
    txid: str
    swaps: tuple[Swap, ...] = ()
    """The deposits for it, where it went through processors."""

    @property
    def difference(self) -> int:
        return self.received - self.recorded

    @property
    def due(self) -> int:
        """What is owed at the rate, rounded down to the last decimal that the way allows."""
        decimals = DECIMALS[self.owed.asset]
        step: int = 10 ** (decimals - places(self.owed.asset))
        units = Fraction(self.owed.cents * 10**decimals, 100) / Fraction(self.rate)
        return int(units / step) * step

    @property
    def extra_usd(self) -> Decimal:
        """What the processors cost: their deposits' worth, less what they sent back and what was owed."""
        return sum((swap.spent_usd for swap in self.swaps), Decimal(0)) - Decimal(self.owed.cents) / 100

    def faults(self) -> list[str]:
        """All that is not as it must be."""
        name, asset = self.owed.external_id, self.owed.asset
        found = []
        if self.status != "PAID":
            found.append(f"{name} is {self.status}, not PAID")
        if self.difference:
            found.append(f"{name} received {coins(self.difference, asset)} {asset} other than what is on record")
        if self.recorded != self.due:
            found.append(f"{name} was not paid what it is worth at {self.rate} USD")
        found += [
            f"{name}: {swap.processor} got {coins(swap.deposited)} XMR, not {coins(swap.recorded)}"
            for swap in self.swaps
            if swap.deposited != swap.recorded
        ]
        kept = [swap for swap in self.swaps if not swap.returned]
        if len(kept) != (not self.owed.is_direct):
            found.append(f"{name}: {len(kept)} deposits of it stayed with processors")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """All refunds, and the transfers that paid them. Sums in piconero."""

    lines: tuple[Line, ...]
    transfers: Counter[str]
    """How many, by kind."""
    fees: int
    spent: int
    """By how much the merchant's balance fell."""
    payments: int
    """That the customers' Monero wallet lists, one for each transaction and address."""

    @property
    def direct(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.owed.is_direct)

    @property
    def swapped(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if not line.owed.is_direct)

    @property
    def received(self) -> int:
        """In Monero, by customers."""
        return sum(line.received for line in self.direct)

    @property
    def deposits(self) -> int:
        return sum(swap.deposited for line in self.swapped for swap in line.swaps)

    @property
    def returns(self) -> int:
        return sum(swap.returned for line in self.swapped for swap in line.swaps)

    @property
    def explained(self) -> int:
        return self.received + self.deposits + self.fees - self.returns

    def faults(self) -> list[str]:
        """All that is not as it must be; nothing, if every refund was paid once and to the unit."""
        found = [fault for line in self.lines for fault in line.faults()]
        if self.payments != len(self.direct):
            found.append(f"the customers' wallet lists {self.payments} payments for {len(self.direct)} refunds")
        if self.spent != self.explained:
            found.append(f"the merchant's balance fell by {coins(self.spent)} XMR, not by {coins(self.explained)}")
        return found


def take(
    refunds: Sequence[Owed],
    records: Sequence[Mapping[str, Any]],
    transfers: Sequence[Mapping[str, Any]],
    swaps: Mapping[str, tuple[Swap, ...]],
    *,
    accounts: Accounts,
    spent: int,
) -> Tally:
    """
    Bring together what was owed, what `payout` has on record, and what the recipients say.

    `transfers` are those that the node knows: one that never left cost no fee.
    """
    by_id = {str(record["external_id"]): record for record in records}
    return Tally(
        lines=tuple(
            _line(owed, by_id[owed.external_id], swaps.get(owed.external_id, ()), accounts) for owed in refunds
        ),
        transfers=Counter(str(transfer["kind"]) for transfer in transfers),
        fees=sum(units_of(transfer["fee"], XMR_DECIMALS) for transfer in transfers),
        spent=spent,
        payments=accounts.count,
    )


def _line(owed: Owed, record: Mapping[str, Any], swaps: tuple[Swap, ...], accounts: Accounts) -> Line:
    txids = [str(txid) for txid in record["tx_ids"]]
    if owed.is_direct:
        received = sum(amount for txid in txids for amount in accounts.payments.get((txid, owed.destination), ()))
    else:
        received = accounts.elsewhere[owed.destination]
    return Line(
        owed=owed,
        status=str(record["status"]),
        rate=Decimal(record["rate_usd"] or 1),
        recorded=units_of(record["amount"] or "0", DECIMALS[owed.asset]),
        received=received,
        txid=txids[-1] if txids else "",
        swaps=swaps,
    )


def ways(refunds: Sequence[Owed]) -> str:
    """How many refunds are owed in each coin, in words."""
    counts = Counter(owed.asset for owed in refunds)
    return ", ".join(f"{number} in {asset}" for asset, number in counts.most_common())
