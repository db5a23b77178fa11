"""The limits of payout.toml, and whether one refund is within them and the people file's caps. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.errors import LimitReached

if TYPE_CHECKING:
    from payout.approval import Caps
    from payout.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Ceilings in USD. What leaves in a day is counted by `payout/caps.py`."""

    refund_min: Money
    refund_max: Money
    day_max: Money

    def check_refund(self, owed: Money, caps: Caps) -> None:
        """
        Refuse what is below the least or above the most that one refund may be, by these limits or by the caps.

        Raises:
            LimitReached: says which limit or cap.
        """
        if owed < self.refund_min:
            raise LimitReached(
                f"{owed} USD is below limits.refund_min_usd = {self.refund_min}: credit it instead, or lower the limit"
            )
        if owed > self.refund_max:
            raise LimitReached(
                f"{owed} USD is above limits.refund_max_usd = {self.refund_max}: "
                "split it with the merchant's consent, or raise the limit"
            )
        if caps.refund is not None and owed > caps.refund:
            raise LimitReached(
                f"{owed} USD is above caps.refund_usd = {caps.refund} in the people file: "
                "split it with the merchant's consent, or raise the cap"
            )
