"""
Checks a Monero destination before anything is asked of the wallet.

Text with a dot or an @ never reaches the wallet, which would look it up by DNS (OpenAlias) and pay
whatever that says.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Any, Final

from payout.errors import BadInput

FIELD: Final = "destination"
LENGTH: Final = 95
LENGTH_INTEGRATED: Final = 106
SHOWN_MAX: Final = 20
_REMEDY: Final = "give the 95 or 106 characters of a Monero address, copied whole"
_ALPHABET: Final = frozenset("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
_NETWORKS: Final = {"main": "mainnet", "test": "testnet", "stage": "stagenet"}


class DestinationKind(StrEnum):
    """What sort of address it is."""

    STANDARD = "standard"
    SUBADDRESS = "subaddress"
    INTEGRATED = "integrated"  # carries a payment id; goes alone in a transfer


def check_destination(text: str, network: str = "mainnet") -> DestinationKind:
    """
    Say what kind of address of this network (mainnet, testnet, stagenet, fakechain) it is.

    Raises:
        BadInput: it is none; says what is wrong and what to give instead.
    """
    problem = _shape_problem(text)
    if problem is not None:
        raise BadInput(FIELD, problem, _REMEDY)
    found = _decoded(text)
    # A regtest chain (fakechain) uses the main network's addresses.
    wanted = "mainnet" if network == "fakechain" else network
    if _NETWORKS[found.net] != wanted:
        problem = f"is an address of {_NETWORKS[found.net]}, and this wallet is on {network}"
        raise BadInput(FIELD, problem, f"ask for an address of {wanted}")
    return _kind(found)


def base_address(text: str) -> str:
    """The address without its payment id; other text as it is."""
    if len(text) != LENGTH_INTEGRATED:
        return text
    try:
        return str(_decoded(text).base_address())
    except BadInput:
        return text


def is_plain(text: str) -> bool:
    """Of a shape that no wallet takes for a name to look up."""
    return len(text) in {LENGTH, LENGTH_INTEGRATED} and _ALPHABET.issuperset(text)


def _shape_problem(text: str) -> str | None:  # noqa: PLR0911  (one line a reason reads best)
    shown = _shown(text)
    if not text:
        return "is empty"
    if any(unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp"} for char in text):
        return f"contains a control character: {shown}"
    if any(char.isspace() for char in text):
        return f"contains a space: {shown}"
    if text.lower().startswith("monero:"):
        return f"is a payment link, not an address: {shown}"
    if "@" in text or "." in text:
        return f"is a name (OpenAlias), not an address: {shown}"
    if len(text) > LENGTH_INTEGRATED:
        return f"is too long for an address: {len(text)} characters"
    if len(text) not in {LENGTH, LENGTH_INTEGRATED}:
        return f"has {len(text)} characters: {shown}"
    wrong = sorted(set(text) - _ALPHABET)
    return f"contains {wrong[0]!a}, which no address does" if wrong else None


def _decoded(text: str) -> Any:
    # Imported late: it loads a cryptography library, and most commands never need it.
    from monero.address import address

    try:
        found = address(text)
        whole = repr(found) == text
    except (ValueError, IndexError, TypeError):
        whole = False
    if not whole:
        problem = f"has a wrong checksum, so a character is wrong: {_shown(text)}"
        raise BadInput(FIELD, problem, _REMEDY)
    return found


def _kind(found: Any) -> DestinationKind:
    name = type(found).__name__
    if name == "SubAddress":
        return DestinationKind.SUBADDRESS
    return DestinationKind.INTEGRATED if name == "IntegratedAddress" else DestinationKind.STANDARD


def _shown(text: str) -> str:
    cut = text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."
    return ascii(cut)
