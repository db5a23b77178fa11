"""
Checks a Monero destination before anything is asked of the wallet.

Text with a dot or an @ never reaches the wallet, which would look it up by DNS (OpenAlias) and pay
whatever that says.
"""

from __future__ import annotations

import unicodedata
from contextlib import suppress
from enum import StrEnum
from typing import Final

from payout.errors import BadInput

FIELD: Final = "destination"
LENGTH: Final = 95
LENGTH_INTEGRATED: Final = 106
SHOWN_MAX: Final = 20
_REMEDY: Final = "give the 95 or 106 characters of a Monero address, copied whole"
_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_DIGITS: Final = {char: digit for digit, char in enumerate(_ALPHABET)}
_BLOCK: Final = 11
_BLOCK_BYTES: Final = {11: 8, 7: 5}
"""By its characters; 7 are the last ones of every address."""
_CHECKSUM_BYTES: Final = 4
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
    kind, found = _decoded(text)
    # A regtest chain (fakechain) uses the main network's addresses.
    wanted = "mainnet" if network == "fakechain" else network
    if found != wanted:
        problem = f"is an address of {found}, and this wallet is on {network}"
        raise BadInput(FIELD, problem, f"ask for an address of {wanted}")
    return kind


def base_address(text: str) -> str:
    """The address without its payment id; other text as it is."""
    if len(text) != LENGTH_INTEGRATED:
        return text
    from monero.address import IntegratedAddress

    try:
        return str(IntegratedAddress(text).base_address())
    except (ValueError, IndexError, TypeError):
        return text


def is_plain(text: str) -> bool:
    """Of a shape that no wallet takes for a name to look up."""
    return len(text) in {LENGTH, LENGTH_INTEGRATED} and _DIGITS.keys() >= set(text)


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
    wrong = sorted(set(text) - _DIGITS.keys())
    return f"contains {wrong[0]!a}, which no address does" if wrong else None


def _decoded(text: str) -> tuple[DestinationKind, str]:
    """
    What kind of address it is, and of which network. The library's own reading takes twenty times as long.

    Raises:
        BadInput: its checksum is wrong, or no address of this length begins so.
    """
    # Imported late: it loads a cryptography library, and most commands never need it.
    from monero import const
    from monero.keccak import keccak_256

    firsts = {DestinationKind.INTEGRATED: const.INTADDRR_NETBYTES}
    if len(text) == LENGTH:
        firsts = {
            DestinationKind.STANDARD: const.MASTERADDR_NETBYTES,
            DestinationKind.SUBADDRESS: const.SUBADDR_NETBYTES,
        }
    with suppress(OverflowError):
        raw = b"".join(_bytes(text[at : at + _BLOCK]) for at in range(0, len(text), _BLOCK))
        body, checksum = raw[:-_CHECKSUM_BYTES], raw[-_CHECKSUM_BYTES:]
        if keccak_256(body).digest()[:_CHECKSUM_BYTES] == checksum:
            for kind, bytes_ in firsts.items():
                if raw[0] in bytes_:
                    return kind, _NETWORKS[const.NETS[bytes_.index(raw[0])]]
    raise BadInput(FIELD, f"has a wrong checksum, so a character is wrong: {_shown(text)}", _REMEDY)


def _bytes(block: str) -> bytes:
    """Of one block of base58. Raises OverflowError: it is more than these bytes hold, so no spelling of any."""
    number = 0
    for char in block:
        number = number * len(_DIGITS) + _DIGITS[char]
    return number.to_bytes(_BLOCK_BYTES[len(block)])


def _shown(text: str) -> str:
    cut = text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."
    return ascii(cut)
