"""
The desk: what a person may do to a refund, a transfer or a wallet.

The desk writes intentions and never sends. Whatever it writes is checked again by the worker that commits a payment.
"""

from __future__ import annotations

from payout.desk.approving import Approving
from payout.desk.deciding import Deciding
from payout.desk.halting import Halting
from payout.desk.sending import Sending


class Desk(Approving, Deciding, Halting, Sending):
    """Takes the acts of persons. Every act names who and, where it stops or ends something, why."""

    __slots__ = ()


__all__ = ["Desk"]
