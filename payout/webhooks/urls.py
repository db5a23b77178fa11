"""
The address of an endpoint: taken apart once, here, by rules strict enough that no two readers could differ.

What is sent goes to the parts that this returns; the text itself is never handed to a library that reads it anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from payout.errors import BadInput
from payout.webhooks.addresses import literal

if TYPE_CHECKING:
    from payout.webhooks.addresses import Allowed

URL_CHARS_MAX = 2000
HOST_CHARS_MAX = 253
PORT_MAX = 65535
PORT_FREE = 1024
"""Below it live mail, name servers and the like, which a POST might be mistaken by."""
PORTS = {"https": 443, "http": 80}

_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^\s?#\\]*)?(?:\?(?P<query>[^\s#\\]*))?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_REMEDY = "give an address such as https://shop.example/webhooks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address, taken apart."""

    scheme: str
    host: str
    """A DNS name, in small letters, or an IP address without brackets."""
    port: int
    path: str
    """With the query."""

    @property
    def secure(self) -> bool:
        """By TLS."""
        return self.scheme == "https"


def read_url(url: str, allowed: Allowed) -> Target:
    """
    Take an address apart.

    Raises:
        BadInput: it is no address that a webhook may have. Where its name leads is not known yet.
    """
    if len(url) > URL_CHARS_MAX:
        raise _bad(f"is longer than {URL_CHARS_MAX} characters")
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise _bad("holds a login", "put a secret into the path, or check the signature instead")
    if not url.isascii() or not url.isprintable():
        raise _bad(
            "holds a character that an address cannot have", "write names in their xn-- form, and %20 for spaces"
        )
    found = _URL.fullmatch(url)
    if found is None:
        raise _bad("is not an address that begins with https:// and has no fragment")
    scheme, host = found["scheme"].lower(), found["host"].lower()
    port = int(found["port"]) if found["port"] else PORTS[scheme]
    query = f"?{found['query']}" if found["query"] else ""
    target = Target(scheme=scheme, host=host.strip("[]"), port=port, path=(found["path"] or "/") + query)
    _check_port(port)
    _check_host(host, target, allowed)
    return target


def _check_port(port: int) -> None:
    if port not in PORTS.values() and not PORT_FREE <= port <= PORT_MAX:
        raise _bad(f"has the port {port}", f"use 443, 80, or one from {PORT_FREE} to {PORT_MAX}")


def _check_host(host: str, target: Target, allowed: Allowed) -> None:
    address = literal(target.host)
    if address is None:
        _check_name(host)
        if not target.secure and not allowed.networks:
            raise _bad("is not encrypted", "use https://, or name its network in [webhooks] allow_private")
        return
    why = allowed.refused(address)
    if why is not None:
        raise _bad(f"leads to an address that is not public ({why})", "name its network in [webhooks] allow_private")
    if not target.secure and not allowed.holds(address):
        raise _bad("is not encrypted", "use https://, or name its network in [webhooks] allow_private")


def _check_name(host: str) -> None:
    """Also refuses every old spelling of an IPv4 address: 2130706433, 0x7f.1, 0177.0.0.1, 127.1."""
    labels = host.split(".")
    if host.startswith("[") or _NUMBER.fullmatch(labels[-1]):
        raise _bad("names an IP address in an unusual way", "write it plainly, such as 198.51.100.7")
    if len(host) > HOST_CHARS_MAX or not all(_LABEL.fullmatch(label) for label in labels):
        raise _bad("has a host that is not a name of DNS", "check its labels, and leave out a dot at its end")


def _bad(problem: str, remedy: str = _REMEDY) -> BadInput:
    """The address itself is not quoted: its path may hold somebody's secret."""
    return BadInput("url", problem, remedy)
