"""A swap processor that really works: Monero in, other coins out, in the protocols of four services.

Its engine runs over paper chains, for contract tests, or over real regtest nodes. It may be told to go
wrong in every way that the worker has to survive, and must never be pointed at real money.
"""

from __future__ import annotations

from deploy.sandbox.processor.coin import COINS, MONERO, Coin
from deploy.sandbox.processor.engine import Engine, Refusal
from deploy.sandbox.processor.order import Order, Stage
from deploy.sandbox.processor.paper import PaperTill, PaperVault
from deploy.sandbox.processor.policy import Policy
from deploy.sandbox.processor.server import ProcessorServer

__all__ = [
    "COINS",
    "MONERO",
    "Coin",
    "Engine",
    "Order",
    "PaperTill",
    "PaperVault",
    "Policy",
    "ProcessorServer",
    "Refusal",
    "Stage",
]
