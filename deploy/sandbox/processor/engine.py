"""The swap engine: quotes, orders, and each order's way from its deposit to its payout.

It moves by `step`, one stage an order at a time, on what the chains show. A payout or a return is asked
of the back end once: what fails in an unknown way is held for a person, never tried again blindly.
"""

from __future__ import annotations

import queue
import secrets
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from deploy.sandbox.processor.backend import Deposit, NotNow, Till, Vault
from deploy.sandbox.processor.coin import COINS, MONERO, Coin
from deploy.sandbox.processor.faults import HOLLOW_ADDRESS, Faults, check_order_fault
from deploy.sandbox.processor.order import QUIET, Order, Rate, Shown, Stage
from deploy.sandbox.processor.policy import Policy
from deploy.sandbox.processor.prices import Prices
from deploy.sandbox.processor.showing import show

_Act = Callable[[Order], None]
RATE_SECONDS = 120
RATES_KEPT = 10_000
WINDOW_SECONDS = 20 * 60


class Refusal(Exception):
    """A definite no to a client. `kind` is what protocols map to their own error."""

    def __init__(self, kind: str, words: str, bounds: tuple[int, int] | None = None) -> None:
        super().__init__(words)
        self.kind = kind
        self.bounds = bounds
        """The least and the most, in the units that the client counted in."""


class Engine:
    """All orders of all protocols. Every method may be called from any thread."""

    def __init__(self, vault: Vault, tills: Mapping[str, Till]) -> None:
        self.vault = vault
        self.tills = dict(tills)
        self.prices = Prices()
        self.faults = Faults()
        self.policy = Policy()
        self.coins = {key: coin for key, coin in COINS.items() if coin.network in self.tills}
        self.orders: dict[str, Order] = {}
        self.rates: dict[str, Rate] = {}
        self.lock = threading.RLock()
        self.news: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        """Orders with a webhook that moved; None ends whoever tells them on."""
        self._ahead = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Let so much time pass, for the processor alone."""
        with self.lock:
            self._ahead += timedelta(seconds=seconds)

    # ------------------------------------------------------------ what clients ask

    def quote(self, processor: str, coin: Coin, *, receive: int | None = None, deposit: int | None = None) -> Rate:
        """A fixed rate for what is received, or else for what is deposited. Raises Refusal."""
        with self.lock:
            now = self.now()
            if receive is None:
                receive = self.prices.receive(processor, coin, deposit or 0)
            self.check_range(coin, receive)
            rate = Rate(
                id=secrets.token_urlsafe(9).replace("-", "x").replace("_", "y"),
                processor=processor,
                coin=coin,
                receive=receive,
                deposit=deposit or self.prices.deposit(processor, coin, receive),
                made_at=now,
                expires_at=now + timedelta(seconds=RATE_SECONDS),
            )
            self.rates[rate.id] = rate
            if len(self.rates) > RATES_KEPT:
                del self.rates[next(iter(self.rates))]
            return rate

    def check_range(self, coin: Coin, receive: int) -> None:
        least, most = self.prices.bounds(coin)
        if not least <= receive <= most:
            kind = "small" if receive < least else "big"
            raise Refusal(kind, f"{coin.coins(receive)} {coin.code} is out of range", (least, most))

    def create(
        self,
        rate: Rate,
        *,
        destination: str,
        memo: str | None,
        return_address: str,
        named: str | None = None,
        webhook: str | None = None,
        webhook_key: str | None = None,
    ) -> Order:
        """Make an order at a rate, under its own id or the one given. Raises Refusal."""
        with self.lock:
            now = self.now()
            if now >= rate.expires_at:
                raise Refusal("rate", "the rate has expired")
            if not self.tills[rate.coin.network].valid(rate.coin, destination):
                raise Refusal("destination", f"{destination} is not an address of {rate.coin.name}")
            if not self.vault.valid(return_address):
                raise Refusal("return_address", f"{return_address} is not an address of Monero")
            order = Order(
                id=named or secrets.token_hex(7),
                processor=rate.processor,
                rate_id=rate.id,
                provider=rate.provider,
                provider_id=secrets.token_hex(4),
                secret=secrets.token_hex(20),
                coin=rate.coin,
                receive=rate.receive,
                deposit=rate.deposit,
                deposit_address=self.vault.new_address(),
                destination=destination,
                memo=memo or None,
                return_address=return_address,
                webhook=webhook,
                webhook_key=webhook_key,
                created_at=now,
                updated_at=now,
                expires_at=now + timedelta(seconds=WINDOW_SECONDS),
                faults=self.faults.for_next_order(destination),
            )
            self.orders[order.id] = order
            return order

    def rate(self, rate_id: str, processor: str) -> Rate:
        """Raises Refusal where this processor never gave such a rate."""
        found = self.rates.get(rate_id)
        if found is None or found.processor != processor:
            raise Refusal("rate", f"there is no rate {rate_id}")
        return found

    def shown(self, order_id: str, processor: str, call: str = "read") -> Shown | None:
        """What this processor shows of an order; None where it has, or shows, none."""
        with self.lock:
            order = self.orders.get(order_id)
            if order is None or order.processor != processor or "vanish" in order.faults:
                return None
            return show(order, call)

    def all_shown(self, processor: str) -> list[Shown]:
        """Newest first."""
        with self.lock:
            ids = [order.id for order in self.orders.values() if order.processor == processor]
            views = [self.shown(order_id, processor, "list") for order_id in reversed(ids)]
            return [view for view in views if view is not None]

    def valid(self, coin: Coin, address: str) -> bool:
        till = self.vault if coin is MONERO else None
        return till.valid(address) if till else self.tills[coin.network].valid(coin, address)

    # ------------------------------------------------------------ what persons do

    def order(self, order_id: str) -> Order:
        """Raises ValueError in words."""
        if order_id not in self.orders:
            raise ValueError(f"no order {order_id}: there are {', '.join(self.orders) or 'none'}")
        return self.orders[order_id]

    def fault(self, kind: str, order_id: str | None = None, value: str = "", *, next_to: str | None = None) -> None:
        """Set a fault of an order, of the next one to a destination, or of the very next one. Raises ValueError."""
        check_order_fault(kind)
        with self.lock:
            if order_id is not None:
                faults = self.order(order_id).faults
            elif next_to is not None:
                faults = self.faults.next_to.setdefault(next_to, {})
            else:
                faults = self.faults.next_order
            faults[kind] = value

    def mend(self, order_id: str | None = None) -> None:
        """Take all faults off one order, or off everything."""
        with self.lock:
            for order in [self.order(order_id)] if order_id else self.orders.values():
                order.faults.clear()
            if order_id is None:
                self.faults.clear()

    def release(self, order_id: str, how: str = "pay") -> None:
        """Let a held, failed, underpaid or expired order go on: pay it, or return its deposit."""
        if how not in {"pay", "return"}:
            raise ValueError(f"an order is released to pay or to return, not {how}")
        with self.lock:
            order = self.order(order_id)
            if order.stage not in {Stage.HELD, Stage.FAILED, Stage.UNDERPAID, Stage.EXPIRED, Stage.EXCHANGING}:
                raise ValueError(f"order {order_id} is {order.stage}: nothing holds it")
            order.released, order.trouble = True, None
            for kind in ("hold", "fail", "stuck"):
                order.faults.pop(kind, None)
            order.move(Stage.CONFIRMING if how == "pay" else Stage.RETURNING, self.now())

    # ------------------------------------------------------------ what happens by itself

    def step(self) -> None:
        """Look at the chains, and take every order at most one stage on."""
        with self.lock:
            moving = [order for order in self.orders.values() if order.stage not in QUIET]
            deposits = self.vault.deposits() if moving else {}
            for order in moving:
                self._step(order, deposits.get(order.deposit_address, []))

    def settle(self, steps: int = 8) -> None:
        """Step until nothing moves, for back ends that take no time."""
        for _ in range(steps):
            self.step()

    def _step(self, order: Order, deposits: list[Deposit]) -> None:
        now, faults, was = self.now(), order.faults, order.stage
        self._count(order, deposits, now)
        match order.stage:
            case Stage.WAITING if deposits and now < order.expires_at:
                order.move(Stage.CONFIRMING, now)
            case Stage.WAITING if now >= order.expires_at or "expire" in faults:
                order.move(Stage.EXPIRED, now)
            case Stage.EXPIRED if deposits and self.policy.late != "hold":
                order.move(Stage.CONFIRMING if self.policy.late == "pay" else Stage.RETURNING, now)
            case Stage.CONFIRMING if not deposits:
                order.move(Stage.WAITING, now)
            case Stage.CONFIRMING if min(d.depth for d in deposits) >= self.policy.confirmations:
                order.move(self.policy.judge(order), now)
            case Stage.EXCHANGING if "stuck" not in faults:
                self._try(order, self._pay)
            case Stage.SENDING if self._paid(order):
                order.move(Stage.FINISHED, now)
            case Stage.RETURNING if deposits and min(d.depth for d in deposits) >= self.policy.confirmations:
                self._try(order, self._return)
        if order.webhook and order.stage is not was:
            self.news.put(order.id)

    def _count(self, order: Order, deposits: list[Deposit], now: datetime) -> None:
        order.deposited = sum(deposit.units for deposit in deposits)
        if deposits and order.deposit_txid is None:
            order.deposit_txid, order.deposited_at = deposits[0].txid, now

    def _try(self, order: Order, act: _Act) -> None:
        """Do what moves coins; whatever is not a plain "not now" needs a person."""
        try:
            act(order)
        except NotNow as waits:
            order.trouble = str(waits)
        except Exception as problem:  # noqa: BLE001  (a node may raise anything; none may lead to a second payment)
            order.trouble = f"{type(problem).__name__}: {problem}"
            order.move(Stage.HELD, self.now())

    def _pay(self, order: Order) -> None:
        faults, till = order.faults, self.tills[order.coin.network]
        units = order.receive
        if "underpay" in faults:
            units = int(units * Decimal(faults["underpay"] or "90") * Decimal("0.01"))
        address = (faults["astray"] or HOLLOW_ADDRESS) if "astray" in faults else order.destination
        if "never" not in faults:
            for _ in range(2 if "double" in faults else 1):
                order.payout_txids.append(till.pay(order.coin, address, order.memo, units))
        order.settled, order.trouble = order.receive, None
        order.move(Stage.SENDING, self.now())

    def _paid(self, order: Order) -> bool:
        till = self.tills[order.coin.network]
        return all(till.depth(txid) >= 1 for txid in order.payout_txids)

    def _return(self, order: Order) -> None:
        percent = order.faults.get("return") or self.policy.return_fee_percent
        units = int(order.deposited * (100 - Decimal(percent)) * Decimal("0.01"))
        if "claim_return" in order.faults:
            order.return_txid = secrets.token_hex(32)
        else:
            order.return_txid = self.vault.send_back(order.return_address, units)
        order.returned, order.trouble = units, None
        order.move(Stage.RETURNED, self.now())
