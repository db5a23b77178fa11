"""
The ports: what the business needs from the outside, and nothing else.

Each port has a real implementation and one in `adapters/memory/`; both pass the same contract tests. The `Raises`
of a method is its contract: an implementation raises nothing else.
"""

from __future__ import annotations

from payout.ports.chain import Arrival, Chain, Expected, Finding
from payout.ports.coin import Coin, Funds, Holding, Receipt, Spend, Standing
from payout.ports.processor import Processor
from payout.ports.store import Holder, Store
from payout.ports.tools import Clock, Halts, Pricing, Sealer, Signatures, SpendJournal

__all__ = [
    "Arrival",
    "Chain",
    "Clock",
    "Coin",
    "Expected",
    "Finding",
    "Funds",
    "Halts",
    "Holder",
    "Holding",
    "Pricing",
    "Processor",
    "Receipt",
    "Sealer",
    "Signatures",
    "Spend",
    "SpendJournal",
    "Standing",
    "Store",
]
