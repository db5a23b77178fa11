"""
A Monero world in memory: a chain, a wallet on it, the Coin port, and faults to break them with.

It must stay as unhelpful as the real thing; the contract of the port runs on both.
"""

from adapters.memory.coin.chain import MemoryChain, Refusal, Tx
from adapters.memory.coin.faults import Effect, Faults, NoFaults
from adapters.memory.coin.port import MemoryCoin
from adapters.memory.coin.wallet import MemoryWallet

__all__ = [
    "Effect",
    "Faults",
    "MemoryChain",
    "MemoryCoin",
    "MemoryWallet",
    "NoFaults",
    "Refusal",
    "Tx",
]
