"""What everybody knows of the networks of customers' chains, by their names and by the kinds of their nodes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

API_KEY_HEADERS: Final[Mapping[str, str]] = {"tron": "TRON-PRO-API-KEY"}
"""By kind; the services of the other kinds take their key as a part of the address."""

IDENTITIES: Final[Mapping[str, str]] = {
    "bitcoin": "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
    "litecoin": "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2",
    "dogecoin": "1a91e3dace36e2be3bf030a65679fe821aa1d6ef92e7c9902eb318182c355691",
    "tron": "00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc",
    "solana": "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d",
    "ethereum": "1",
    "optimism": "10",
    "bsc": "56",
    "polygon": "137",
    "base": "8453",
    "arbitrum": "42161",
    "avalanche": "43114",
}
"""`Node.identity` of the networks that everybody means by these names."""

TIP_AGES: Final[Mapping[str, timedelta]] = {
    "bitcoin": timedelta(hours=3),  # Once in a million blocks it takes longer than that.
    "litecoin": timedelta(hours=1),
    "dogecoin": timedelta(hours=1),
}
"""`Node.tip_age_max` where the default would call a healthy network behind."""
