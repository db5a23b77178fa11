"""
Which IP addresses a webhook may go to: public ones, and those that the operator allows by name of their network.

The addresses are those of IANA's registries of special purposes. IPv6 addresses that carry an IPv4 address inside
are refused as a whole: what is behind them depends on somebody's router.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from ipaddress import IPv4Network, IPv6Network

Address = IPv4Address | IPv6Address

_PUBLIC_V6 = ip_network("2000::/3")
"""All that was ever given out as global unicast; the rest of IPv6 is refused unread."""

_SPECIAL = {
    ip_network(network): what
    for network, what in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "a provider's own (CGNAT)"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved or broadcast"),
        ("2001::/23", "reserved or Teredo"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "6to4, with an IPv4 address inside"),
        ("3fff::/20", "for documentation"),
        # Refused by not being in 2000::/3; named for the words.
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::/96", "an IPv4 address in IPv6"),
        ("::ffff:0:0/96", "an IPv4 address in IPv6"),
        ("64:ff9b::/96", "NAT64, with an IPv4 address inside"),
        ("64:ff9b:1::/48", "NAT64, with an IPv4 address inside"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("ff00::/8", "multicast"),
    )
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Networks that webhooks may go to although they are not public, and there by plain HTTP too."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def of(cls, texts: Iterable[str]) -> Allowed:
        """From CIDR texts, such as "10.1.2.0/24". Raises ValueError."""
        return cls(tuple(ip_network(text) for text in texts))

    def holds(self, address: Address) -> bool:
        """The operator has named a network with this address."""
        return any(address.version == network.version and address in network for network in self.networks)

    def refused(self, address: Address) -> str | None:
        """
        What the address is, where nothing may be sent to it; None: it may. Not the address itself: who may name a
        host must not learn from our words where inside it leads.
        """
        if self.holds(address):
            return None
        what = next((what for network, what in _SPECIAL.items() if _within(address, network)), None)
        if what is None and isinstance(address, IPv6Address) and address not in _PUBLIC_V6:
            what = "reserved"
        return what


def literal(host: str) -> Address | None:
    """The address, where a host is one in plain form; None: it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


def _within(address: Address, network: IPv4Network | IPv6Network) -> bool:
    return address.version == network.version and address in network
