"""Installations with processors, and orders in every state, for the tests of the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from config.settings import load
from config.wiring import House
from deploy.sandbox.processor import ProcessorServer
from deploy.sandbox.rate_server import RateServer
from payout.asset import Asset
from payout.change import Change
from payout.money import Money
from payout.order import Order, OrderStatus, Stage
from payout.refund import Refund
from tests.canary import secret
from tests.config.line import Line
from tests.factories import answered, make_approved, make_attempt, make_funding, make_order

SOURCES = ("kraken", "coingecko", "bitfinex", "kucoin")
USDT = Asset(code="USDT", network="tron", decimals=6)
TRON = "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"
SECRET = "correct horse"
SETTLING = "9f2c" * 16


def with_rates(line: Line, server: RateServer) -> Line:
    line.extend(f"[rates]\nsources = {list(SOURCES)}\n".replace("'", '"'))
    for name in SOURCES:
        line.extend(f'[rates.{name}]\nurl = "{server.base_url(name)}"\n')
    return line


def with_processors(line: Line, names: Iterable[str], server: ProcessorServer | None = None, more: str = "") -> Line:
    """Each with the sandbox's key; without a server, at an address where nobody answers."""
    key = line.folder / "key"
    key.write_text(server.api_key if server else secret("processor key"))
    key.chmod(0o600)
    for name in names:
        url = server.base_url(name) if server else "http://127.0.0.1:9"
        line.extend(f'[processors.{name}]\napi_key_file = "key"\nurl = "{url}"\n')
    line.extend(more)
    return line


class Swap:
    """One refund in USDT whose order a test moves on, in the installation's own database."""

    def __init__(self, line: Line, external_id: str = "E-1", processor: str = "changenow", **changes: Any) -> None:
        self.line = line
        self.refund: Refund = make_approved(external_id, asset=USDT, destination=TRON)
        self.order: Order = make_order(self.refund, processor=processor, asked_at=now(), **changes)
        with line.store() as store:
            store.commit(Change(refunds=(self.refund,), orders=(self.order,)))

    def made(self, **changes: Any) -> Swap:
        """Its processor has answered, and gave a secret with it."""
        house = House(load(self.line.file))
        sealed = house.sealer.seal_text(SECRET)
        facts = {"sealed_secret": sealed, "support_url": "https://help.example", "expires_at": now() + HOUR}
        return self._write(answered(self.order, **{**facts, **changes}))

    def funded(self, *, ago: timedelta = timedelta(0), processor_id: str | None = None, **changes: Any) -> Swap:
        """Its deposit is paid by a committed transfer, whose proof is saved."""
        self.made(**({"processor_id": processor_id} if processor_id else {}))
        transfer = make_funding(f"F {self.order.id}", self.order)
        paying = replace(self.refund.open_attempt(), version=self.refund.version + 1)
        attempt = make_attempt(
            paying,
            transfer,
            amount=self.order.receive,
            order_id=self.order.id,
            deposit_address=self.order.deposit_address,
            proof="OutProofV2 of the deposit",
        )
        at = now() - ago
        funded = self.order.to(
            OrderStatus.FUNDED, transfer_id=transfer.id, funded_at=at, **{"stage": Stage.EXCHANGING, **changes}
        )
        with self.line.store() as store:
            store.commit(Change(refunds=(paying,), transfers=(transfer,), orders=(funded,), attempts=(attempt,)))
        self.refund, self.order = paying, funded
        return self

    def to(self, status: OrderStatus, **changes: Any) -> Swap:
        return self._write(self.order.to(status, **changes))

    def _write(self, order: Order) -> Swap:
        with self.line.store() as store:
            store.commit(Change(orders=(order,)))
        self.order = order
        return self


HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


def usdt(units: int) -> Money:
    return Money(units, USDT)
