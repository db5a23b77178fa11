"""
Names to addresses, with an end: the system's resolver may think for half a minute, a webhook may not.

A look-up that is given up goes on in its thread, which ends with the process; there are few of them, so that they
cannot pile up.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import Final

from payout.webhooks.addresses import Address

THREADS: Final = 16
ADDRESSES_MAX: Final = 8
"""Of one name. Whoever has more has something else in mind."""

LookUp = Callable[[str, int], list[str]]
"""All addresses of a name, as text; the port is a hint for the system's resolver. Raises OSError."""


class Unresolved(Exception):
    """The name leads nowhere, in words."""


def system_look_up(host: str, port: int) -> list[str]:
    """By the resolver of this machine."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


class Resolver:
    """Asks once for each call, and remembers nothing."""

    def __init__(self, look_up: LookUp = system_look_up) -> None:
        self._look_up = look_up
        self._free = threading.Semaphore(THREADS)

    def addresses(self, host: str, port: int, seconds: float) -> list[Address]:
        """
        Every address of a host, in the order in which they should be tried.

        Raises:
            Unresolved: there is none, or none was found in time.
        """
        ends_at = time.monotonic() + seconds
        found: SimpleQueue[list[Address]] = SimpleQueue()
        if not self._free.acquire(timeout=seconds):
            raise Unresolved(f"the name {host} could not be resolved in time")
        threading.Thread(target=self._ask, args=(host, port, found), name="resolve", daemon=True).start()
        try:
            addresses = found.get(timeout=max(0.0, ends_at - time.monotonic()))
        except Empty:
            raise Unresolved(f"the name {host} could not be resolved in time") from None
        if not addresses:
            raise Unresolved(f"the name {host} could not be resolved")
        if len(addresses) > ADDRESSES_MAX:
            raise Unresolved(f"the name {host} has more than {ADDRESSES_MAX} addresses")
        return addresses

    def _ask(self, host: str, port: int, found: SimpleQueue[list[Address]]) -> None:
        addresses: list[Address] = []
        try:
            with suppress(OSError, UnicodeError, ValueError):
                addresses = list(dict.fromkeys(ip_address(text) for text in self._look_up(host, port)))
        finally:
            found.put(addresses)
            self._free.release()
