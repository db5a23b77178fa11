"""
Monero: the wallet whose money is paid out, through monero-wallet-rpc and monerod.

`connect` is what the composition root needs; `check_destination` is what intake needs.
"""

from __future__ import annotations

from adapters.coins.monero.address import DestinationKind, check_destination
from adapters.coins.monero.coin import MoneroCoin
from adapters.coins.monero.rpc import Rpc

__all__ = ["DestinationKind", "MoneroCoin", "Rpc", "check_destination", "connect"]


def connect(
    *,
    rpc_url: str,
    rpc_login: str | None,
    daemon_url: str,
    daemon_login: str | None = None,
    wallet_file: str,
    password: str,
    account_index: int = 0,
    priority: int = 1,
) -> MoneroCoin:
    """
    A coin from settings; nothing is asked yet. Logins are `user:password`.

    Raises:
        ValueError: an address is not http(s), or holds a login.
    """
    return MoneroCoin(
        wallet=Rpc(rpc_url, name="wallet-rpc", login=rpc_login),
        daemon=Rpc(daemon_url, name="monerod", login=daemon_login),
        wallet_file=wallet_file,
        password=password,
        account_index=account_index,
        priority=priority,
    )
