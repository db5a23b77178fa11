"""
The refunds of the demo: some forty, of many sizes, in four coins, to every kind of address.

Some have a part to play (`Cast`): a typing error, a second look by an operator, a processor that goes wrong.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from deploy.sandbox import Network
from deploy.sandbox.swap_nodes import SwapNodes

SEED: Final = 2026
FIRST_NUMBER: Final = 1001
SUBADDRESSES: Final = 23
INTEGRATED: Final = 3
ETHER: Final = 5
TETHER: Final = 4
BITCOIN: Final = 4
DIRECT_CENTS: Final = (350, 14_000)
SWAPPED_CENTS: Final = (1_500, 9_500)
BY_API: Final = 5
BIG_CENTS: Final = 13_000
"""More than the demo's processors may be sent in one order."""

REASONS: Final = ("number never arrived", "service was down", "paid twice", "canceled in time", "wrong plan")
DIRECT: Final = "XMR"
NETWORKS: Final = {"XMR": "monero", "ETH": "ethereum", "USDT": "ethereum", "BTC": "bitcoin"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One row of the file that the shop hands in."""

    external_id: str
    cents: int
    destination: str
    kind: str
    reason: str
    asset: str = DIRECT

    @property
    def usd(self) -> str:
        return f"{self.cents // 100}.{self.cents % 100:02d}"

    @property
    def is_direct(self) -> bool:
        """Paid from the wallet itself, and not through a processor."""
        return self.asset == DIRECT


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """All refunds, and those that have a part to play."""

    refunds: tuple[Owed, ...]
    mistyped: Owed
    """Handed in with a wrong letter at first."""
    odd: Owed
    """An operator holds it; later its processor's answer is lost."""
    big: Owed
    """No processor may be sent so much, at first."""
    stopped: Owed
    """Its processor holds it for a check."""
    returned: Owed
    """Its processor sends the deposit back."""

    @property
    def cents(self) -> int:
        return sum(owed.cents for owed in self.refunds)

    def by_file(self) -> tuple[Owed, ...]:
        """Those that the shop exports as a file; its panel hands the others in over the API."""
        return self.refunds[:-BY_API]

    def by_api(self) -> tuple[Owed, ...]:
        return self.refunds[-BY_API:]

    def through_processors(self) -> tuple[Owed, ...]:
        return tuple(owed for owed in self.refunds if not owed.is_direct)


def cast(network: Network, nodes: SwapNodes) -> Cast:
    """The refunds, each to a fresh address of its customer."""
    dice = random.Random(SEED)
    places = [*_monero(network), *_elsewhere(nodes, dice)]
    dice.shuffle(places)
    refunds = [
        Owed(
            external_id=f"R-{number}",
            cents=dice.randint(*(DIRECT_CENTS if asset == DIRECT else SWAPPED_CENTS)),
            destination=destination,
            kind=kind,
            reason=dice.choice(REASONS),
            asset=asset,
        )
        for number, (asset, kind, destination) in enumerate(places, FIRST_NUMBER)
    ]
    last_bitcoin = max(i for i, owed in enumerate(refunds) if owed.asset == "BTC")
    refunds[last_bitcoin] = replace(refunds[last_bitcoin], cents=BIG_CENTS)
    direct, ether, tether = ([owed for owed in refunds if owed.asset == asset] for asset in ("XMR", "ETH", "USDT"))
    return Cast(
        refunds=tuple(refunds),
        mistyped=direct[len(direct) // 2],
        odd=tether[1],
        big=refunds[last_bitcoin],
        stopped=ether[1],
        returned=ether[2],
    )


def _monero(network: Network) -> list[tuple[str, str, str]]:
    """Asset, kind and address: all in the customers' one wallet."""
    customer = network.customer
    found = [(DIRECT, "primary", customer.address())]
    found += [(DIRECT, "integrated", customer.integrated()) for _ in range(INTEGRATED)]
    found += [(DIRECT, "subaddress", address) for address in customer.new_addresses(SUBADDRESSES)]
    customer.store()
    return found


def _elsewhere(nodes: SwapNodes, dice: random.Random) -> list[tuple[str, str, str]]:
    found = [("ETH", "ethereum", f"0x{dice.randbytes(20).hex()}") for _ in range(ETHER)]
    found += [("USDT", "ethereum", f"0x{dice.randbytes(20).hex()}") for _ in range(TETHER)]
    return found + [("BTC", "bitcoin", nodes.bcoin.foreign_address()) for _ in range(BITCOIN)]


def with_a_slip(refunds: Sequence[Owed], victim: Owed) -> list[Owed]:
    """The same, with one letter of one address mistyped: its checksum no longer fits."""
    address = victim.destination
    wrong = "2" if address[40] != "2" else "3"
    slipped = replace(victim, destination=address[:40] + wrong + address[41:])
    return [slipped if refund is victim else refund for refund in refunds]


def write_csv(file: Path, refunds: Sequence[Owed]) -> None:
    """As the shop's panel would export it."""
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["external_id", "usd", "asset", "network", "destination", "reason"])
        for each in refunds:
            row = [each.external_id, each.usd, each.asset, NETWORKS[each.asset], each.destination, each.reason]
            writer.writerow(row)
