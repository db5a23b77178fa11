"""
The tally: what each recipient's own wallet received, beside what was owed and what is on record.

It trusts neither the daemon nor its database: the amounts are computed again from the rates, the payments are read
from the customers' wallet, and the merchant's balance must have fallen by exactly their sum and the fees.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from deploy.demo.cast import Owed
from deploy.sandbox import XMR, Customer

Payments = Mapping[tuple[str, str], Sequence[int]]
"""Amounts that the customers' wallet received, by txid and address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One refund, from what was owed to what arrived. Amounts in piconero."""

    owed: Owed
    status: str
    rate: Decimal
    recorded: int
    received: int
    txid: str

    @property
    def difference(self) -> int:
        return self.received - self.recorded

    @property
    def priced_right(self) -> bool:
        """The amount is what was owed at the rate, rounded down to one piconero."""
        return self.recorded == Fraction(self.owed.cents, 100) * XMR // Fraction(self.rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """All refunds, and the transfers that paid them."""

    lines: tuple[Line, ...]
    transfers: int
    fees: int
    spent: int
    """By how much the merchant's balance fell."""
    payments: int
    """That the customers' wallet lists, one for each transaction and address."""

    @property
    def recorded(self) -> int:
        return sum(line.recorded for line in self.lines)

    @property
    def received(self) -> int:
        return sum(line.received for line in self.lines)

    @property
    def owed_cents(self) -> int:
        return sum(line.owed.cents for line in self.lines)

    def faults(self) -> list[str]:
        """All that is not as it must be; nothing, if every refund was paid once and to the unit."""
        found = []
        for line in self.lines:
            name = line.owed.external_id
            if line.status != "PAID":
                found.append(f"{name} is {line.status}, not PAID")
            if line.difference:
                found.append(f"{name} received {xmr(line.difference)} XMR other than what is on record")
            if not line.priced_right:
                found.append(f"{name} was not paid what it is worth at {line.rate} USD")
        if self.payments != len(self.lines):
            found.append(f"the customers' wallet lists {self.payments} payments for {len(self.lines)} refunds")
        if self.spent != self.recorded + self.fees:
            found.append(f"the merchant's balance fell by {xmr(self.spent)} XMR, not by payments and fees")
        return found


def take(
    refunds: Sequence[Owed],
    records: Sequence[Mapping[str, Any]],
    transfers: Sequence[Mapping[str, Any]],
    *,
    payments: Payments,
    spent: int,
) -> Tally:
    """
    Bring together what was owed, what `payout` has on record, and what the wallets say.

    `transfers` are those that the node knows: one that never left cost no fee.
    """
    by_id = {str(record["external_id"]): record for record in records}
    return Tally(
        lines=tuple(_line(owed, by_id[owed.external_id], payments) for owed in refunds),
        transfers=sum(transfer["kind"] == "PAYOUT" for transfer in transfers),
        fees=sum(piconero(transfer["fee"]) for transfer in transfers),
        spent=spent,
        payments=sum(len(amounts) for amounts in payments.values()),
    )


def _line(owed: Owed, record: Mapping[str, Any], payments: Payments) -> Line:
    txids = [str(txid) for txid in record["tx_ids"]]
    received = [amount for txid in txids for amount in payments.get((txid, owed.destination), ())]
    return Line(
        owed=owed,
        status=str(record["status"]),
        rate=Decimal(record["rate_usd"] or 1),
        recorded=piconero(record["amount"] or "0"),
        received=sum(received),
        txid=txids[-1] if txids else "",
    )


def payments_of(customer: Customer) -> dict[tuple[str, str], list[int]]:
    """What the customers' wallet received, by txid and the address that was written to."""
    found: dict[tuple[str, str], list[int]] = {}
    for payment in customer.payments():
        address = customer.paid_address(payment)
        found.setdefault((payment["txid"], address), []).append(int(payment["amount"]))
    return found


def ways(refunds: Sequence[Owed]) -> str:
    """How many refunds go to each kind of address, in words."""
    counts = Counter(owed.kind for owed in refunds)
    return ", ".join(f"{number} {kind}" for kind, number in counts.most_common())


def piconero(text: str) -> int:
    """From XMR as it is written."""
    return int(Decimal(text).scaleb(12))


def xmr(units: int) -> str:
    """Piconero as XMR, all decimals."""
    sign = "-" if units < 0 else ""
    return f"{sign}{abs(units) // XMR}.{abs(units) % XMR:012d}"
