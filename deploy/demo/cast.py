"""
The refunds of the demo: some forty, of many sizes and every kind of Monero address, in the customers' own wallet.

The last row's address is first written with a slip of the pen, so that a refusal can be seen.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from deploy.sandbox import Network

REFUNDS: Final = 40
INTEGRATED: Final = 3
SEED: Final = 2026
CENTS_MIN: Final = 350
CENTS_MAX: Final = 14_000
FIRST_NUMBER: Final = 1001
REASONS: Final = ("number never arrived", "service was down", "paid twice", "canceled in time", "wrong plan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One row of the file that the shop hands in."""

    external_id: str
    cents: int
    destination: str
    kind: str
    reason: str

    @property
    def usd(self) -> str:
        return f"{self.cents // 100}.{self.cents % 100:02d}"


def cast(network: Network) -> list[Owed]:
    """The refunds, with fresh addresses of the customers' wallet: one primary, three integrated, subaddresses."""
    customer = network.customer
    plain = REFUNDS - 1 - INTEGRATED
    destinations = [("primary", customer.address())]
    destinations += [("integrated", customer.integrated()) for _ in range(INTEGRATED)]
    destinations += [("subaddress", address) for address in customer.new_addresses(plain)]
    customer.store()
    dice = random.Random(SEED)
    dice.shuffle(destinations)
    return [
        Owed(
            external_id=f"R-{number}",
            cents=dice.randint(CENTS_MIN, CENTS_MAX),
            destination=destination,
            kind=kind,
            reason=dice.choice(REASONS),
        )
        for number, (kind, destination) in enumerate(destinations, FIRST_NUMBER)
    ]


def with_a_slip(refunds: Sequence[Owed]) -> list[Owed]:
    """The same, with one letter of one address mistyped: its checksum no longer fits."""
    victim = refunds[len(refunds) // 2]
    address = victim.destination
    wrong = "2" if address[40] != "2" else "3"
    slipped = replace(victim, destination=address[:40] + wrong + address[41:])
    return [slipped if refund is victim else refund for refund in refunds]


def write_csv(file: Path, refunds: Sequence[Owed]) -> None:
    """As the shop's panel would export it."""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["external_id", "usd", "asset", "destination", "reason"])
        for refund in refunds:
            writer.writerow([refund.external_id, refund.usd, "XMR", refund.destination, refund.reason])
