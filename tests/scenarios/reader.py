"""
The independent reader: says what really happened, from the chain, the journal's text and the raw rows.

It shares no code with what it judges: its own table of edges, its own arithmetic, its own reading of the journal.
After every commit and at every first broadcast it looks; `settle` is the last word.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from tests.scenarios.database import Rows
from tests.scenarios.edges import ENDED_BY_A_PERSON, check_agreement, check_edges, check_inputs, check_orders
from tests.scenarios.violation import fail

if TYPE_CHECKING:
    from adapters.memory.coin import MemoryChain, Tx
    from adapters.memory.pricing import MemoryPricing
    from tests.scenarios.database import AttemptRow, Database, RefundRow, TransferRow

APPROVAL_LIFE = timedelta(days=7)


@dataclass(slots=True)
class Debt:
    """What the scenario knows to be owed, from before any code under test saw it."""

    refund_id: str
    cents: int
    destinations: list[str]
    """Every address that it was ever to go to; the last one counts."""
    amount_max: int | None = None
    asset: str = "XMR"


class Eyes(Protocol):
    """Who watches what is paid through processors."""

    def see_commit(self, before: Rows, after: Rows) -> None:
        """Rows changed."""
        ...

    def see_attempt(self, attempt: AttemptRow, rows: Rows) -> None:
        """An order is funded: by a price that was given, for what is owed."""
        ...

    def see_outputs(self, txid: str, addresses: Sequence[str]) -> None:
        """Bytes that pay these addresses reach the network."""
        ...

    def settle(self, rows: Rows, paid: dict[str, list[int]]) -> None:
        """The last word on every refund in another coin; takes the deposits out of `paid`."""
        ...


@dataclass(slots=True)
class Reader:
    """Watches one world."""

    chain: MemoryChain
    database: Database
    lines: list[str]
    pricing: MemoryPricing
    now: Callable[[], datetime]
    asked_at: Callable[[], datetime]
    """When the commit that is under way was asked for: its process may have been stopped since."""
    running: Callable[[], str | None]
    """Which worker is committing, where that is known."""
    own: str
    confirmations: int
    day_max_cents: int
    debts: dict[str, Debt] = field(default_factory=dict)
    agreed: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """(refund id, destination): until when a person's approval of exactly this holds."""
    foreign: set[str] = field(default_factory=set)
    """Transactions that someone else made with our keys."""
    nap: timedelta = timedelta()
    """How long a process may be stopped between its look at the approvals and its commit."""
    repaired: bool = False
    """Rows may reappear: a person repairs a restored database."""
    last: Rows = field(default_factory=lambda: Rows({}, {}, {}, frozenset(), ""))
    swaps: Eyes | None = None
    freed: set[tuple[str, str]] = field(default_factory=set)
    """(refund id, txid): fundings that a line of the journal says to be back."""
    journaled: dict[str, list[str]] = field(default_factory=dict)
    """By txid, the entries in order."""
    pays: dict[str, set[str]] = field(default_factory=dict)
    """By txid, the refunds that its line names."""
    deepest: dict[str, int] = field(default_factory=dict)
    """How deep each transaction of the wallet ever was."""
    _read: int = 0
    _head: str = "0" * 64

    # ------------------------------------------------------------ what it is told

    def owe(self, external_id: str, debt: Debt) -> None:
        """A refund came in."""
        self.debts.setdefault(external_id, debt)

    def agree(self, row: RefundRow) -> bool:
        """A person is shown this row, and approves it if it says what is owed to whom."""
        debt = self.debts[row.external_id]
        if row.owed_cents != debt.cents or row.destination not in debt.destinations:
            return False
        self.agreed[row.id, row.destination] = self.now() + APPROVAL_LIFE
        return True

    def see_chain(self) -> None:
        """Blocks came or went."""
        tip = self.chain.tip
        for txid, height in self.chain.mined.items():
            self.deepest[txid] = max(self.deepest.get(txid, 0), tip - height)

    # ------------------------------------------------------------ at each broadcast

    def see_broadcast(self, tx: Tx) -> None:
        """Bytes reach the network for the first time: they were committed, begun and journaled before."""
        if tx.txid in self.foreign or not tx.inputs:
            return
        row = self.database.rows().transfers.get(tx.txid)
        self.read_journal()
        if row is None:
            fail(f"{tx.txid[:8]} was broadcast before it was committed")
        paid = [coin.address for coin in tx.outputs if coin.address != self.own]
        if len(paid) > len(set(paid)):
            fail(f"{tx.txid[:8]} pays one address twice: no proof can tell the two apart")
        if not row.begun:
            fail(f"{tx.txid[:8]} was broadcast before its row said begun")
        if "commit" not in self.journaled.get(tx.txid, ()):
            fail(f"{tx.txid[:8]} was broadcast before its journal line")
        if self.swaps is not None:
            self.swaps.see_outputs(tx.txid, paid)
        for refund_id in self.pays[tx.txid]:
            others = [txid for txid, paid in self.pays.items() if refund_id in paid and txid != tx.txid]
            if any("void" not in self.journaled[txid] and (refund_id, txid) not in self.freed for txid in others):
                fail(f"{tx.txid[:8]} was broadcast while the journal has another live transfer for {refund_id}")

    def read_journal(self) -> None:
        """New lines: chained, and each of a kind once."""
        for text in self.lines[self._read :]:
            digest, _, content = text.partition(" ")
            facts = json.loads(content)
            if hashlib.sha256(content.encode()).hexdigest() != digest or facts["prev"] != self._head:
                fail(f"journal line {self._read + 1} does not follow the one before it")
            entries = self.journaled.setdefault(facts["txid"], [])
            if facts["entry"] in entries:
                fail(f"journal line {self._read + 1} says a second time: {facts['entry']} {facts['txid'][:8]}")
            entries.append(facts["entry"])
            if facts["entry"] == "commit" and not (self.repaired or self._is_committed(facts["txid"])):
                fail(f"journal line {self._read + 1} speaks of {facts['txid'][:8]}, which was never committed")
            if facts["entry"] == "return":
                self.freed.add((facts["body"]["refund_id"], facts["body"]["transfer_id"]))
            if facts["entry"] == "commit":
                self.pays[facts["txid"]] = {each["refund_id"] for each in facts["body"]["attempts"]}
            self._read, self._head = self._read + 1, digest

    def _is_committed(self, txid: str) -> bool:
        return txid in self.last.transfers or txid in self.database.rows().transfers

    # ------------------------------------------------------------ after each commit

    def see_commit(self) -> None:
        """Rows changed."""
        rows, last = self.database.rows(), self.last
        self.last = rows
        if not self.repaired:
            check_edges(last, rows)
        check_agreement(rows)
        check_orders(rows)
        check_inputs(rows)
        self.read_journal()
        if self.swaps is not None:
            self.swaps.see_commit(last, rows)
        for txid, transfer in rows.transfers.items():
            if txid not in last.transfers and txid not in self.journaled:
                self._new_transfer(transfer, rows)
            elif txid in last.transfers and last.transfers[txid].status != transfer.status:
                self._evidence(transfer, rows)

    def _new_transfer(self, transfer: TransferRow, rows: Rows) -> None:
        if transfer.kind == "GIVE_UP":
            replaced = rows.transfers[transfer.replaces or ""]
            if transfer.key_images != replaced.key_images[:1]:
                fail(f"give-up {transfer.id[:8]} spends another input than the first of {replaced.id[:8]}")
            return
        running = self.running()
        if running is not None and rows.lease_owner != running:
            fail(f"{transfer.id[:8]} was committed by {running} while {rows.lease_owner or 'nobody'} had the lease")
        if rows.paused & {"all", "hot"}:
            fail(f"{transfer.id[:8]} was committed while paused")
        for attempt in rows.attempts.values():
            if attempt.transfer_id == transfer.id:
                self._new_attempt(attempt, rows)
        today = [
            rows.refunds[each.refund_id].owed_cents
            for each in rows.attempts.values()
            if rows.transfers[each.transfer_id].committed_on == transfer.committed_on
        ]
        if sum(today) > self.day_max_cents:
            fail(f"{sum(today)} cents were committed on {transfer.committed_on}")

    def _new_attempt(self, attempt: AttemptRow, rows: Rows) -> None:
        refund = rows.refunds[attempt.refund_id]
        until = self.agreed.get((refund.id, attempt.destination))
        if until is None or self.now() >= until + self.nap:
            fail(f"{refund.external_id} is to be paid to {attempt.destination!r}, which nobody approved")
        if attempt.order_id is not None and self.swaps is not None:
            self.swaps.see_attempt(attempt, rows)
            return
        debt = self.debts[refund.external_id]
        quote = self.pricing.given.get(attempt.quote_id)
        if quote is None or self.asked_at() > quote.expires_at:
            fail(f"{refund.external_id} was committed at a price that was not quoted, or too old")
        units = int(Fraction(debt.cents * 10**10) / Fraction(quote.rate))
        if attempt.units != min(units, debt.amount_max or units):
            fail(f"{refund.external_id}: {attempt.units} units, and {units} are owed at {quote.rate}")

    def _evidence(self, transfer: TransferRow, rows: Rows) -> None:
        """What is FINAL was that deep once; what is VOID has a rival that was, or never left."""
        if transfer.status == "FINAL" and self.deepest.get(transfer.id, 0) < self.confirmations:
            fail(f"{transfer.id[:8]} is FINAL, and was never deeper than {self.deepest.get(transfer.id, 0)}")
        if transfer.status != "VOID" or not transfer.begun:
            return
        deep = {txid for txid, depth in self.deepest.items() if depth >= self.confirmations}
        images = set(transfer.key_images)
        if not any(images & set(self.chain.signed[txid].key_images) for txid in deep & self.chain.signed.keys()):
            fail(f"{transfer.id[:8]} is VOID, and nothing deep spends its inputs")

    # ------------------------------------------------------------ at the end

    def settle(self) -> None:
        """Every debt is paid exactly once, or was ended by a person and not paid. Nothing else left."""
        self.read_journal()
        rows = self.database.rows()
        paid: dict[str, list[int]] = {}
        for address, units, txid in self.chain.mined_outputs():
            if txid not in self.foreign and address != self.own:
                paid.setdefault(address, []).append(units)
        if self.swaps is not None:
            self.swaps.settle(rows, paid)
        for external_id, debt in self.debts.items():
            if debt.asset != "XMR":
                continue
            refund = rows.refunds[debt.refund_id]
            attempts = [each for each in rows.attempts.values() if each.refund_id == refund.id]
            if refund.status == "PAID":
                settled = [each for each in attempts if each.status == "SETTLED"]
                self._take(refund, debt, settled, paid)
            elif refund.status not in ENDED_BY_A_PERSON:
                fail(f"{external_id} is {refund.status} at the end: it was neither paid nor ended by a person")
        left = {address: units for address, units in paid.items() if units}
        if left:
            fail(f"paid without a debt, or twice: {left}")
        self._journal_agrees(rows)

    @staticmethod
    def _take(refund: RefundRow, debt: Debt, settled: Sequence[AttemptRow], paid: dict[str, list[int]]) -> None:
        """One output of the chain is this refund's, and is claimed by no other."""
        if len(settled) != 1:
            fail(f"{refund.external_id} is PAID with {len(settled)} settled attempts")
        address, units = settled[0].destination, settled[0].units
        if address != refund.destination or address not in debt.destinations:
            fail(f"{refund.external_id} was paid to {address!r}, and was to go to {refund.destination!r}")
        if units not in paid.get(address, ()):
            fail(f"{refund.external_id} is PAID, and its {units} units are not in the chain")
        paid[address].remove(units)

    def _journal_agrees(self, rows: Rows) -> None:
        """Every begun transfer has its line, and those that are VOID alone say so."""
        for transfer in rows.transfers.values():
            entries = self.journaled.get(transfer.id, [])
            if transfer.begun and "commit" not in entries:
                fail(f"{transfer.id[:8]} was begun, and the journal does not know it")
            if "void" in entries and transfer.status != "VOID":
                fail(f"the journal says that {transfer.id[:8]} is VOID, and it is {transfer.status}")
