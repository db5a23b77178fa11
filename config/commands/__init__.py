"""
The commands, one noun a file. Each adds its grammar, and imports what it needs when it runs.

Only the file of the command that was asked for is imported: together they take a quarter of a start.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Final

from config.parser import Commands

FILES: Final = {
    "init": ("init",),
    "doctor": ("doctor",),
    "run": ("run",),
    "pause": ("pause", "resume"),
    "status": ("status",),
    "wallets": ("wallets",),
    "rates": ("rates",),
    "refunds": ("refunds",),
    "users": ("users",),
    "transfers": ("transfers",),
    "orders": ("orders",),
    "processors": ("processors",),
    "proof": ("proof",),
    "reconcile": ("reconcile",),
    "ledger": ("ledger",),
    "audit": ("audit",),
    "webhooks": ("webhooks",),
    "alarms": ("alarms",),
    "api_keys": ("api-keys",),
    "console": ("console",),
}
"""The commands of each file, in the order in which a newcomer meets them."""


def add_commands(commands: Commands, argv: Sequence[str]) -> None:
    """The command that the first word names; every one, for help, where it names none."""
    first = argv[0] if argv else ""
    named = [file for file, words in FILES.items() if first in words]
    for file in named or FILES:
        import_module(f"{__name__}.{file}").add(commands)
