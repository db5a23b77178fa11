"""
Names to addresses, with an end: the system's resolver may think for half a minute, a webhook may not.

A look-up that is given up goes on in its thread; there are few of these, so that they cannot pile up.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from ipaddress import ip_address
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
        self._threads = ThreadPoolExecutor(THREADS, "resolve")

    def addresses(self, host: str, port: int, seconds: float) -> list[Address]:
        """
        Every address of a host, in the order in which they should be tried.

        Raises:
            Unresolved: there is none, or none was found in time.
        """
        try:
            texts = self._threads.submit(self._look_up, host, port).result(timeout=seconds)
            found = list(dict.fromkeys(ip_address(text) for text in texts))
        except TooSlow:
            raise Unresolved(f"the name {host} could not be resolved in time") from None
        except (OSError, UnicodeError, ValueError):
            raise Unresolved(f"the name {host} could not be resolved") from None
        if not 0 < len(found) <= ADDRESSES_MAX:
            raise Unresolved(f"the name {host} has {len(found)} addresses")
        return found
