"""A worker in this process, which ticks when the test says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from config.settings import load
from config.wiring import House
from payout.ports import Clock
from payout.refund import RefundStatus
from payout.wallet import Wallet
from payout.worker import WalletWorker

if TYPE_CHECKING:
    from tests.nodes.house.installation import Installation, Owed

CODES: Final = frozenset({"XMR", "USDT"})
LEASE: Final = timedelta(minutes=1)


class Hands:
    """What the daemon's ticks do, when the test says so."""

    def __init__(self, installation: Installation, name: str, *, clock: Clock | None = None, **ports: Any) -> None:
        self.installation = installation
        self.parts = House(load(installation.config), clock)
        self.wallet: Wallet = replace(self.parts.wallet("hot"), **ports)
        self.worker = WalletWorker(self.wallet, name, LEASE)

    def rates(self) -> None:
        self.parts.poller.tick(CODES)

    def pay(self) -> None:
        self.rates()
        self.worker.pay()

    def track(self) -> None:
        self.worker.track()

    def settle(self, *owed: Owed, rounds: int = 15) -> None:
        """Mine, track and pay until these are PAID."""
        for _ in range(rounds):
            if all(self.installation.refund(each).status is RefundStatus.PAID for each in owed):
                return
            self.installation.network.mine(self.wallet.rules.confirmations)
            self.track()
            self.pay()
        said = {each.external_id: self.installation.refund(each) for each in owed}
        raise AssertionError(f"not paid in {rounds} rounds: {said}; {self.installation.why_paused()}")
