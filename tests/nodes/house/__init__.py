"""
An installation of the product on a sandbox network: its configuration, keys, database, command line and daemons.

Tests speak to it as people do (`cli`, `daemon`), or tick by tick in this process (`hands`). Nothing here helps the
product along: what it does to money it does through the shipped parts.
"""

from __future__ import annotations

from tests.nodes.house.daemon import DaemonProcess
from tests.nodes.house.ground import PATIENCE_SECONDS, off_curve_address, quiet, replenish, restore, until
from tests.nodes.house.hands import Hands
from tests.nodes.house.installation import LEASE_SECONDS, Installation, Owed

__all__ = [
    "LEASE_SECONDS",
    "PATIENCE_SECONDS",
    "DaemonProcess",
    "Hands",
    "Installation",
    "Owed",
    "off_curve_address",
    "quiet",
    "replenish",
    "restore",
    "until",
]
