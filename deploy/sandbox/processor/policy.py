"""What becomes of a confirmed deposit, and of one that is not as agreed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from deploy.sandbox.processor.order import Order, Stage

FATES = (
    ("hold", Stage.HELD),
    ("fail", Stage.FAILED),
    ("return", Stage.RETURNING),
    ("claim_return", Stage.RETURNING),
)
"""Where a fault sends an order, the first of these first."""


@dataclass(slots=True, kw_only=True)
class Policy:
    """What happens to deposits that are not as agreed: pay, return or hold."""

    under: str = "return"
    over: str = "pay"
    late: str = "hold"
    return_fee_percent: Decimal = Decimal(1)
    confirmations: int = 1
    """How deep a deposit must be."""

    def judge(self, order: Order) -> Stage:
        """Where an order goes whose deposit is deep enough."""
        for kind, stage in FATES:
            if kind in order.faults:
                return stage
        if order.released or order.deposited == order.deposit:
            return Stage.EXCHANGING
        short = order.deposited < order.deposit
        wish = self.under if short else self.over
        held = Stage.UNDERPAID if short else Stage.HELD
        return {"pay": Stage.EXCHANGING, "return": Stage.RETURNING}.get(wish, held)
