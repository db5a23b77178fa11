"""
What a processor's live lists say of our assets.

A token counts as listed only if the list names it by the pinned contract: a ticker is anybody's. A list that names no
contracts at all says so in `Entry.contract`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from payout.asset import XMR
from payout.errors import ProcessorGarbled

Key = tuple[str, str]
"""Of an asset: its code and network."""
Contracts = Mapping[Key, str | None]
"""What is configured to be paid: the contract pinned for each token, None for a network's own coin."""

UNNAMED: Final = "(this list names no contracts)"
NATIVE: Final = frozenset(
    {
        "0x0000000000000000000000000000000000000000",
        "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
        "so11111111111111111111111111111111111111112",
        "11111111111111111111111111111111",
        "t9yd14nj9j7xab4dbgeix9h8unkkhxuwwb",
    }
)
"""What stands in the place of a contract for a network's own coin: zeros, or a stand-in, in small letters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a processor writes one asset: its ticker, and the network in one of these spellings, the usual first."""

    ticker: str
    networks: tuple[str, ...]


Wording = Callable[[Key], Words | None]
"""From an asset to its words; None for a network that this client has no word for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a processor's list."""

    ticker: str
    network: str
    contract: str | None
    memo_needed: bool = False
    payable: bool = True
    """It can be got there now, at a fixed rate."""
    takes: bool = True
    """It can be given there now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One of our assets at a processor: in its exact words, or why not."""

    words: Words
    memo_needed: bool = False
    refusal: str | None = None

    @property
    def network(self) -> str:
        return self.words.networks[0]


Listing = Mapping[Key, Listed]


def readable(rows: Any, read: Callable[[Any], Iterable[Entry]], name: str) -> list[Entry]:
    """
    The rows that can be read. One that cannot is as good as not listed, and an asset that is not listed is refused.

    Raises:
        ProcessorGarbled: none can.
    """
    found: list[Entry] = []
    for row in rows if isinstance(rows, list) else ():
        with contextlib.suppress(ProcessorGarbled):
            found += read(row)
    if not found:
        raise ProcessorGarbled(f"{name}: its list of coins is no list, or empty")
    return found


def survey(name: str, entries: Iterable[Entry], contracts: Contracts, wording: Wording) -> Listing:
    """Find Monero and each configured asset in the list."""
    by_words: dict[Key, list[Entry]] = {}
    for entry in entries:
        by_words.setdefault((entry.ticker.lower(), entry.network.lower()), []).append(entry)
    listing = {
        key: _listed(name, key, wording(key), by_words, contract)
        for key, contract in contracts.items()
        if key != XMR.key
    }
    listing[XMR.key] = _monero(name, wording(XMR.key), by_words)
    return listing


def same_contract(pinned: str | None, listed: str | None) -> bool:
    """Is this list's contract the pinned one? Only hexadecimal ones are the same in any case of letters."""
    if listed == UNNAMED:
        return True
    if pinned is None:
        return not listed or listed.lower() in NATIVE
    if listed is None:
        return False
    return pinned == listed or (pinned.startswith("0x") and pinned.lower() == listed.lower())


def _listed(
    name: str, key: Key, words: Words | None, by_words: Mapping[Key, list[Entry]], contract: str | None
) -> Listed:
    if words is None:
        nothing = Words(ticker=key[0], networks=(key[1],))
        return Listed(words=nothing, refusal=f"{name} is not known to pay {key[0]} on {key[1]}")
    found = _found(words, by_words)
    if not found:
        return Listed(words=words, refusal=f"{name} does not list {words.ticker} on {words.networks[0]}")
    exact = Words(ticker=words.ticker, networks=(found[0].network,))
    strange = [entry.contract or "none" for entry in found if not same_contract(contract, entry.contract)]
    if strange:
        why = f"{name} lists {words.ticker} with the contract {ascii(strange[0])[1:-1]}, not {contract or 'as a coin'}"
        return Listed(words=exact, refusal=f"{why}; check both before you change config/assets.toml")
    if not any(entry.payable for entry in found):
        return Listed(words=exact, refusal=f"{name} has switched {words.ticker} on {exact.networks[0]} off")
    return Listed(words=exact, memo_needed=any(entry.memo_needed for entry in found))


def _monero(name: str, words: Words | None, by_words: Mapping[Key, list[Entry]]) -> Listed:
    found = _found(words, by_words) if words else []
    if words is None or not any(entry.takes for entry in found):
        return Listed(words=words or Words(ticker="XMR", networks=("XMR",)), refusal=f"{name} takes no Monero now")
    return Listed(words=Words(ticker=words.ticker, networks=(found[0].network,)))


def _found(words: Words, by_words: Mapping[Key, list[Entry]]) -> list[Entry]:
    """The rows of the first spelling that is listed."""
    for network in words.networks:
        found = by_words.get((words.ticker.lower(), network.lower()))
        if found:
            return found
    return []
