"""Tron: base58check of 0x41 and 20 bytes, beginning with T."""

from __future__ import annotations

from typing import Final

from adapters.addresses.decoded import CHECKSUM, Decoded, NotAnAddress

BLACK_HOLE: Final = "TLsV52sRDL79HXGGm9yzwKibb6BeruhUzy"
"""Where Tron's own fees are burnt."""

RESERVED_MAX: Final = 0xFFFFFFFF
"""The zero address and the contracts that are part of the chain itself."""


def decode(text: str) -> Decoded:
    """Raises NotAnAddress."""
    from bip_utils import Base58ChecksumError, TrxAddrDecoder

    try:
        payload = bytes(TrxAddrDecoder.DecodeAddr(text))
    except (ValueError, Base58ChecksumError):
        raise NotAnAddress(CHECKSUM) from None
    reserved = int.from_bytes(payload, "big") <= RESERVED_MAX
    burnt = "an address that nobody has the key of" if reserved or text == BLACK_HOLE else ""
    return Decoded(payload=payload, burnt=burnt)
