"""
What every coin must do. A subclass gives the fixture `world`: a wallet, its node, and customers.

The in-memory coin passes the same tests as the real wallet, or the simulator proves nothing.
"""

from __future__ import annotations

from tests.contracts.coin.following import FollowingContract
from tests.contracts.coin.preparing import PreparingContract
from tests.contracts.coin.receiving import ReceivingContract
from tests.contracts.coin.trouble import TroubleContract
from tests.contracts.coin.world import COIN, CoinWorld, committed, knows, look, pay

__all__ = ["COIN", "CoinContract", "CoinWorld", "committed", "knows", "look", "pay"]


class CoinContract(PreparingContract, FollowingContract, ReceivingContract, TroubleContract):
    """The whole of it."""
