"""The commands, one noun a file. Each adds its grammar, and imports what it needs when it runs."""

from __future__ import annotations

from config.commands import (
    console,
    doctor,
    init,
    ledger,
    orders,
    pause,
    processors,
    proof,
    rates,
    reconcile,
    refunds,
    run,
    status,
    transfers,
    wallets,
)
from config.parser import Commands


def add_all(commands: Commands) -> None:
    """Every command, in the order in which a newcomer meets them."""
    for module in (
        *(init, doctor, run, pause, status, wallets, rates),
        *(refunds, transfers, orders, processors, proof, reconcile, ledger, console),
    ):
        module.add(commands)
