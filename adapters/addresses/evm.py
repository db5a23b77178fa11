"""
Ethereum and its like: 0x and 40 hexadecimal digits.

An address in mixed case carries a checksum (EIP-55), which must be right. One in small letters or capitals only has
none, so nothing can be said of a mistyped digit.
"""

from __future__ import annotations

import re
from typing import Final

from adapters.addresses.decoded import Decoded, NotAnAddress

SHAPE: Final = re.compile(r"0x[0-9a-fA-F]{40}")
RESERVED_MAX: Final = 0xFFFF
"""Up to here: the zero address, the contracts that are part of the chain itself, and the burner 0x..dead."""

BURNERS: Final = frozenset(
    bytes.fromhex(digits)
    for digits in (
        "dead000000000000000042069420694206942069",
        "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",  # what contracts write where they mean ether itself
        "ffffffffffffffffffffffffffffffffffffffff",
    )
)


def decode(text: str) -> Decoded:
    """Raises NotAnAddress."""
    if not SHAPE.fullmatch(text):
        raise NotAnAddress("is not 0x and 40 hexadecimal digits", own_words=text.lower().startswith("0x"))
    digits = text[2:]
    if digits not in {digits.lower(), digits.upper()} and not _checksum_is_right(text):
        raise NotAnAddress("has a wrong checksum (EIP-55), so a character is wrong or its case", own_words=True)
    payload = bytes.fromhex(digits)
    return Decoded(payload=payload, burnt=_burnt(payload))


def _checksum_is_right(text: str) -> bool:
    from bip_utils import EthAddrDecoder

    try:
        EthAddrDecoder.DecodeAddr(text)
    except ValueError:
        return False
    return True


def _burnt(payload: bytes) -> str:
    number = int.from_bytes(payload, "big")
    if number == 0:
        return "the zero address"
    return "an address that nobody has the key of" if number <= RESERVED_MAX or payload in BURNERS else ""
