"""
Settings: what payout.toml says, checked whole before anything starts.

Every problem is reported at once, by name and line. A setting that cannot be trusted never gets a
guessed value.
"""

from __future__ import annotations

from config.settings.load import find_file, load
from config.settings.model import (
    Alarms,
    Approvals,
    Audit,
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
    Webhooks,
    Worker,
)
from config.settings.secret import Secret

__all__ = [
    "Alarms",
    "Approvals",
    "Audit",
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
    "Webhooks",
    "Worker",
    "find_file",
    "load",
]
