"""
The Processor port in memory: a swap service with prices of its own, whose orders a test or the simulator moves.

It pays nobody by itself: `set` says what it claims of an order, and whoever plays the world makes it true or not.

    service = SwapService("alpha", clock, prices={"XMR": Decimal(160), "BTC": Decimal(60000)})
    service.faults = ...         a hook that every call passes (see ProcessorFaults)
    service.script["create"] = [RailUnavailable("down"), Outcome.LOST]     what the next calls meet, in this order
    service.twist = lambda call, said: replace(said, destination="a thief")     what it says instead of the truth
    service.set(processor_id, Stage.SETTLED, settle_txids=("...",))
    MemoryProcessor(service)     the port; make one for each process: its lists are its own, orders are the service's
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from payout.asset import XMR, Asset
from payout.errors import AmountOutOfRange, OrderMissing, OrderRefused, OrderUnknown, RailUnavailable
from payout.money import Money
from payout.order import Said, Stage
from payout.swaps.offer import Offer, rounded_down, spend_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from payout.order import Order
    from payout.ports import Clock

T = TypeVar("T")

HINT_HEADER = "x-hint-key"


class Outcome(StrEnum):
    """What becomes of a call."""

    DONE = "done"
    LOST = "lost"  # it is done, and its answer never arrives
    NEVER = "never"  # it is not done, and the caller cannot know


class ProcessorFaults(Protocol):
    """The hook. `point` is `processor.<method>`; None means DONE."""

    def at(self, point: str, *, before: bool) -> Outcome | None:
        """Called on both sides of each call; may raise what the call may raise, or a crash of the caller."""
        ...


class NoProcessorFaults:
    """A service in which every call works."""

    def at(self, point: str, *, before: bool) -> Outcome | None:
        """Nothing breaks."""
        return None


@dataclass(slots=True)
class Made:
    """An order as the service has it."""

    said: Said
    asset: Asset
    made_at: datetime


@dataclass
class SwapService:
    """One service. Everything that outlives a process of ours is here."""

    name: str
    clock: Clock
    prices: Mapping[str, Decimal]
    """USD a coin, by asset code, the deposit's included: its own prices, not ours."""
    spread: Decimal = Decimal(1)
    """Percent that it takes."""
    coin: Asset = XMR
    life: timedelta = timedelta(minutes=20)
    offer_life: timedelta = timedelta(minutes=1)
    decimals_max: int = 8
    can_find: bool = True
    unlisted: dict[tuple[str, str], str] = field(default_factory=dict)
    """Assets that its lists refuse, and why."""
    memo_assets: set[tuple[str, str]] = field(default_factory=set)
    least: dict[tuple[str, str], Money] = field(default_factory=dict)
    most: dict[tuple[str, str], Money] = field(default_factory=dict)
    hint_key: str = "a webhook's key"
    orders: dict[str, Made] = field(default_factory=dict)
    made: int = 0
    """How many orders it ever made; it may have forgotten some."""
    calls: list[str] = field(default_factory=list)
    script: dict[str, list[Exception | Outcome]] = field(default_factory=dict)
    faults: ProcessorFaults = field(default_factory=NoProcessorFaults)
    twist: Callable[[str, Said], Said] = field(default=lambda _call, said: said)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def set(self, processor_id: str, stage: Stage, **facts: Any) -> None:
        """What it says of an order from now on."""
        with self.lock:
            made = self.orders[processor_id]
            facts.setdefault("status_text", stage.value)
            made.said = replace(made.said, stage=stage, **facts)

    def forget(self, processor_id: str) -> None:
        """It does not know the order any more."""
        with self.lock:
            del self.orders[processor_id]

    def deposit_for(self, receive: Money) -> Money:
        """Its price, rounded up to a unit."""
        worth = receive.decimal * self.prices[receive.asset.code]
        return spend_limit(worth, self.prices[self.coin.code], self.coin, self.spread) + Money(1, self.coin)


class MemoryProcessor:
    """The port, as one process has it."""

    def __init__(self, service: SwapService) -> None:
        self._service = service
        self._lists_read = False

    @property
    def name(self) -> str:
        return self._service.name

    @property
    def decimals_max(self) -> int:
        return self._service.decimals_max

    def refresh(self) -> None:
        """Read its lists."""
        self._call("refresh", lambda: None)
        self._lists_read = True

    def refusal(self, asset: Asset) -> str | None:
        """By its lists, and its price for it."""
        if not self._lists_read:
            return "its lists were not read yet"
        if asset.code not in self._service.prices:
            return f"it does not list {asset.code} on {asset.network}"
        return self._service.unlisted.get(asset.key)

    def memo_needed(self, asset: Asset) -> bool:
        return asset.key in self._service.memo_assets

    def quote(self, receive: Money) -> Offer:
        """Raises AmountOutOfRange, OrderRefused."""
        return self._call("quote", lambda: self._offer(receive))

    def create(self, order: Order, offer: Offer) -> Said:
        """Raises OrderUnknown where a fault says so, and what a script says."""
        return self._twisted("create", self._call("create", lambda: self._made(order, offer)))

    def read(self, processor_id: str, secret: str | None, asset: Asset) -> Said:
        """Raises OrderMissing."""
        return self._twisted("read", self._call("read", lambda: self._said(processor_id, asset)))

    def find(self, order: Order, since: datetime) -> tuple[Said, ...]:
        """By destination and amount."""
        found = self._call("find", lambda: self._found(order, since))
        return tuple(self._twisted("find", said) for said in found)

    def hint(self, headers: Mapping[str, str], body: bytes) -> str | None:
        """The body names the order; the header holds the key."""
        lower = {name.lower(): value for name, value in headers.items()}
        return body.decode() if lower.get(HINT_HEADER) == self._service.hint_key else None

    # ------------------------------------------------------------ the service's side

    def _call(self, name: str, deed: Callable[[], T]) -> T:
        """One call, as the hook and the script let it go."""
        service = self._service
        with service.lock:
            service.calls.append(name)
            outcome = service.faults.at(f"processor.{name}", before=True)
            planned = service.script.get(name)
            step = planned.pop(0) if planned else outcome
            if isinstance(step, Exception):
                raise step
            if step is Outcome.NEVER:
                raise self._lost(name)
            answer = deed()
            service.faults.at(f"processor.{name}", before=False)
            if step is Outcome.LOST:
                raise self._lost(name)
            return answer

    def _lost(self, name: str) -> Exception:
        """Only a creating call leaves something behind."""
        words = f"{self.name}: no whole answer"
        return OrderUnknown(words) if name == "create" else RailUnavailable(words)

    def _twisted(self, name: str, said: Said) -> Said:
        return self._service.twist(name, said)

    def _offer(self, receive: Money) -> Offer:
        refusal = self.refusal(receive.asset)
        if refusal is not None:
            raise OrderRefused(refusal)
        if rounded_down(receive, self.decimals_max) != receive:
            raise OrderRefused(f"it takes at most {self.decimals_max} decimals")
        least, most = self._service.least.get(receive.asset.key), self._service.most.get(receive.asset.key)
        if (least is not None and receive < least) or (most is not None and receive > most):
            bounds = [None if bound is None else f"{bound} {bound.asset.code}" for bound in (least, most)]
            raise AmountOutOfRange("the amount is out of its range", *bounds)
        now = self._service.clock.now()
        return Offer(
            processor=self.name,
            receive=receive,
            deposit=self._service.deposit_for(receive),
            ref=f"{self.name}-offer-{len(self._service.calls)}",
            expires_at=now + self._service.offer_life,
        )

    def _made(self, order: Order, offer: Offer) -> Said:
        service, now = self._service, self._service.clock.now()
        service.made += 1
        number = service.made
        said = Said(
            processor_id=f"{self.name}-{number}",
            stage=Stage.AWAITING_DEPOSIT,
            status_text="waiting",
            deposit_address=f"deposit-{self.name}-{number}",
            deposit=offer.deposit,
            destination=order.destination,
            memo=order.memo,
            receive=order.receive,
            return_address=order.return_address,
            expires_at=now + service.life,
            support_url=f"https://{self.name}.example/support",
        )
        service.orders[said.processor_id] = Made(said=said, asset=order.receive.asset, made_at=now)
        return replace(said, secret=f"secret of {said.processor_id}")

    def _said(self, processor_id: str, asset: Asset) -> Said:
        made = self._service.orders.get(processor_id)
        if made is None or made.asset != asset:
            raise OrderMissing(f"{self.name} knows no order {processor_id}")
        self._expire(made)
        return made.said

    def _expire(self, made: Made) -> None:
        end = made.said.expires_at
        if made.said.stage is Stage.AWAITING_DEPOSIT and end is not None and self._service.clock.now() >= end:
            made.said = replace(made.said, stage=Stage.EXPIRED, status_text="expired")

    def _found(self, order: Order, since: datetime) -> tuple[Said, ...]:
        if not self._service.can_find:
            return ()
        wanted = (order.destination, order.receive)
        return tuple(
            made.said
            for made in self._service.orders.values()
            if made.made_at >= since and (made.said.destination, made.said.receive) == wanted
        )
