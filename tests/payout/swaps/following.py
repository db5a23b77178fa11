"""
A funded order, and everyone who may know of it: a processor that says what a test tells it, the customer's chain,
our wallet, and the follower that asks them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any, cast

from adapters.memory.coin import MemoryChain, MemoryCoin, MemoryWallet
from adapters.memory.customer_chain import CustomerChain, CustomerNode
from adapters.memory.journal import MemoryJournal
from adapters.memory.pricing import MemoryPricing
from adapters.memory.store import MemoryStore
from payout.asset import Asset
from payout.audit.reader import ChainReader
from payout.change import Change
from payout.desk import Desk
from payout.errors import OrderMissing
from payout.event import Event
from payout.journal_body import commit_body
from payout.money import Money
from payout.order import Order, OrderStatus, Said, Stage
from payout.ports import Chain, Processor
from payout.refund import Attempt, Refund
from payout.spend_journal import Entry
from payout.swaps.follower import Follower
from payout.swaps.lookout import Lookout
from payout.transfer import Place, Transfer, TransferStatus
from payout.wallet import Wallet, WalletRules
from tests.approvers import make_approver, make_rules
from tests.factories import (
    LIMITS,
    NOW,
    WALLET,
    answered,
    make_attempt,
    make_funding,
    make_order,
    make_quote,
    make_swapped,
    usd,
    xmr,
)
from tests.scenarios.plain_sealer import PlainSealer
from tests.scenarios.world import PRICE, Calendar, PauseFiles
from tests.stores import AUDIT

CHANGENOW = "changenow"
TETHER = Asset(code="USDT", network="tron", decimals=6)
BLOCK = timedelta(minutes=2)


class Mouth:
    """A processor of which only `read` is asked: it says what a test tells it to, or fails so."""

    def __init__(self) -> None:
        self.said: Said | Exception = OrderMissing("nobody told it anything")
        self.asked: list[tuple[str, str | None]] = []

    def read(self, processor_id: str, secret: str | None, asset: Asset) -> Said:
        self.asked.append((processor_id, secret))
        if isinstance(self.said, Exception):
            raise self.said
        return self.said


class Following:
    """One refund of 25 USDT on Tron, swapped at ChangeNOW; its deposit is final on our chain."""

    def __init__(
        self,
        *,
        verified: bool = True,
        overdue: timedelta = timedelta(hours=48),
        people: Mapping[str, Any] | None = None,
    ) -> None:
        self.clock = Calendar()
        self.clock.time = NOW
        self.store = MemoryStore(self.clock, audit=AUDIT)
        self.tron = CustomerChain("tron", self.clock)
        self.node = CustomerNode(self.tron)
        self.monero = MemoryChain(Random(1))
        self.purse = MemoryWallet(self.monero, "hot-address")
        self.coin = MemoryCoin(self.purse)
        self.coin.check()
        self.processor = Mouth()
        self.journal_lines: list[str] = []
        self.approver = make_approver(make_rules(people), intake=None)
        self.chains: dict[str, Chain] = {"tron": self.node} if verified else {}
        self.processors = {CHANGENOW: cast("Processor", self.processor)}
        self.overdue = overdue
        self.wallet = self._wallet()
        self.follower = self.new_follower()
        self.order = self.funded("E-1")

    def new_follower(self, **parts: Any) -> Follower:
        """As a process has it that has just started."""
        lookout = Lookout(
            store=self.store,
            clock=self.clock,
            sealer=PlainSealer(),
            processors=self.processors,
            chains=self.chains,
            wallets={WALLET: self.wallet},
        )
        return Follower(lookout=lookout, overdue=self.overdue, **parts)

    def _wallet(self) -> Wallet:
        return Wallet(
            rules=WalletRules(name=WALLET, asset=xmr("1").asset, fee_max=usd("1.00")),
            coin=self.coin,
            store=self.store,
            journal=MemoryJournal(self.journal_lines),
            sealer=PlainSealer(),
            pricing=MemoryPricing(PRICE),
            approver=self.approver,
            limits=LIMITS,
            halts=PauseFiles(),
            clock=self.clock,
            history=ChainReader(key=AUDIT),
        )

    def desk(self) -> Desk:
        return Desk(
            store=self.store,
            clock=self.clock,
            approver=self.approver,
            limits=LIMITS,
            check_destination=lambda _asset, _address, _memo: None,
            audit=AUDIT,
        )

    # ------------------------------------------------------------ what is on record

    def funded(self, external_id: str, *, units: int = 25_000_000, **changes: Any) -> Order:
        """An order whose deposit is final; its rows, as the broker and the funder leave them."""
        address, index = self.coin.new_address("a return address")
        refund = make_swapped(external_id, **{"asset": TETHER, **changes})
        asked = make_order(
            refund,
            receive=Money(units, refund.asset),
            memo=refund.memo,
            return_address=address,
            return_index=index,
            asked_at=self.clock.now(),
        )
        order = answered(asked)
        transfer = make_funding(f"funding of {order.id}", order)
        paying = refund.open_attempt()
        funded = order.to(OrderStatus.FUNDED, transfer_id=transfer.id, funded_at=self.clock.now())
        attempt = make_attempt(paying, transfer, order_id=order.id, amount=order.receive, proof="a proof")
        self.store.commit(Change(refunds=(refund,), quotes=(make_quote(),)))
        for row in (asked, order):
            self.store.commit(Change(orders=(row,)))
        self.store.commit(Change(refunds=(paying,), transfers=(transfer,), orders=(funded,), attempts=(attempt,)))
        self.wallet.journal.append(
            Entry.COMMIT, transfer.id, self.clock.now(), commit_body(transfer, [(attempt, paying)], [funded])
        )
        self._finalise(transfer)
        return funded

    def _finalise(self, transfer: Transfer) -> None:
        begun = transfer.begin(self.clock.now())
        final = begun.to(TransferStatus.FINAL, place=Place.MINED, height=20, final_at=self.clock.now())
        self.store.commit(Change(transfers=(begun,)))
        self.store.commit(Change(transfers=(final,)))

    def row(self, order: Order | None = None) -> Order:
        """The order as it stands."""
        found = self.store.order((order or self.order).id)
        if found is None:
            raise LookupError("the order is not on record")
        return found

    def refund(self, order: Order | None = None) -> Refund:
        found = self.store.refund((order or self.order).refund_id)
        if found is None:
            raise LookupError("the refund is not on record")
        return found

    def attempt(self, order: Order | None = None) -> Attempt:
        return self.store.attempts([(order or self.order).refund_id])[-1]

    @property
    def standing(self) -> tuple[str, str, str]:
        """Status of the order, its refund and its attempt."""
        return (str(self.row().status), str(self.refund().status), str(self.attempt().status))

    def events(self, kind: str | None = None) -> list[Event]:
        return [event for event in self.store.events(limit=1000) if kind in (None, event.kind)]

    def alarms(self) -> list[Event]:
        return [event for event in self.store.events(limit=1000) if event.alarm]

    # ------------------------------------------------------------ what happens

    def says(self, stage: Stage, **changes: Any) -> None:
        """The processor's answer from now on."""
        facts: dict[str, Any] = {
            "processor_id": self.order.processor_id,
            "stage": stage,
            "status_text": f"its word for {stage}",
            "support_url": "https://changenow.example/support",
        }
        self.processor.said = Said(**{**facts, **changes})

    def tell(self, stage: Stage, **changes: Any) -> None:
        """The processor's answer from now on, and a look at it."""
        self.says(stage, **changes)
        self.look()

    def look(self, order: Order | None = None) -> None:
        self.follower.look((order or self.order).id)

    def later(self, **span: float) -> None:
        self.clock.time += timedelta(**span)

    def pays(self, units: int | None = None, *, asset: Asset | None = None, mined: int = 3) -> str:
        """The customer receives; the txid."""
        amount = self.order.receive
        paid = Money(amount.units if units is None else units, asset or amount.asset)
        return self.tron.pay(self.order.destination, paid, mined=mined)

    def comes_back(self, part: str = "1.00", *, mined: int = 10, order: Order | None = None) -> int:
        """A part of the deposit comes to the return address; the units."""
        row = self.row(order)
        units = xmr(part).units * (row.deposit or row.offered).units // 10**12
        self.monero.fund(row.return_address, units)
        self.monero.mine(mined)
        self.coin.check()
        return units


def kinds(events: Sequence[Event]) -> list[str]:
    return [event.kind for event in events]
