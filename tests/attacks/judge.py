"""
The judge: says whom bytes that reached the network pay, and whether people approved that.

It reads the chain and the service's own books, and knows from the scenario who is owed what. It never reads the
database, and shares no code with what it judges.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.memory.coin import Tx
    from payout.order import Said
    from tests.attacks.network import Network

DECIMALS = {"XMR": 12, "USDT": 6}


class Robbery(AssertionError):
    """Something was paid that people did not approve."""


@dataclass(slots=True)
class Debt:
    """What a customer is owed, and whether people let it be paid."""

    name: str
    asset: str
    cents: int
    destination: str
    agreed: bool = False
    paid: int = 0


class Judge:
    """Watches one network."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.debts: dict[str, Debt] = {}
        """By name."""

    def owe(self, name: str, asset: str, usd: str, destination: str) -> Debt:
        """Somebody is owed something; people have not agreed yet."""
        self.debts[name] = Debt(name, asset, round(Fraction(usd) * 100), destination)
        return self.debts[name]

    def paid(self) -> list[str]:
        """
        Names of the debts that were paid, by everything that was ever broadcast.

        Raises:
            Robbery: anything else left, or something left twice.
        """
        found = self.robberies()
        if found:
            raise Robbery("; ".join(found))
        return sorted(debt.name for debt in self.debts.values() if debt.paid)

    def robberies(self) -> list[str]:
        """Everything that left and should not have, in words."""
        found: list[str] = []
        for debt in self.debts.values():
            debt.paid = 0
        for tx in self.network.chain.first_broadcasts.values():
            found += self._count(tx)
        return found + [f"{debt.name} was paid {debt.paid} times" for debt in self.debts.values() if debt.paid > 1]

    def _count(self, tx: Tx) -> Iterator[str]:
        for output in tx.outputs:
            if output.address in self.network.purse.view.addresses or not tx.inputs:
                continue
            said = self._deposits().get(output.address)
            if said is None:
                yield from self._charge("XMR", output.address, output.units)
            elif said.deposit is None or said.receive is None or output.units != said.deposit.units:
                yield f"{output.units} units were deposited where {said.deposit} are asked for"
            else:
                yield from self._charge(said.receive.asset.code, said.destination or "", said.receive.units)

    def _charge(self, asset: str, destination: str, units: int) -> Iterator[str]:
        """One payment, held against what is owed. Two debts may have one destination: each takes its own amount."""
        for debt in self.debts.values():
            if (debt.asset, debt.destination) == (asset, destination) and units == self._worth(debt):
                debt.paid += 1
                if not debt.agreed:
                    yield f"{debt.name} was paid, and nobody agreed to that"
                return
        yield f"{units} units of {asset} were paid to {destination}, and are owed to nobody there"

    def _worth(self, debt: Debt) -> int:
        price = Fraction(self.network.prices[debt.asset])
        return int(Fraction(debt.cents, 100) * 10 ** DECIMALS[debt.asset] / price)

    def _deposits(self) -> dict[str, Said]:
        return {made.said.deposit_address or "": made.said for made in self.network.service.orders.values()}
