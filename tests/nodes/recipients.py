"""
The judge: what each recipient's own wallet received, beside what the product has on record.

It reads the customers' wallet-rpc and the product's own listing, and shares no code with the product.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from deploy.sandbox import XMR
from tests.nodes.house import Installation, Owed


@dataclass(slots=True, kw_only=True)
class Verdict:
    """How many were paid exactly once, to the piconero, and what is wrong with the others."""

    right: int = 0
    missing: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    """Addresses that were paid, and that nobody owed."""

    @property
    def faults(self) -> dict[str, list[str]]:
        """Empty when each was paid exactly once."""
        every = {"missing": self.missing, "double": self.double, "wrong": self.wrong, "strangers": self.strangers}
        return {name: found for name, found in every.items() if found}


def judge(installation: Installation, owed: list[Owed], *, before: int = 0) -> Verdict:
    """Compare every payment mined from height `before` on with what is owed. Each `destination` must be its own."""
    paid: dict[str, list[int]] = {}
    for payment in installation.network.customer.payments():
        if payment["type"] == "in" and payment["height"] >= before:
            paid.setdefault(payment["address"], []).append(int(payment["amount"]))
    lines = installation.listed()
    record = {line["external_id"]: line for line in lines}
    assert len(record) == len(lines), "an external_id is on record twice"
    verdict = Verdict(strangers=sorted(set(paid) - {each.destination for each in owed}))
    for each in owed:
        amounts, line = paid.get(each.destination, []), record[each.external_id]
        expected = int(Decimal(line["amount"]) * XMR) if line["amount"] else 0
        if not amounts:
            verdict.missing.append(each.external_id)
        elif len(amounts) > 1:
            verdict.double.append(f"{each.external_id} {amounts}")
        elif amounts != [expected] or expected != worth(each.usd, line["rate_usd"]) or line["status"] != "PAID":
            verdict.wrong.append(f"{each.external_id} {amounts} of {line}")
        else:
            verdict.right += 1
    return verdict


def worth(usd: str, rate: str) -> int:
    """Piconero that pay `usd` at `rate`, rounded down."""
    return int((Decimal(usd) * XMR / Decimal(rate)).to_integral_value(ROUND_DOWN))


def told(title: str, seed: int, verdict: Verdict, counts: Counter[str]) -> str:
    """One line for whoever reads the test's output."""
    faults = ", ".join(f"{number} {name}" for name, number in sorted(counts.items()))
    wrong = {name: len(found) for name, found in verdict.faults.items()} or "nothing wrong"
    return f"{title}: seed {seed}: {verdict.right} payouts exactly once, {wrong}; {faults}"
