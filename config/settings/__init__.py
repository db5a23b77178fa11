"""
Settings: what payout.toml says, checked whole before anything starts.

Every problem is reported at once, by name and line. A setting that cannot be trusted never gets a
guessed value.
"""

from __future__ import annotations

from config.settings.load import find_file, load
from config.settings.model import (
    Approvals,
    ChainSettings,
    Console,
    Database,
    Instance,
    Logs,
    ProcessorSettings,
    Rates,
    RateSource,
    Settings,
    SwapSettings,
    WalletSettings,
    Worker,
)
from config.settings.secret import Secret

__all__ = [
    "Approvals",
    "ChainSettings",
    "Console",
    "Database",
    "Instance",
    "Logs",
    "ProcessorSettings",
    "RateSource",
    "Rates",
    "Secret",
    "Settings",
    "SwapSettings",
    "WalletSettings",
    "Worker",
    "find_file",
    "load",
]
