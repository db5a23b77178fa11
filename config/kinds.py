"""
What of the outside this program knows, by the words of the settings. Apart from its code, which takes long to import.

A new one stands here and in the table that makes it: `config/wiring.py`, `rate_feeds.py`, `processor_kinds.py` or
`chain_kinds.py`.
"""

from __future__ import annotations

from typing import Final

WALLETS: Final[tuple[str, ...]] = ("monero",)
SOURCES: Final[tuple[str, ...]] = ("bitfinex", "coinbase", "coingecko", "kraken", "kucoin")
PROCESSORS: Final[tuple[str, ...]] = ("changenow", "exolix", "stealthex", "trocador")
CHAINS: Final[tuple[str, ...]] = ("evm", "esplora", "bitcoind", "tron", "solana")
