"""
The eyes on swaps: what was deposited, by the services' own books; what customers got, by their own chains.

A part of the independent reader: it believes no row about money, and no service about itself.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from payout.order import Stage
from tests.scenarios.edges import ENDED_BY_A_PERSON
from tests.scenarios.violation import fail

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from adapters.memory.customer_chain import CustomerChain
    from adapters.memory.processor import Made, SwapService
    from tests.scenarios.database import AttemptRow, OrderRow, RefundRow, Rows
    from tests.scenarios.reader import Debt, Reader
    from tests.scenarios.swaps.exchange import Exchange

MARGIN = timedelta(minutes=3)
STALLED = timedelta(seconds=31)
"""A process may be stopped, for as long as its lease lasts, between its look at the clock and its commit."""
DECIMALS = {"BTC": 8, "USDT": 6}


@dataclass
class SwapEyes:
    """Watches one world's swaps."""

    reader: Reader
    services: Mapping[str, SwapService]
    chains: Mapping[str, CustomerChain]
    exchanges: Sequence[Exchange]
    late: dict[str, str] = field(default_factory=dict)
    """By txid, fundings that were begun when it was too late, and why that is so."""

    # ------------------------------------------------------------ at each commit

    def see_commit(self, before: Rows, after: Rows) -> None:
        """Note each funding that is begun too late: its bytes must never leave."""
        for txid, transfer in after.transfers.items():
            if transfer.kind != "FUNDING" or not transfer.begun:
                continue
            if txid not in before.transfers or not before.transfers[txid].begun:
                self._begun(txid, after)

    def _begun(self, txid: str, rows: Rows) -> None:
        for order in rows.orders.values():
            if order.transfer_id == txid and not self.reader.repaired:
                end = self._made(order).said.expires_at
                if end is not None and self.reader.now() + MARGIN >= end + STALLED:
                    self.late[txid] = f"it was begun at {self.reader.now()}, and {order.id} runs out at {end}"

    def see_attempt(self, attempt: AttemptRow, rows: Rows) -> None:
        """What is funded is what the service itself has, for what is owed at a price that was given."""
        order, debt = rows.orders[attempt.order_id or ""], self._debt(attempt.refund_id)
        said = self._made(order).said
        if (said.destination, said.receive and said.receive.units) != (attempt.destination, attempt.units):
            fail(f"{order.id} is funded, and would pay {said.receive} to {said.destination}")
        if (said.deposit_address, said.deposit and said.deposit.units) != (order.deposit_address, order.deposit_units):
            fail(f"{order.id} is funded with {order.deposit_units} units to {order.deposit_address}")
        if said.return_address != order.return_address:
            fail(f"{order.id} would return to {said.return_address}")
        if said.stage is not Stage.AWAITING_DEPOSIT:
            fail(f"{order.id} is funded while its service says {said.stage}")
        quote = self.reader.pricing.given.get(attempt.quote_id)
        if quote is None or quote.asset_code != debt.asset:
            fail(f"{order.id} is funded at a price that was not quoted")
        units = int(Fraction(debt.cents * 10 ** (DECIMALS[debt.asset] - 2)) / Fraction(quote.rate))
        if attempt.units != units:
            fail(f"{order.id}: {attempt.units} units, and {units} are owed at {quote.rate}")

    def see_outputs(self, txid: str, addresses: Sequence[str]) -> None:
        """Deposits go alone, and in time; what was begun in time may go again at any time."""
        if txid in self.late:
            fail(f"{txid[:8]} was broadcast: {self.late[txid]}")
        deposits = [address for address in addresses if address in self._books()]
        if deposits and len(deposits) != len(addresses):
            fail(f"{txid[:8]} mixes deposits with direct refunds")

    # ------------------------------------------------------------ at the end

    def settle(self, rows: Rows, paid: dict[str, list[int]]) -> None:
        """Each debt's customer got one payment, and it took one deposit; the rest is back."""
        self._deposits(rows, paid)
        got: dict[str, list[int]] = {}
        for chain in self.chains.values():
            for transaction, height in chain.transactions():
                if height is not None:
                    for each in transaction.payments:
                        got.setdefault(each.destination, []).append(each.amount.units)
        for debt in self.reader.debts.values():
            if debt.asset != "XMR":
                self._take(rows.refunds[debt.refund_id], rows, got)
        left = {address: units for address, units in got.items() if units}
        if left:
            fail(f"customers got what no refund accounts for: {left}")

    def _deposits(self, rows: Rows, paid: dict[str, list[int]]) -> None:
        """Every deposit in the chain is an order's, once; at most one of a refund's did not come back."""
        orders = {order.deposit_address: order for order in rows.orders.values() if order.deposit_address}
        kept: Counter[str] = Counter()
        returned = {made.said.return_address for made in self._sent_back()}
        for address in self._books():
            units = paid.pop(address, [])
            if len(units) > 1:
                fail(f"{address} was funded {len(units)} times")
            if not units:
                continue
            order = orders.get(address)
            if order is None or order.transfer_id is None:
                fail(f"{address} was funded, and no order's row says so")
            if units != [order.deposit_units]:
                fail(f"{order.id} was funded with {units}, and its deposit is {order.deposit_units}")
            kept[order.refund_id] += order.return_address not in returned
        for refund_id, count in kept.items():
            if count > 1:
                fail(f"{refund_id} took {count} deposits that did not come back")

    def _take(self, refund: RefundRow, rows: Rows, got: dict[str, list[int]]) -> None:
        settled = [row for row in rows.attempts.values() if row.refund_id == refund.id and row.status == "SETTLED"]
        if refund.status in ENDED_BY_A_PERSON:
            return
        if refund.status != "PAID" or len(settled) != 1:
            why = [(order.status, order.trouble) for order in rows.orders.values() if order.refund_id == refund.id]
            fail(f"{refund.external_id} is {refund.status} at the end, with {len(settled)} settled attempts: {why}")
        order, units = rows.orders[settled[0].order_id or ""], got.get(refund.destination, [])
        enough = [each for each in units if each >= settled[0].units or order.attested_by]
        if not enough:
            fail(f"{refund.external_id} is PAID, and {refund.destination} got {units}")
        units.remove(min(enough))

    # ------------------------------------------------------------ books

    def _books(self) -> dict[str, Made]:
        """Every order that any service ever made, by deposit address."""
        made = [each for service in self.services.values() for each in service.orders.values()]
        made += [doing.hidden for exchange in self.exchanges for doing in exchange.doings.values() if doing.hidden]
        return {each.said.deposit_address or "": each for each in made}

    def _sent_back(self) -> list[Made]:
        return [
            exchange.service.orders[key]
            for exchange in self.exchanges
            for key, doing in exchange.doings.items()
            if doing.returned is not None
        ]

    def _made(self, order: OrderRow) -> Made:
        """As its service has it."""
        made = self._books().get(order.deposit_address or "")
        if made is None or made.said.processor_id != order.processor_id:
            fail(f"{order.id} names {order.processor_id}, and {order.processor} has no such order")
        return made

    def _debt(self, refund_id: str) -> Debt:
        return next(debt for debt in self.reader.debts.values() if debt.refund_id == refund_id)
