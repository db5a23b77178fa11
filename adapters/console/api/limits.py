"""Rate limits: token buckets in this process, one a name. Forgetting one only gives a caller a full bucket again."""

from __future__ import annotations

import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BUCKETS_MAX: Final = 10_000
MINUTE: Final = 60
DAY: Final = 86_400
HOME_BITS: Final = 64
"""Of an IPv6 address: one household has as many addresses as it likes behind them."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class TokenBuckets:
    """So many a minute for each name, or in so many seconds; as many may come at once."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic, *, seconds: int = MINUTE) -> None:
        self._most = most
        self._seconds = seconds
        self._now = now
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, name: str) -> int:
        """Takes a token: 0, or in how many seconds there will be one."""
        now = self._now()
        bucket = self._buckets.pop(name, None) or _Bucket(tokens=float(self._most), at=now)
        # At the end: the one that was used longest ago is forgotten first.
        self._buckets[name] = bucket
        if len(self._buckets) > BUCKETS_MAX:
            self._buckets.popitem(last=False)
        gained = max(0.0, now - bucket.at) * self._most / self._seconds
        bucket.tokens, bucket.at = min(float(self._most), bucket.tokens + gained), now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0
        return max(1, math.ceil((1 - bucket.tokens) * self._seconds / self._most))


def neighbourhood(address: str) -> str:
    """What shares a bucket: an IPv4 address, the /64 of an IPv6 one, or whatever else a proxy called it."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(found), HOME_BITS), strict=False))
