"""A real Monero regtest network and a rate server on loopback, for the demo, tests and first steps.

Everything listens on 127.0.0.1 on free ports, keeps its state in one folder, and is stopped by the
process ids that it recorded itself. Nothing here may ever be pointed at a wallet with real money.
"""

from __future__ import annotations

from deploy.sandbox.daemon import BURN, Daemon
from deploy.sandbox.miner import Miner
from deploy.sandbox.network import Network
from deploy.sandbox.proxy import Fault, LossyProxy
from deploy.sandbox.rate_server import RateServer
from deploy.sandbox.rpc import RpcError
from deploy.sandbox.wallet import Customer, WalletRpc

XMR = 10**12
"""One XMR in piconero, the unit of every amount here."""

__all__ = [
    "BURN",
    "XMR",
    "Customer",
    "Daemon",
    "Fault",
    "LossyProxy",
    "Miner",
    "Network",
    "RateServer",
    "RpcError",
    "WalletRpc",
]
