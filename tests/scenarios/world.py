"""
A whole world in one process: a chain, a wallet on it, a database, a spend journal, a clock, and the people.

Everything that lasts belongs to the world, everything that a process holds is made anew by `worker`, `desk` and
`intake`: to kill a process is to drop what they returned.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from adapters.memory.coin import MemoryChain, MemoryCoin, MemoryWallet
from adapters.memory.journal import MemoryJournal
from adapters.memory.pricing import MemoryPricing
from payout.asset import USD, XMR, Asset
from payout.audit.reader import ChainReader
from payout.desk import Desk
from payout.errors import BadInput
from payout.intake import Intake, Request
from payout.limits import Limits
from payout.money import Money
from payout.refund import RefundStatus
from payout.repair import Reconciler
from payout.transfer import Payload
from payout.wallet import Wallet, WalletRules
from payout.worker import WalletWorker
from tests.approvers import EVERYTHING, make_approver, make_rules
from tests.scenarios.boundary import Bounded, Hook, Open
from tests.scenarios.database import MemoryDatabase
from tests.scenarios.plain_sealer import PlainSealer
from tests.scenarios.reader import Debt, Reader
from tests.scenarios.witness import Witnessed
from tests.stores import AUDIT

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from adapters.memory.coin import Faults
    from payout.approval import Approver
    from payout.change import Pause
    from payout.ports import Clock, SpendJournal
    from tests.scenarios.database import Database

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PRICE = Decimal("163.47")
COIN = 10**12
HOT = "hot-address"
WALLET = "hot"
THIEF = "the thief"
LEASE = timedelta(seconds=30)
BLOCK = timedelta(minutes=2)
PEOPLE = {
    "panel": ("requester",),
    "alice": EVERYTHING,
    "bob": EVERYTHING,
}


class Calendar:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=seconds)


class PauseFiles:
    """The pause files of a machine."""

    def __init__(self) -> None:
        self.there: tuple[Pause, ...] = ()

    def pauses(self) -> tuple[Pause, ...]:
        return self.there


class World:
    """One installation with one wallet, and the network around it."""

    def __init__(
        self,
        seed: int = 1,
        *,
        outputs: int = 20,
        units: int = COIN,
        day_max: str = "5000.00",
        database: Callable[[Clock], Database] = MemoryDatabase,
        **rules: Any,
    ) -> None:
        self.random = Random(seed)
        self.clock = Calendar()
        self.chain = MemoryChain(Random(seed))
        self.purse = MemoryWallet(self.chain, HOT)
        self.database = database(self.clock)
        self.lines: list[str] = []
        self.patience: Counter[str] = Counter()
        """How often people released each refund."""
        self.pricing = MemoryPricing(PRICE)
        self.halts = PauseFiles()
        self.limits = limits(day_max)
        self.approver = approver()
        self.rules = wallet_rules(**rules)
        self.copied = False
        """A copy of something mined was relayed, and not by a worker."""
        self.asked_at: datetime | None = None
        self.running: str | None = None
        self.reader = self._reader()
        self.chain.on_first_broadcast = self.reader.see_broadcast
        if outputs:
            self.chain.fund(HOT, units, outputs=outputs)
        self.mine(11)

    def _reader(self) -> Reader:
        return Reader(
            chain=self.chain,
            database=self.database,
            lines=self.lines,
            pricing=self.pricing,
            now=self.clock.now,
            asked_at=lambda: self.asked_at or self.clock.now(),
            running=lambda: self.running,
            own=HOT,
            confirmations=self.rules.confirmations,
            day_max_cents=self.limits.day_max.units,
        )

    # ------------------------------------------------------------ processes

    def wallet(self, hook: Hook | None = None, faults: Faults | None = None) -> Wallet:
        """The wallet as one process has it; each of its ports passes the hook."""
        hook = hook or Open()
        ports: dict[str, Any] = {
            "coin": MemoryCoin(self.purse, faults),
            "store": Witnessed(self.database, self.reader),
            "journal": self.journal(),
            "sealer": PlainSealer(),
            "pricing": self.pricing,
            "halts": self.halts,
        }
        bounded: dict[str, Any] = {name: Bounded(port, name, hook) for name, port in ports.items()}
        parts: dict[str, Any] = {"approver": self.approver, "limits": self.limits, "clock": self.clock}
        return Wallet(rules=self.rules, history=ChainReader(key=AUDIT), **bounded, **parts)

    def journal(self) -> SpendJournal:
        """The spend journal as one process has it."""
        return MemoryJournal(self.lines)

    def worker(self, owner: str, hook: Hook | None = None, faults: Faults | None = None) -> WalletWorker:
        """A process that pays."""
        return WalletWorker(self.wallet(hook, faults), owner, LEASE)

    def reconciler(self, hook: Hook | None = None) -> Reconciler:
        """A process that repairs."""
        return Reconciler(wallet=self.wallet(hook))

    def desk(self, hook: Hook | None = None) -> Desk:
        """A process in which a person acts."""
        store: Any = Bounded(Witnessed(self.database, self.reader), "store", hook or Open())
        return Desk(
            store=store,
            audit=AUDIT,
            clock=self.clock,
            approver=self.approver,
            limits=self.limits,
            check_destination=check_destination,
        )

    def intake(self, hook: Hook | None = None) -> Intake:
        """A process that takes refunds in."""
        store: Any = Bounded(Witnessed(self.database, self.reader), "store", hook or Open())
        return Intake(
            store=store,
            clock=self.clock,
            instance="acme",
            limits=self.limits,
            assets={XMR.key: XMR},
            check_destination=check_destination,
            approver=self.approver,
        )

    # ------------------------------------------------------------ shorthand

    def request(self, external_id: str, usd: str = "25.00", destination: str | None = None, **more: Any) -> str:
        """A refund comes in; its id."""
        asked = Request(
            external_id=external_id,
            usd=usd,
            asset="XMR",
            destination=destination or f"address of {external_id}",
            **more,
        )
        intake = self.intake()
        refund, problems = intake.read(asked, "panel")
        if refund is None:
            raise ValueError(f"the scenario asks for what cannot be: {problems}")
        most = int(Decimal(more["amount_max"]).scaleb(12)) if "amount_max" in more else None
        debt = Debt(refund.id, int(Decimal(usd).scaleb(2)), [asked.destination], most)
        self.reader.owe(external_id, debt)
        taken = intake.add([refund])[0].refund
        if taken.status is RefundStatus.APPROVED:  # The merchant's own rules agree to so little.
            self.reader.agree(self.database.rows().refunds[taken.id])
        return taken.id

    def approved(self, external_id: str, usd: str = "25.00", destination: str | None = None, **more: Any) -> str:
        """A refund comes in and is approved; its id."""
        key = self.request(external_id, usd, destination, **more)
        self.approve(key)
        return key

    def approve(self, key: str, who: str = "alice", hook: Hook | None = None) -> None:
        """A person looks at what is owed to whom, and approves it if it is right."""
        if self.reader.agree(self.database.rows().refunds[key]):
            self.desk(hook).approve(key, who)

    def mine(self, count: int = 1) -> None:
        """Blocks come, and time passes."""
        for _ in range(count):
            self.chain.mine()
            self.reader.see_chain()
            self.clock.time += BLOCK

    def reorganise(self, depth: int, *, longer: int = 1, drop: bool = False) -> None:
        """Another branch wins. Whatever was on its way arrives first: no message is in flight for eleven blocks."""
        if depth >= self.rules.confirmations:
            self.chain.land()
        self.chain.reorg(depth, longer=longer, drop=drop)
        self.reader.see_chain()

    def traces(self) -> Hashable:
        """What else outlives a process."""
        return ()

    def steal(self, key_image: str) -> None:
        """Someone else with the wallet's keys spends this output, all of it."""
        coin = next(coin for coin, _ in self.purse.view.owned.values() if coin.key_image == key_image)
        fee = 2000 * self.chain.fee_per_byte
        theft = self.purse._sign((coin,), [(THIEF, coin.units - fee)], fee, ())
        self.reader.foreign.add(theft.txid)
        self.chain.submit(self.chain.signed[theft.txid])

    def once_final(self) -> set[str]:
        """
        Transfers that were final, also where a reorganisation took them back.

        Nobody here makes them impossible afterwards: what was paid from their change would be orphaned, with an
        input that never comes to be, and no evidence closes an orphan.
        """
        return {txid for txid, depth in self.reader.deepest.items() if depth >= self.rules.confirmations}

    def tamper(self, key: str) -> None:
        """Someone who can write to the database, and has no key, redirects a refund or makes it larger."""
        tables = self.database.store._t  # type: ignore[attr-defined]
        row = tables.refunds[key]
        change = self.random.choice(({"destination": THIEF}, {"owed": row.owed + row.owed}))
        tables.refunds[key] = replace(row, **change)

    def relay_again(self) -> None:
        """A late copy of every mined transfer reaches the wallet."""
        self.copied = True
        for txid in tuple(self.chain.mined):
            if txid in self.chain.first_broadcasts and self.purse.is_open:
                self.purse.relay(Payload(metadata=f"metadata-{txid}", blob="", tx_key=""))


def limits(day_max: str = "5000.00") -> Limits:
    """What may leave."""
    return Limits(refund_min=_usd("1.00"), refund_max=_usd("500.00"), day_max=_usd(day_max))


def approver() -> Approver:
    """Who may let it."""
    return make_approver(make_rules(PEOPLE), instance="acme")


def wallet_rules(**rules: Any) -> WalletRules:
    """The wallet's settings: few outputs, and watched for less long than a real one, so that a run has an end."""
    facts: dict[str, Any] = {"outputs_target": 8, "watch_depth": 25, "fee_max": _usd("1.00"), **rules}
    return WalletRules(name=WALLET, asset=XMR, **facts)


def check_destination(_asset: Asset, address: str, _memo: str | None) -> None:
    """Anything but our own address."""
    if address == HOT:
        raise BadInput("destination", "is our own", "give the customer's")


def _usd(text: str) -> Money:
    return Money(int(Decimal(text).scaleb(2)), USD)
